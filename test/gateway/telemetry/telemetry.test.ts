/** What logs, metrics and traces make of the gateway's events. */
import type { ServerResponse } from 'node:http';
import { type Attributes, type SpanOptions, type TracerProvider, trace } from '@opentelemetry/api';
import { createEngine, createRedactor, EMPTY_HEALTH, type Engine } from 'poolwarden';
import { createMemoryRepository } from 'poolwarden/memory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogs } from '../../../examples/gateway/telemetry/logs.js';
import { createMetrics, type Metrics } from '../../../examples/gateway/telemetry/metrics.js';
import { timedEngine } from '../../../examples/gateway/telemetry/timed-engine.js';
import { createTraces } from '../../../examples/gateway/telemetry/traces.js';
import { ACCOUNT, attemptEvent, NOW, requestEvent, spentWindow } from './events.js';

const SECRET = 'planted-secret-of-an-account';
const WELL = { status: 200, headers: {}, body: null };

describe('logs', () => {
  function record(level?: string): { lines: () => Record<string, unknown>[]; text: () => string; observe: ReturnType<typeof createLogs> } {
    let written = '';
    const destination = {
      write(line: string): void {
        written += line;
      },
    };
    const observe = createLogs({ redact: createRedactor([SECRET]), destination, ...(level === undefined ? {} : { level }) });
    const lines = (): Record<string, unknown>[] =>
      written
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    return { lines, text: () => written, observe };
  }

  it('a refusal is a line with its rule, its scope and what it changes', () => {
    const { lines, observe } = record();
    observe(spentWindow());
    const [line] = lines();
    expect(line).toMatchObject({
      event: 'attempt',
      level: 'warn',
      requestId: 'r-1',
      accountId: 'max-1',
      status: 429,
      verdict: 'quota_exhausted',
      scope: 'account',
      disposition: 'fail_over',
    });
    expect(line?.rule).toBe('anthropic_5h_window_exhausted');
    expect(line?.actions).toContainEqual({ type: 'set_rate_limited', accountId: 'max-1', until: new Date(NOW + 600_000).toISOString() });
  });

  it('a good answer is no line of its own unless one asks for debug', () => {
    const [quiet, loud] = [record(), record('debug')];
    for (const { observe } of [quiet, loud]) {
      observe(attemptEvent(WELL));
      observe(requestEvent());
    }
    expect(quiet.lines().map(({ event }) => event)).toEqual(['request']);
    expect(loud.lines().map(({ event, level }) => [event, level])).toEqual([
      ['attempt', 'debug'],
      ['request', 'info'],
    ]);
  });

  it('no secret, no body and no endless text gets into a line', () => {
    const { text, lines, observe } = record('debug');
    const body = JSON.stringify({ type: 'error', error: { type: 'api_error', message: `token ${SECRET}` }, huge: 'x'.repeat(5_000) });
    observe(attemptEvent({ status: 500, headers: { authorization: SECRET }, body }, { model: `${SECRET}${'m'.repeat(2_000)}` }));
    observe(requestEvent({ model: SECRET, outcome: 'exhausted', status: 503 }));
    observe({ type: 'notice', at: NOW, level: 'error', code: 'store_failed', detail: `postgres://u:${SECRET}@h` });
    expect(lines()).toHaveLength(3);
    expect(text()).toContain('store_failed');
    expect(text()).not.toContain(SECRET);
    expect(text()).not.toContain('xxxx');
    expect(text().length).toBeLessThan(3_000);
  });
});

