/** What the end of a good answer lifts: the engine is told of it exactly where that is news. */
import { type AccountInput, defineAccount, evaluate, type Phase } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import { type AccountOf, post, startGateway, until } from './gateway.js';
import { json } from './upstream.js';

const HOUR = 3_600_000;
const NOW = Date.now();
const MODEL = 'claude-sonnet-4-5';
/** All that an answer can say of recovery. */
const ALLOWED = { 'anthropic-ratelimit-unified-status': 'allowed', 'anthropic-ratelimit-unified-5h-status': 'allowed' };

const over = { until: NOW - HOUR, rule: 'r', kind: 'quota' as const };
const active = { ...over, until: NOW + HOUR };
const strikes = { evidence: { 'r:0': NOW - 60_000 } };
const anthropic = { platform: 'anthropic', type: 'oauth' };
const antigravity = { platform: 'antigravity', type: 'oauth', settings: { allowOverages: true } };
const onCredits = { [MODEL]: active };

interface Row {
  readonly title: string;
  readonly kind: Pick<AccountInput, 'platform' | 'type' | 'settings'>;
  readonly health: NonNullable<AccountInput['health']>;
  /** What the end lifts. */
  readonly lifts: readonly string[];
}

const ROWS: readonly Row[] = [
  { title: 'nothing', kind: anthropic, health: {}, lifts: [] },
  { title: 'a limit that is over', kind: anthropic, health: { rateLimit: over }, lifts: [] },
  { title: 'an overload that is over', kind: anthropic, health: { overload: over }, lifts: [] },
  { title: 'a temporary hold that is over', kind: anthropic, health: { temporary: over }, lifts: [] },
  { title: 'a refused token, renewed since', kind: anthropic, health: { authentication: { ...active, credentialRevision: 6 } }, lifts: [] },
  {
    title: 'an error of a credential, renewed since',
    kind: anthropic,
    health: { errors: { credential: { at: NOW, credentialRevision: 6 } } },
    lifts: [],
  },
  { title: 'an error that was lifted', kind: anthropic, health: { errors: { forbidden: { at: 0, generation: 1 } } }, lifts: [] },
  { title: 'a limit of another model', kind: anthropic, health: { modelRateLimits: { 'claude-opus-4-5': active } }, lifts: [] },
  { title: 'a limit of the model that is over', kind: anthropic, health: { modelRateLimits: { [MODEL]: over } }, lifts: [] },
  { title: 'strikes of 429s without a reset', kind: anthropic, health: { strikes: { undated_rate_limit: strikes } }, lifts: [] },
  { title: 'strikes that were reset', kind: anthropic, health: { strikes: { forbidden: { generation: 1, evidence: {} } } }, lifts: [] },
  { title: 'strikes of 403s', kind: anthropic, health: { strikes: { forbidden: strikes } }, lifts: ['clear_strikes'] },
  {
    title: 'credits that were used up, and pay again',
    kind: antigravity,
    health: { modelRateLimits: { ...onCredits, AICredits: { ...over, kind: 'credits' } } },
    lifts: ['clear_model_rate_limit'],
  },
];

const account = ({ kind, health }: Row): AccountOf => ({ id: 'a', ...kind, health, projectId: 'p' });
const isEnveloped = ({ kind }: Row): boolean => kind.platform === 'antigravity';

/** The clears of the engine's decision about this answer, so far. */
function clearsAt(row: Row, phase: Phase): readonly string[] {
  const { projectId: _, ...input } = account(row);
  const snapshot = defineAccount({ credential: { revision: 7 }, platform: 'anthropic', type: 'oauth', ...input });
  const exchange = {
    account: snapshot,
    model: MODEL,
    response: { status: 200, headers: ALLOWED, body: null },
    withCredits: isEnveloped(row),
  };
  const { actions } = evaluate({ ...exchange, receivedAt: NOW + 1_000, phase });
  return actions.map(({ type }) => type).filter((type) => type.startsWith('clear_'));
}

describe.each(ROWS)('an account with $title', (row) => {
  const { lifts } = row;
  it(lifts.length > 0 ? 'is told of the end, which lifts it' : 'is judged once', async () => {
    expect([clearsAt(row, 'headers'), clearsAt(row, 'complete')]).toEqual([[], lifts]);
    const gateway = await startGateway({ accounts: [account(row)] });
    gateway.upstream.answer = (_r, response) => json(response, 200, { content: [] }, ALLOWED);
    const path = isEnveloped(row) ? '/v1internal:generateContent' : '/v1/messages';
    expect((await post(gateway, path, { model: MODEL, messages: [], request: {} })).status).toBe(200);
    await until(() => gateway.ended().length === 1);
    expect(gateway.attempts().map(({ exchange }) => exchange.phase)).toEqual(lifts.length > 0 ? ['headers', 'complete'] : ['headers']);
    const cleared = gateway.attempts().flatMap(({ decision }) => decision.actions.map(({ type }) => type));
    expect(cleared.filter((type) => type.startsWith('clear_'))).toEqual(lifts);
  });
});

it.each([
  ['a limit', { rateLimit: active }],
  ['an overload', { overload: active }],
  ['a temporary hold', { temporary: active }],
  ['a refused token', { authentication: { ...active, credentialRevision: 7 } }],
  ['an error', { errors: { billing: { at: NOW } } }],
])('an account with %s is not chosen, so no answer of it could lift that', async (_title, health) => {
  const gateway = await startGateway({ accounts: [{ id: 'a', health }] });
  expect((await post(gateway, '/v1/messages', { model: MODEL })).status).toBeGreaterThanOrEqual(429);
  expect(gateway.upstream.received).toEqual([]);
});

it('an answer that breaks off lifts nothing', async () => {
  const gateway = await startGateway({ accounts: [{ id: 'a', health: { strikes: { forbidden: strikes } } }] });
  gateway.upstream.answer = (_r, response, request) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...ALLOWED }).write('data: {"type":"message_start"}\n\n');
    setTimeout(() => request.socket.destroy(), 20);
  };
  await post(gateway, '/v1/messages', { model: MODEL, stream: true });
  await until(() => gateway.ended().length === 1);
  expect(gateway.directory.find('a')?.account.health.strikes.get('forbidden')?.evidence.size).toBe(1);
});
