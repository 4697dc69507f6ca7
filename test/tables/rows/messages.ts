/** behaviour.md 0.4: reading the message and the code of an error body. A 402 shows what was read: it stores the message. */
import { answered, given, says } from '../../support/exchanges.js';
import { error, invalidated, type Row } from '../../support/rows.js';

const account = given('anthropic', 'api_key');
const openai = given('openai', 'oauth');

const TITLE = 'Payment required (402): ';

function reads(name: string, body: object | string, message: string): Row {
  return {
    name: `0.4 ${name}`,
    exchange: answered(account, 402, { body }),
    rule: 'payment_required',
    actions: [error('billing', `${TITLE}${message}`)],
  };
}

const DEFAULT = 'insufficient balance or billing issue';
const revoked: Pick<Row, 'rule'> = { rule: 'openai_token_revoked' };

export const messageRows: readonly Row[] = [
  reads('error.message', says('Pay first'), 'Pay first'),
  reads('error.message before detail and message', { ...says('one'), detail: 'two', message: 'three' }, 'one'),
  reads('detail before message', { detail: 'two', message: 'three' }, 'two'),
  reads('a top-level message', { message: 'three' }, 'three'),
  reads('outer blanks are cut', says('  Pay first \n'), 'Pay first'),
  reads('JSON in the message', says(JSON.stringify(says('the inner one'))), 'the inner one'),
  reads('JSON in the message, and text behind it', says(`${JSON.stringify(says('the inner one'))} (after 3 attempts)`), 'the inner one'),
  reads('JSON in a string', JSON.stringify(JSON.stringify(says('quoted'))), 'quoted'),
  reads('JSON in an array', [says('listed')], 'listed'),
  reads('a message that is an object', { error: { message: { message: 'deep', code: 'x' } } }, 'deep'),
  reads('an OAuth error', { error: 'access_denied', error_description: 'No plan' }, 'No plan'),
  reads('a code beside a sentence', { code: 'permission-denied', error: 'No plan' }, 'No plan'),
  reads('a message that is a number is none', { error: { message: 42 } }, DEFAULT),
  reads('a message that is null is none', { error: { message: null } }, DEFAULT),
  reads('an object without any text', { error: {} }, DEFAULT),
  reads('a plain text is no message', 'unauthorized', DEFAULT),
  reads('an empty body', '', DEFAULT),
  reads('a sensitive query value is masked', says('GET /v1?api_key=abcdefgh12345678 failed'), 'GET /v1?api_key=[redacted] failed'),
  reads('the stored text is cut to 512 bytes', says('x'.repeat(600)), 'x'.repeat(512 - TITLE.length)),
  reads('never cut inside a character', says('é'.repeat(300)), 'é'.repeat((512 - TITLE.length) / 2)),
  reads('line ends are blanks', says('one\ntwo'), 'one two'),
  reads('other control characters are dropped', says('one\u0000two'), 'onetwo'),
  reads('a blank message is none', says('  \n'), DEFAULT),
  {
    name: '0.4 error.code',
    exchange: answered(openai, 401, { body: says('gone', { code: 'token_revoked' }) }),
    ...revoked,
    actions: [error('credential', 'Token revoked (401): gone')],
  },
  {
    name: '0.4 error.code of the JSON in error.message',
    exchange: answered(openai, 401, { body: says(JSON.stringify(says('gone', { code: 'token_revoked' }))) }),
    ...revoked,
    actions: [error('credential', 'Token revoked (401): gone')],
  },
  {
    name: '0.4 error.code of the JSON in error.message, with text behind it',
    exchange: answered(openai, 401, { body: says(`${JSON.stringify(says('gone', { code: 'token_revoked' }))} trailing`) }),
    ...revoked,
    actions: [error('credential', 'Token revoked (401): gone')],
  },
  {
    name: '0.4 a plain text 401 gives the default text',
    exchange: answered(given('gemini', 'oauth', { credential: { refreshable: false } }), 401, { body: 'unauthorized' }),
    rule: 'oauth_401_no_refresh_token',
    actions: [invalidated, error('credential', 'Authentication failed (401): refresh_token missing, cannot recover')],
  },
  ...[
    ['beside a credential', 'key=sk-abcdef0123456789 This organization has been disabled.'],
    ['with two blanks between its words', 'This  organization has  been disabled.'],
  ].map(
    ([where, message = '']): Row => ({
      name: `0.4 a phrase ${where}`,
      exchange: answered(account, 400, { body: says(message) }),
      rule: 'organization_disabled',
      actions: [{ type: 'set_error', kind: 'organization' }],
    }),
  ),
];