describe('metrics', () => {
  let metrics: Metrics;
  beforeEach(() => {
    metrics = createMetrics({ accountsByStatus: () => ({ active: 3, error: 1 }), processMetrics: false });
  });

  async function scrape(): Promise<string> {
    let text = '';
    const response = {
      writeHead: () => response,
      end: (body: string) => {
        text = body;
      },
    };
    await metrics.handle(response as unknown as ServerResponse);
    return text;
  }

  it('counts requests, attempts by verdict and rule, holds and refreshes', async () => {
    const refused = {
      status: 401,
      headers: {},
      body: '{"type":"error","error":{"type":"authentication_error","message":"Invalid bearer token"}}',
    };
    metrics.observe(spentWindow());
    metrics.observe(attemptEvent(refused));
    metrics.observe(requestEvent());
    metrics.observe({ type: 'notice', at: NOW, level: 'warn', code: 'refresh_failed', detail: 'x' });
    const text = await scrape();
    expect(text).toMatch(
      /gateway_attempts_total\{protocol="anthropic",status="4xx",verdict="quota_exhausted",rule="anthropic_5h_window_exhausted",disposition="fail_over"\} 1/,
    );
    expect(text).toContain('gateway_requests_total{protocol="anthropic",outcome="answered",status="2xx"} 1');
    expect(text).toMatch(/gateway_holds_total\{action="set_rate_limited",rule="[^"]+"\} 1/);
    expect(text).toMatch(/gateway_refresh_requests_total\{rule="[^"]+"\} 1/);
    expect(text).toContain('gateway_notices_total{level="warn",code="refresh_failed"} 1');
    expect(text).toContain('gateway_request_duration_seconds_bucket{le="0.5",protocol="anthropic"} 1');
    expect(text).toContain('gateway_accounts{status="error"} 1');
  });

  it('callers cannot add series: neither by models nor by accounts', async () => {
    const seriesAfter = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index += 1) {
        metrics.observe(spentWindow({ model: `model-${index}`, accountId: `account-${index}` }));
        metrics.observe(requestEvent({ model: `model-${index}`, accountId: `account-${index}` }));
        metrics.observe({ type: 'notice', at: NOW, level: 'info', code: `code-${index}`, detail: '' });
      }
      return (await scrape()).split('\n').length;
    };
    const first = await seriesAfter(300);
    expect(await seriesAfter(3_000)).toBeLessThanOrEqual(first + 1);
    expect(await scrape()).not.toContain('model-');
  });

  it('tells what the engine takes', async () => {
    const engine: Engine = timedEngine(createEngine({ health: createMemoryRepository() }), metrics.decided);
    const { decision } = engine.observe({ account: { ...ACCOUNT, health: EMPTY_HEALTH }, model: null, response: WELL, receivedAt: NOW });
    await engine.close();
    expect(decision.verdict.kind).toBe('ok');
    expect(await scrape()).toContain('gateway_decision_seconds_count 1');
  });
});

describe('traces', () => {
  interface Written {
    readonly name: string;
    readonly attributes: Attributes;
    readonly parent: string | null;
    readonly startTime: unknown;
    endTime?: unknown;
    readonly events: string[];
  }
  const written: Written[] = [];

  /** The smallest provider that records: the API has none. */
  function recorder(): TracerProvider {
    const startSpan = (name: string, options: SpanOptions = {}, parent?: Parameters<typeof trace.getSpan>[0]): unknown => {
      const above = parent === undefined ? undefined : (trace.getSpan(parent) as { name?: string } | undefined);
      const entry: Written = {
        name,
        attributes: options.attributes ?? {},
        parent: above?.name ?? null,
        startTime: options.startTime,
        events: [],
      };
      written.push(entry);
      return {
        name,
        isRecording: () => true,
        setStatus: () => undefined,
        addEvent: (event: string) => void entry.events.push(event),
        end: (at: unknown) => {
          entry.endTime = at;
        },
      };
    };
    return { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
  }
  beforeAll(() => trace.setGlobalTracerProvider(recorder()));
  afterAll(() => trace.disable());
  beforeEach(() => written.splice(0));

  it('a request is a span over its attempts, with its times, rules and changes', () => {
    const observe = createTraces();
    observe(spentWindow());
    observe(attemptEvent(WELL, { attempt: 1, accountId: 'max-2', requestId: 'other' }));
    observe(requestEvent());
    expect(written.map(({ name, parent }) => [name, parent])).toEqual([
      ['gateway.request', null],
      ['gateway.attempt', 'gateway.request'],
    ]);
    const [request, attempt] = written;
    expect(request).toMatchObject({
      startTime: NOW + 5 - 300,
      endTime: NOW + 5,
      attributes: { 'gateway.outcome': 'answered', 'gateway.attempts': 2 },
    });
    expect(attempt).toMatchObject({
      startTime: NOW - 120,
      endTime: NOW,
      attributes: { 'poolwarden.verdict': 'quota_exhausted', 'http.response.status_code': 429 },
    });
    expect(attempt?.events).toContain('poolwarden.action');
  });

  it('attempts of requests that never end are forgotten', () => {
    const observe = createTraces();
    for (let index = 0; index <= 10_000; index += 1)
      observe(attemptEvent(WELL, { requestId: `r-${index}`, decision: spentWindow().decision }));
    observe(requestEvent({ requestId: 'r-0' }));
    observe(requestEvent({ requestId: 'r-10000' }));
    expect(written.map(({ name }) => name)).toEqual(['gateway.request', 'gateway.request', 'gateway.attempt']);
  });
});
