import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, defineAccount, evaluate, type Policy, type UpstreamResponse } from 'poolwarden';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKnownSecrets } from '../../../examples/gateway/accounts/known-secrets.js';
import { createDecisionLog, type DecisionRow } from '../../../examples/gateway/admin/decision-log.js';
import { createSeries } from '../../../examples/gateway/admin/series.js';
import type { AttemptEvent, RequestEvent } from '../../../examples/gateway/telemetry/observer.js';
import { createLoopback, type Loopback } from '../accounts/loopback.js';
import { createTestStores, type TestStores, until } from '../stores/test-stores.js';
import { type RunningAdmin, startAdmin } from './running-admin.js';

const ACCOUNT = defineAccount({ id: 'max', platform: 'anthropic', type: 'oauth', credential: { revision: 3 } });
const AT = Date.UTC(2026, 2, 25, 20);
const OK: UpstreamResponse = { status: 200, headers: {}, body: null };
const SPENT: UpstreamResponse = {
  status: 429,
  headers: { 'anthropic-ratelimit-unified-5h-status': 'rejected', 'anthropic-ratelimit-unified-5h-reset': String(AT / 1000 + 3600) },
  body: '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account\'s rate limit."}}',
};

function attempt(response: UpstreamResponse, differing: Partial<AttemptEvent> = {}, account: Account = ACCOUNT): AttemptEvent {
  const exchange = { account, model: 'claude-sonnet-4-5', response, receivedAt: AT };
  const decision = evaluate(exchange);
  return {
    type: 'attempt',
    at: AT,
    requestId: 'r-1',
    protocol: 'anthropic',
    accountId: account.id,
    model: exchange.model,
    status: response.status,
    attempt: 1,
    durationMs: 5,
    decision,
    exchange,
    ...differing,
  };
}

function request(outcome: RequestEvent['outcome'], at: number): RequestEvent {
  return {
    type: 'request',
    at,
    requestId: 'r',
    protocol: 'anthropic',
    model: 'm',
    status: 200,
    accountId: 'max',
    attempts: 1,
    durationMs: 1,
    outcome,
  };
}

describe('the decision log', () => {
  const secrets = createKnownSecrets();
  secrets.add('max', 'opaque-planted-secret');
  const policy = (): Policy => one.live.policy();
  let one: RunningAdmin;
  let test: TestStores;
  let upstream: Loopback;
  beforeAll(async () => {
    test = await createTestStores();
    upstream = await createLoopback();
    one = await startAdmin(test, upstream);
    await one.call('/admin/accounts', {
      method: 'POST',
      body: [{ id: 'max', label: 'Max', platform: 'anthropic', type: 'oauth', credentials: { access_token: 'x' } }],
    });
  });
  afterAll(async () => {
    await one.close();
    await upstream.close();
    await test.close();
  });

  it('says what was decided, what changes, and which rule matched; with every rule that was asked on demand', async () => {
    one.emit(attempt(SPENT));
    const { json } = await one.call('/admin/decisions');
    expect(json).toHaveLength(1);
    const row: DecisionRow = json[0];
    expect(row).toMatchObject({
      at: AT,
      requestId: 'r-1',
      accountId: 'max',
      label: 'Max',
      model: 'claude-sonnet-4-5',
      status: 429,
      verdict: { kind: 'quota_exhausted', scope: 'account', rule: 'anthropic_5h_window_exhausted', resetAt: AT + 3_600_000, exit: 'time' },
      disposition: { type: 'fail_over' },
    });
    expect(row.changes[0]).toBe('Holds the account until 2026-03-25 21:00:00 UTC: its quota is spent.');
    expect(row.explanation.rules).toEqual([{ id: 'anthropic_5h_window_exhausted', matched: true, why: 'all conditions hold' }]);
    expect(row.explanation.summary).toMatch(/it ends by time$/);
    const full: DecisionRow = (await one.call(`/admin/decisions/${row.id}`)).json;
    expect(full.explanation.rules.length).toBeGreaterThan(1);
    expect(full.explanation.rules.filter(({ matched }) => matched)).toEqual(row.explanation.rules);
    expect({ ...full, explanation: null }).toEqual({ ...row, explanation: null });
    expect((await one.call('/admin/decisions/nothing')).status).toBe(404);
  });

  it('is given newest first, no more than asked for', async () => {
    for (const requestId of ['r-2', 'r-3', 'r-4']) one.emit(attempt(SPENT, { requestId }));
    const { json } = await one.call('/admin/decisions?limit=2');
    expect(json.map((row: DecisionRow) => row.requestId)).toEqual(['r-4', 'r-3']);
    for (const limit of ['0', '-1', 'all', '1e3', '']) expect((await one.call(`/admin/decisions?limit=${limit}`)).status).toBe(400);
    expect((await one.call('/admin/decisions?limit=9999')).status).toBe(200);
  });

  it('keeps the last 500, and none of the successes that change nothing', () => {
    const log = createDecisionLog({ policy, redact: secrets.redact, labelOf: (id) => id });
    log.observe(attempt(OK));
    expect(log.list(500)).toEqual([]);
    for (let index = 0; index < 510; index += 1) log.observe(attempt(SPENT, { requestId: `n-${index}` }));
    const rows = log.list(1_000);
    expect(rows).toHaveLength(500);
    expect([rows[0]?.requestId, rows[499]?.requestId]).toEqual(['n-509', 'n-10']);
    expect(log.find(rows[499]?.id ?? '')).not.toBeNull();
  });

  it('shows no secret, whoever put it where', () => {
    const log = createDecisionLog({ policy, redact: secrets.redact, labelOf: (id) => id });
    const body =
      '{"type":"error","error":{"type":"invalid_request_error","message":"bad: opaque-planted-secret sk-ant-planted0123456789"}}';
    const event = attempt({ status: 400, headers: {}, body });
    log.observe({ ...event, requestId: 'opaque-planted-secret', model: 'opaque-planted-secret' });
    const [row] = log.list(1);
    expect(row).toBeDefined();
    const text = JSON.stringify([row, log.find(row?.id ?? '')]);
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('planted');
  });
});

