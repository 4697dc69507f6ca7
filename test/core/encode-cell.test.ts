import { describe, expect, it } from 'vitest';
import { decodeCell } from '../../src/core/decode-cell.js';
import { encodeCell } from '../../src/core/encode-cell.js';
import type { CellWrite } from '../../src/core/patch.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import { accountError, hold, NOW, sample } from '../support/accounts.js';

/** What stores that compare text keep: the form may never change without a way for what is stored. */
const ROWS: readonly { readonly write: CellWrite; readonly text: string }[] = [
  {
    write: { cell: 'rateLimit', value: hold(NOW, { generation: 2, rule: 'openai_429', detail: 'é' }) },
    text: '0000000002 0000000000 1772445600000 openai_429 881dcea27e7464cd {"kind":"quota","detail":"\\u00e9"}',
  },
  {
    write: { cell: 'authentication', value: hold(0, { credentialRevision: 3, rule: 'cleared', kind: 'temporary' }) },
    text: '0000000000 0000000004 0000000000000 cleared 37602f8d66eee174 {"kind":"temporary","detail":""}',
  },
  {
    write: { cell: 'errors', key: 'billing', value: accountError({ at: 5, message: 'no', link: null }) },
    text: '0000000000 0000000000 0000000000005 some_error 3d681ebad290800a {"message":"no","link":null}',
  },
  { write: { cell: 'sessionWindow.header', value: { observedAt: 7, end: NOW } }, text: '0000000000007 1772445600000' },
  { write: { cell: 'sessionWindow.status', value: { observedAt: 7, status: 'allowed' } }, text: '0000000000007 allowed' },
  { write: { cell: 'sessionWindow.predicted', value: { start: NOW } }, text: '1772445600000' },
  { write: { cell: 'usage', key: '5h', value: sample(1.02, NOW, 7) }, text: '0000000000007 01772445600001 00010201' },
  { write: { cell: 'usage', key: '5h', value: sample(null, null, 7) }, text: '0000000000007 00000000000000 00000000' },
  { write: { cell: 'usage', key: '5h', value: sample(0, 0, 7) }, text: '0000000000007 00000000000001 00000001' },
  { write: { cell: 'usage', key: '5h', value: sample(100, MAX_INSTANT, 7) }, text: '0000000000007 04102444800001 01000001' },
  {
    write: {
      cell: 'strikes',
      key: 'forbidden',
      value: {
        generation: 1,
        evidence: new Map([
          ['b', 2],
          ['a', 1],
        ]),
      },
    },
    text: '0000000001 ef29e45928564c9f [["a",1],["b",2]]',
  },
  { write: { cell: 'refreshRequestedFor', value: 0 }, text: '0000000001' },
];

const keyOf = (write: CellWrite): string => ('key' in write ? write.key : '');

describe('encodeCell and decodeCell', () => {
  it.each(ROWS)('$write.cell: $text', ({ write, text }) => {
    expect(encodeCell(write)).toBe(text);
    expect(decodeCell(write.cell, keyOf(write), text)).toEqual(write);
  });

  it.each<readonly [CellWrite['cell'], string]>([
    ['rateLimit', ''],
    ['rateLimit', '0000000002 0000000000 1772445600000 Upper 0000000000000000 {}'],
    ['rateLimit', '0000000002 0000000000 1772445600000 rule 0000000000000000 {"kind":'],
    ['errors', '0000000002 0000000000 177244560000 rule 0000000000000000 {}'],
    ['sessionWindow.header', '1772445600000'],
    ['sessionWindow.status', '1772445600000 Not allowed'],
    ['sessionWindow.predicted', 'x772445600000'],
    ['usage', '0000000000007 01772445600001 1.02'],
    ['strikes', '{"generation":0}'],
    ['refreshRequestedFor', '-000000001'],
  ])('%s: %j is no cell', (cell, text) => {
    expect(decodeCell(cell, 'billing', text)).toBeNull();
  });

  it('a key that may be none is no cell', () => {
    const text = encodeCell({ cell: 'modelRateLimits', key: 'm', value: hold(NOW) });
    expect(decodeCell('modelRateLimits', '', text)).toBeNull();
    expect(decodeCell('errors', 'unheard_of', encodeCell({ cell: 'errors', key: 'billing', value: accountError() }))).toBeNull();
    expect(decodeCell('usage', 'UPPER', '0000000000007 00000000000000 00000000')).toBeNull();
  });

  it('F44: what is out of bounds comes back within them', () => {
    expect(decodeCell('sessionWindow.predicted', '', '9999999999999')).toEqual({
      cell: 'sessionWindow.predicted',
      value: { start: MAX_INSTANT },
    });
  });
});
