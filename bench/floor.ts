/**
 * The floor: what the contract costs by itself, with no rule asked and everything known beforehand. A body is parsed, its message searched for what may not leave (control characters, credentials), its
 * sentence for a length of time; headers are read and their numbers too; then the decision is written out as plain data, with its verdict, signal and actions. What a row takes above it is the engine's own.
 */

import { isHarmless } from '../src/core/safe-text.js';
import type {
  Action,
  BodyLimits,
  Decision,
  Exchange,
  LimitFacts,
  PolicyEvent,
  Signal,
  UpstreamResponse,
  WindowReading,
} from '../src/core.js';

const LENGTH_OF_TIME = / (?:in|after) [0-9]/i;
const NONE: readonly never[] = [];
const NOTHING_SAID: BodyLimits = { resetAt: null, delayMs: null, perDay: false, namesModel: false };
const UNIFIED = 'anthropic-ratelimit-unified-';
const NAMES = ['5h-status', '5h-reset', '5h-utilization', '7d-status', '7d-reset', '7d-utilization'].map((name) => UNIFIED + name);
const [STATUS_5H = '', RESET_5H = '', USED_5H = '', STATUS_7D = '', RESET_7D = '', USED_7D = ''] = NAMES;

type Said = Pick<Signal, 'body' | 'errorType' | 'message' | 'limits' | 'bodyLimits'>;

const NOTHING_READ: Said = { body: 'unread', errorType: null, message: null, limits: null, bodyLimits: null };

function signalOf({ account, model, receivedAt, response }: Exchange, said: Said): Signal {
  return {
    platform: account.platform,
    type: account.type,
    model,
    purpose: 'request',
    phase: 'complete',
    receivedAt,
    date: receivedAt,
    skewMs: 0,
    status: (response as UpstreamResponse).status,
    failure: null,
    refreshable: account.credential.refreshable,
    errorCodes: 'off',
    poolMode: false,
    withCredits: false,
    temporaryRule: -1,
    authenticationSeen: false,
    body: said.body,
    errorType: said.errorType,
    code: null,
    reason: null,
    namedModel: null,
    message: said.message,
    detail: null,
    link: null,
    forbidden: null,
    creditsExhausted: false,
    limits: said.limits,
    bodyLimits: said.bodyLimits,
  };
}

function decisionOf(signal: Signal, until: number | null, actions: readonly Action[], events: readonly PolicyEvent[] = NONE): Decision {
  return {
    verdict: { kind: 'rate_limited', scope: 'model', rule: 'a_rule', message: signal.message, resetAt: until, exit: 'time', signal },
    disposition: { type: 'fail_over', otherwise: { status: 429, retryAt: until } },
    actions,
    events,
  };
}

/** An error that its body decides. */
export function floorByBody(exchange: Exchange): Decision {
  const { account, model, receivedAt } = exchange;
  const { body } = exchange.response as UpstreamResponse;
  const { error } = JSON.parse(body as string) as {
    readonly error: { readonly type?: string; readonly status?: string; readonly message: string };
  };
  const message = isHarmless(error.message, (body as string).includes('\\')) ? error.message : null;
  const until = LENGTH_OF_TIME.test(error.message) ? receivedAt + 60_000 : receivedAt + 5_000;
  const signal = signalOf(exchange, {
    body: 'json',
    errorType: error.type ?? error.status ?? null,
    message,
    limits: null,
    bodyLimits: NOTHING_SAID,
  });
  return decisionOf(signal, until, [
    {
      type: 'set_model_rate_limit',
      accountId: account.id,
      model: model ?? '',
      until,
      rule: 'a_rule',
      kind: 'quota',
      detail: 'a_rule (429)',
      generation: 0,
    },
  ]);
}

function windowOf(name: string, used: unknown, reset: unknown): WindowReading {
  const utilization = Number(used);
  const resetAt = Number(reset) * 1000;
  return { name, utilization, resetAt, exhausted: utilization >= 1, holdUntil: utilization >= 1 ? resetAt : null };
}

/** An answer that its windows decide, and a success whose windows are new. */
export function floorByWindows(exchange: Exchange): Decision {
  const { account, receivedAt } = exchange;
  const headers = (exchange.response as UpstreamResponse).headers as Readonly<Record<string, string>>;
  const session = windowOf('5h', headers[USED_5H], headers[RESET_5H]);
  const week = windowOf('7d', headers[USED_7D], headers[RESET_7D]);
  const status = headers[STATUS_7D] === 'allowed' ? (headers[STATUS_5H] ?? '') : 'rejected';
  const end = session.resetAt ?? 0;
  const limits: LimitFacts = {
    windows: [session, week],
    sessionStatus: status,
    sessionEnd: end,
    aggregateStatus: null,
    aggregateResetAt: null,
    claim: null,
    retryAfterMs: null,
    bucketResetAt: null,
    outOfBounds: false,
  };
  const accountId = account.id;
  const samples = {
    '5h': { utilization: session.utilization, resetAt: end, sampledAt: receivedAt },
    '7d': { utilization: week.utilization, resetAt: week.resetAt, sampledAt: receivedAt },
  };
  return decisionOf(signalOf(exchange, { ...NOTHING_READ, limits }), session.holdUntil, [
    { type: 'update_session_window', accountId, window: null, status, observedAt: receivedAt },
    { type: 'record_usage', accountId, samples },
  ]);
}

/** An error that its status decides. */
export function floorByStatus(exchange: Exchange): Decision {
  const event: PolicyEvent = { code: 'upstream_error', level: 'info', accountId: exchange.account.id, detail: 'status 503' };
  return decisionOf(signalOf(exchange, NOTHING_READ), null, NONE, [event]);
}
