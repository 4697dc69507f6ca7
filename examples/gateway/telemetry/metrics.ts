/** Prometheus metrics by prom-client. Labels come from closed sets, never from what a caller wrote: no model names, no accounts. */
import type { ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptEvent, NoticeEvent, Observer, RequestEvent } from './observer.js';

/** The metrics of one gateway. */
export interface Metrics {
  readonly observe: Observer;
  /** Seconds that one decision of the engine took. */
  readonly decided: (seconds: number) => void;
  /** What `GET /metrics` answers. Rejects where nothing can be collected. */
  handle(response: ServerResponse): Promise<void>;
}

/** What metrics are made from. */
export interface MetricsOptions {
  /** How many accounts have each status now; asked for each scrape. */
  readonly accountsByStatus: () => Readonly<Record<string, number>>;
  /** Also those of Node itself. Default true. */
  readonly processMetrics?: boolean;
}

const LATENCY_SECONDS: number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const DECISION_SECONDS: number[] = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01];
/** Rules and codes are ours and few; this only guards against a policy that invents them. */
const LABELS_AT_MOST = 300;

/** Lets a bounded number of different values through; the others become `other`. */
function createLimit(): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= LABELS_AT_MOST) return 'other';
    known.add(value);
    return value;
  };
}

const classOf = (status: number | null): string => (status === null ? 'none' : `${Math.floor(status / 100)}xx`);

interface Instruments {
  readonly requests: Counter;
  readonly requestSeconds: Histogram;
  readonly attempts: Counter;
  readonly attemptSeconds: Histogram;
  readonly holds: Counter;
  readonly refreshes: Counter;
  readonly notices: Counter;
  readonly decisionSeconds: Histogram;
}

function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]): Counter => new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, more: { labelNames: string[]; buckets: number[] }): Histogram =>
    new Histogram({ name, help, ...more, registers });
  const latency = { labelNames: ['protocol'], buckets: LATENCY_SECONDS };
  return {
    requests: counter('gateway_requests_total', 'Requests of clients, over', ['protocol', 'outcome', 'status']),
    requestSeconds: histogram('gateway_request_duration_seconds', 'From the request to the end of its answer', latency),
    attempts: counter('gateway_attempts_total', 'Judgements of upstream answers, an answer by each of its parts that told something', [
      'protocol',
      'status',
      'verdict',
      'rule',
      'disposition',
    ]),
    attemptSeconds: histogram('gateway_attempt_duration_seconds', 'From sending upstream until the decision', latency),
    holds: counter('gateway_holds_total', 'Holds and errors that decisions put on accounts', ['action', 'rule']),
    refreshes: counter('gateway_refresh_requests_total', 'Refreshes of credentials that decisions asked for', ['rule']),
    notices: counter('gateway_notices_total', 'What else happened, by code', ['level', 'code']),
    decisionSeconds: histogram('gateway_decision_seconds', 'What the engine takes for one decision', {
      labelNames: [],
      buckets: DECISION_SECONDS,
    }),
  };
}

function noteAttempt(instruments: Instruments, event: AttemptEvent, limit: (value: string) => string): void {
  const { protocol, decision, durationMs } = event;
  const rule = limit(decision.verdict.rule);
  const { kind } = decision.verdict;
  instruments.attempts.inc({ protocol, status: classOf(event.status), verdict: kind, rule, disposition: decision.disposition.type });
  instruments.attemptSeconds.observe({ protocol }, durationMs / 1000);
  for (const { type } of decision.actions) {
    if (type.startsWith('set_')) instruments.holds.inc({ action: type, rule });
    if (type === 'request_refresh') instruments.refreshes.inc({ rule });
  }
}

function noteRequest({ requests, requestSeconds }: Instruments, { protocol, outcome, status, durationMs }: RequestEvent): void {
  requests.inc({ protocol, outcome, status: classOf(status) });
  requestSeconds.observe({ protocol }, durationMs / 1000);
}

function registerAccounts(registry: Registry, accountsByStatus: MetricsOptions['accountsByStatus']): void {
  const gauge = new Gauge({
    name: 'gateway_accounts',
    help: 'Accounts by what they can do now',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const [status, count] of Object.entries(accountsByStatus())) gauge.set({ status }, count);
    },
  });
}

/** Makes the metrics, in a registry of their own. */
export function createMetrics({ accountsByStatus, processMetrics = true }: MetricsOptions): Metrics {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const [limitRules, limitCodes] = [createLimit(), createLimit()];
  registerAccounts(registry, accountsByStatus);
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const noteNotice = ({ level, code }: NoticeEvent): void => instruments.notices.inc({ level, code: limitCodes(code) });
  return {
    observe(event) {
      if (event.type === 'attempt') noteAttempt(instruments, event, limitRules);
      else if (event.type === 'request') noteRequest(instruments, event);
      else noteNotice(event);
    },
    decided: (seconds) => instruments.decisionSeconds.observe(seconds),
    async handle(response) {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text);
    },
  };
}