describe('the series', () => {
  it('counts requests and failures by the minute, for half an hour', () => {
    let now = AT + 30_000;
    const series = createSeries(() => now);
    const points: number[] = [];
    series.onPoint(({ requests }) => points.push(requests));
    for (const outcome of ['answered', 'exhausted', 'aborted', 'bad_request', 'refused_by_upstream', 'broken_stream'] as const)
      series.observe(request(outcome, now));
    expect(series.points().at(-1)).toEqual({ at: AT, requests: 6, failures: 3 });
    expect(points).toEqual([1, 2, 3, 4, 5, 6]);
    now += 60_000;
    series.observe(request('answered', now));
    expect(series.points().slice(-2)).toEqual([
      { at: AT, requests: 6, failures: 3 },
      { at: AT + 60_000, requests: 1, failures: 0 },
    ]);
    expect(series.points()).toHaveLength(30);
    now += 29 * 60_000;
    expect(series.points()[0]).toEqual({ at: AT + 60_000, requests: 1, failures: 0 });
    expect(series.points().at(-1)).toEqual({ at: AT + 30 * 60_000, requests: 0, failures: 0 });
  });

  it('remembers when an account was used last', () => {
    const series = createSeries(() => AT);
    expect(series.lastUsedAt('max')).toBeNull();
    series.observe(attempt(OK, { at: AT + 5 }));
    expect(series.lastUsedAt('max')).toBe(AT + 5);
  });
});

describe('the event stream', () => {
  let test: TestStores;
  let upstream: Loopback;
  let one: RunningAdmin;
  beforeAll(async () => {
    test = await createTestStores();
    upstream = await createLoopback();
    one = await startAdmin(test, upstream);
    await one.call('/admin/accounts', {
      method: 'POST',
      body: [
        { id: 'max', platform: 'anthropic', type: 'oauth', credentials: { access_token: 'planted-access' } },
        { id: 'still', platform: 'openai', type: 'api_key', credentials: { api_key: 'planted-key' } },
      ],
    });
    // What the import changed is told before anybody listens.
    await sleep(500);
  });
  afterAll(async () => {
    await one.close();
    await upstream.close();
    await test.close();
  });

  it('tells what changes, and only that, without a secret, until the gateway ends', async () => {
    const headers = { authorization: `Bearer ${one.announced[0]}` };
    const response = await fetch(`${one.origin}/admin/events`, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let heard = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) heard += Buffer.from(chunk).toString('utf8');
    })();
    const eventsOf = (name: string): readonly string[] =>
      [...heard.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].filter(([, one]) => one === name).map(([, , data = '']) => data);

    one.emit(attempt(SPENT));
    one.emit(request('exhausted', AT));
    await one.call('/admin/accounts/max/disable', { method: 'POST' });
    await until(() => eventsOf('decision').length === 1 && eventsOf('accounts').length > 0 && eventsOf('series').length === 1, 3_000);
    expect(JSON.parse(eventsOf('decision')[0] ?? '')).toMatchObject({
      accountId: 'max',
      verdict: { rule: 'anthropic_5h_window_exhausted' },
    });
    expect(JSON.parse(eventsOf('series')[0] ?? '')).toMatchObject({ requests: 1, failures: 1 });
    const rows = eventsOf('accounts').flatMap((data) => JSON.parse(data));
    expect(rows.at(-1)).toMatchObject({ id: 'max', enabled: false, view: { status: 'disabled' } });
    expect(rows.some(({ id }) => id === 'still')).toBe(false);
    await one.call('/admin/accounts/still', { method: 'DELETE' });
    await until(() => eventsOf('removed').includes('["still"]'));
    expect(heard).not.toContain('planted');
    one.admin.close();
    await reading;
  });
});
