/** Spans by the OpenTelemetry API: one for a client's request, one below it for each upstream answer. Without an SDK they cost next to nothing and go nowhere. */
import { type Attributes, context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { AttemptEvent, Observer, RequestEvent } from './observer.js';

/** Requests whose attempts are remembered; the oldest are forgotten first. */
const PENDING_AT_MOST = 10_000;

const attemptAttributes = ({ accountId, attempt, status, protocol, decision: { verdict, disposition } }: AttemptEvent): Attributes => ({
  'poolwarden.account_id': accountId,
  'poolwarden.attempt': attempt,
  'poolwarden.verdict': verdict.kind,
  'poolwarden.scope': verdict.scope,
  'poolwarden.rule': verdict.rule,
  'poolwarden.disposition': disposition.type,
  'gateway.protocol': protocol,
  ...(status === null ? {} : { 'http.response.status_code': status }),
});

const requestAttributes = (event: RequestEvent): Attributes => ({
  'gateway.request_id': event.requestId,
  'gateway.protocol': event.protocol,
  'gateway.outcome': event.outcome,
  'gateway.attempts': event.attempts,
  'http.response.status_code': event.status,
  ...(event.model === null ? {} : { 'gen_ai.request.model': event.model.slice(0, 200) }),
  ...(event.accountId === null ? {} : { 'poolwarden.account_id': event.accountId }),
});

/** Writes the attempt as a child of the span that is active in `parent`, with what the decision changes as events. */
function traceAttempt(tracer: Tracer, event: AttemptEvent, parent: ReturnType<typeof context.active>): void {
  const options = { startTime: event.at - event.durationMs, attributes: attemptAttributes(event) };
  const span = tracer.startSpan('gateway.attempt', options, parent);
  for (const { type, accountId } of event.decision.actions)
    span.addEvent('poolwarden.action', { 'poolwarden.action': type, 'poolwarden.account_id': accountId }, event.at);
  for (const { code, level } of event.decision.events)
    span.addEvent('poolwarden.note', { 'poolwarden.code': code, 'poolwarden.level': level }, event.at);
  if (event.decision.verdict.kind !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: event.decision.verdict.kind });
  span.end(event.at);
}

function traceRequest(tracer: Tracer, event: RequestEvent, attempts: readonly AttemptEvent[]): void {
  const span = tracer.startSpan('gateway.request', { startTime: event.at - event.durationMs, attributes: requestAttributes(event) });
  if (span.isRecording()) {
    const parent = trace.setSpan(context.active(), span);
    for (const attempt of attempts) traceAttempt(tracer, attempt, parent);
    if (event.outcome !== 'answered') span.setStatus({ code: SpanStatusCode.ERROR, message: event.outcome });
  }
  span.end(event.at);
}

/** An observer that writes the spans of a request when it is over. Traces go to whatever SDK the process has registered. */
export function createTraces(): Observer {
  const tracer = trace.getTracer('poolwarden-gateway');
  const pending = new Map<string, AttemptEvent[]>();
  const remember = (event: AttemptEvent): void => {
    const attempts = pending.get(event.requestId) ?? [];
    attempts.push(event);
    pending.set(event.requestId, attempts);
    const [oldest] = pending.keys();
    if (pending.size > PENDING_AT_MOST && oldest !== undefined) pending.delete(oldest);
  };
  return (event) => {
    if (event.type === 'attempt') remember(event);
    if (event.type !== 'request') return;
    traceRequest(tracer, event, pending.get(event.requestId) ?? []);
    pending.delete(event.requestId);
  };
}
