import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digitsAt,
  jsonNumber,
  powerOfTen,
  readEpochMs,
  readFraction,
  readInteger,
  readPercent,
  readSeconds,
  toEpochMs,
  toFraction,
  trimBlanks,
} from '../../src/core/read-number.js';
import { MAX_INSTANT } from '../../src/core/time.js';

/** What no number reader may accept (F47-F49, F51). */
const NEVER: readonly (string | null | undefined)[] = [
  null,
  undefined,
  '',
  ' ',
  '\t',
  '.',
  '1.',
  '.5',
  '-5',
  '+5',
  '-0',
  '1e400',
  '1e3',
  'Infinity',
  'NaN',
  '120abc',
  '0x10',
  '0b1',
  '1_000',
  '1,5',
  '5, 9999',
  '１２',
  '٣',
  '1 2',
  '12\n',
  '\u00a012',
  '1.2.3',
  '85%',
  '6m0s',
  'null',
  '1'.repeat(100_000),
];

const READERS = { readSeconds, readInteger, readEpochMs, readPercent, readFraction, jsonNumber };

describe.each(Object.entries(READERS))('%s', (_, read) => {
  it.each(NEVER)('does not read %j', (text) => {
    expect(read(text)).toBeNull();
  });
});

describe('accepted numbers', () => {
  it.each<[reader: (text: string) => number | null, text: string, value: number | null]>([
    [readSeconds, '0', 0],
    [readSeconds, '2094', 2094],
    [readSeconds, '121180', 121_180],
    [readSeconds, ' 12\t', 12],
    [readSeconds, '007', 7],
    [readSeconds, '12.441', 12.441],
    [readSeconds, '999999999.999', 999_999_999.999],
    [readSeconds, '1234567890', null],
    [readSeconds, '1.2345', null],
    [readInteger, '0', 0],
    [readInteger, '999999999999999', 999_999_999_999_999],
    [readInteger, '1000000000000000', null],
    [readInteger, '10080', 10_080],
    [readInteger, '1.0', null],
    [readEpochMs, '1785518400', 1_785_518_400_000],
    [readEpochMs, '1743638400000', 1_743_638_400_000],
    [readEpochMs, ' 1785518400 ', 1_785_518_400_000],
    [readEpochMs, '4102444800', MAX_INSTANT],
    [readEpochMs, '4102444801', null],
    [readEpochMs, '4102444800001', null],
    [readEpochMs, '1785518400000000', null],
    [readEpochMs, '01785518400', null],
    [readEpochMs, '0000000000', null],
    [readEpochMs, '0', null],
    [readEpochMs, '55', null],
    [readEpochMs, '1785518400.', null],
    [readFraction, '0', 0],
    [readFraction, '0.32', 0.32],
    [readFraction, '0.29', 0.29],
    [readFraction, '1.02', 1.02],
    [readFraction, '1.7', 1.7],
    [readFraction, '0.99999', 0.9999],
    [readFraction, '0.9999999999', 1],
    [readFraction, '0.30000000000000004', 0.3],
    [readFraction, '100', 100],
    [readFraction, '100.1', null],
    [readFraction, '-0.1', null],
    [readPercent, '85.5', 0.855],
    [readPercent, '100', 1],
    [readPercent, '99.99', 0.9999],
    [readPercent, '99.999', 0.9999],
    [readPercent, '102', 1.02],
    [readPercent, '10000', 100],
    [readPercent, '10001', null],
    [jsonNumber, '1785518400', 1_785_518_400],
    [jsonNumber, '1348.7450000000', 1348.745],
    [jsonNumber, '577210.725405548', 577_210.725405548],
  ])('%o(%j) = %j', (read, text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each([
    [5, 5],
    [-1.5, -1.5],
    [Number.POSITIVE_INFINITY, null],
    [Number.NaN, null],
    [true, null],
    [{}, null],
    [[5], null],
    [1n, null],
    [{ valueOf: () => 5 }, null],
  ])('jsonNumber(%o) = %j', (value, number) => {
    expect(jsonNumber(value)).toBe(number);
  });

  it.each([
    [1_785_518_400, 1_785_518_400_000],
    [1_785_518_400.0001, 1_785_518_400_001],
    [1_785_518_400_000, 1_785_518_400_000],
    [1_785_518_400_000.5, 1_785_518_400_001],
    [999_999_999, null],
    [1_000_000_000, 1_000_000_000_000],
    [1_785_518_400_00, null],
    [1_785_518_400_000_000, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [-1_785_518_400, null],
  ])('toEpochMs(%j) = %j', (value, instant) => {
    expect(toEpochMs(value)).toBe(instant);
  });
});

describe('helpers', () => {
  it('trimBlanks takes off spaces and tabs only, and copies nothing in vain', () => {
    expect([' \ta b\t ', '\n a', '\u00a0a', '   ', ''].map(trimBlanks)).toEqual(['a b', '\n a', '\u00a0a', '', '']);
  });

  it('digitsAt and powerOfTen are NaN outside of their grammar', () => {
    expect([digitsAt('90', 0, 2), digitsAt('12', 1, 5), digitsAt('12', 1, 1), digitsAt('1:', 0, 2), digitsAt('/1', 0, 2)]).toEqual([
      90,
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
    expect([powerOfTen(0), powerOfTen(20), powerOfTen(21), powerOfTen(-1), powerOfTen(0.5)]).toEqual([1, 1e20, NaN, NaN, NaN]);
  });
});

describe('properties', () => {
  it('agree with the grammar of the specification on any text', () => {
    const nearNumbers = fc.string({ unit: fc.constantFrom(...'0123456789.. \t+-e%,x'), maxLength: 18 });
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(nearNumbers, fc.string({ unit: 'binary' })), (text) => {
        const inner = text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
        const expected = /^[0-9]{1,9}(\.[0-9]{1,3})?$/.test(inner) ? Number(inner) : null;
        if (expected !== null) accepted += 1;
        expect(readSeconds(text)).toBe(expected);
        expect(readInteger(text)).toBe(/^[0-9]{1,15}$/.test(inner) ? Number(inner) : null);
        expect(readEpochMs(text) === null).toBe(!/^([0-9]{10}|[0-9]{13})$/.test(inner) || toEpochMs(Number(inner)) === null);
        expect(jsonNumber(text)).toBe(/^[0-9]{1,15}(\.[0-9]{1,20})?$/.test(inner) ? Number(inner) : null);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('a fraction is a step of 1e-4, at most its text, less by under a step, and stable', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (value) => {
        const fraction = toFraction(value) ?? -1;
        expect(Math.round(fraction * 1e4) / 1e4).toBe(fraction);
        expect(fraction).toBeLessThanOrEqual(value + 1e-9);
        expect(value - fraction).toBeLessThan(1e-4);
        expect(toFraction(fraction)).toBe(fraction);
      }),
    );
  });
});
