/** JSON lines by pino: what each request and each decision was, under names that stay. */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Action } from 'poolwarden';
import type { AttemptEvent, NoticeEvent, Observer, RequestEvent } from './observer.js';

/** What logging needs. */
export interface LogOptions {
  /** Removes secrets from a text; each text that comes from outside goes through it. */
  readonly redact: (text: string) => string;
  /** Default `info`: decisions that everything is well are at `debug`. */
  readonly level?: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** Lines longer than a person would read help nobody. */
const LONGEST_TEXT = 512;
const OUR_FAULTS: ReadonlySet<RequestEvent['outcome']> = new Set(['exhausted', 'broken_stream']);

function shorten(text: string, redact: LogOptions['redact']): string {
  const clean = redact(text.slice(0, 4 * LONGEST_TEXT));
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean;
}

/** An action without its words: those of the verdict are in the line already. */
function actionField(action: Action): Readonly<Record<string, unknown>> {
  return { type: action.type, accountId: action.accountId, ...('until' in action ? { until: new Date(action.until).toISOString() } : {}) };
}

function attemptFields(event: AttemptEvent, redact: LogOptions['redact']): Readonly<Record<string, unknown>> {
  const { verdict, disposition, actions, events } = event.decision;
  return {
    event: 'attempt',
    requestId: event.requestId,
    protocol: event.protocol,
    accountId: event.accountId,
    model: event.model === null ? null : shorten(event.model, redact),
    attempt: event.attempt,
    status: event.status,
    durationMs: Math.round(event.durationMs),
    verdict: verdict.kind,
    scope: verdict.scope,
    rule: verdict.rule,
    exit: verdict.exit,
    resetAt: verdict.resetAt === null ? null : new Date(verdict.resetAt).toISOString(),
    message: verdict.message === null ? null : shorten(verdict.message, redact),
    disposition: disposition.type,
    actions: actions.map(actionField),
    notes: events.map(({ code, level, detail }) => ({ code, level, detail: shorten(detail, redact) })),
  };
}

function requestFields(event: RequestEvent, redact: LogOptions['redact']): Readonly<Record<string, unknown>> {
  const { requestId, protocol, accountId, status, attempts, outcome } = event;
  const model = event.model === null ? null : shorten(event.model, redact);
  return { event: 'request', requestId, protocol, accountId, model, status, attempts, outcome, durationMs: Math.round(event.durationMs) };
}

function logNotice(logger: Logger, { level, code, detail }: NoticeEvent, redact: LogOptions['redact']): void {
  logger[level]({ event: 'notice', code, detail: shorten(detail, redact) }, code);
}

/** An observer that writes a line for each event. */
export function createLogs({ redact, level = 'info', destination }: LogOptions): Observer {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger: Logger = destination === undefined ? pino(options) : pino(options, destination);
  return (event) => {
    if (event.type === 'attempt') {
      const isWell = event.decision.verdict.kind === 'ok';
      if (isWell && !logger.isLevelEnabled('debug')) return;
      logger[isWell ? 'debug' : 'warn'](attemptFields(event, redact), 'attempt');
    } else if (event.type === 'request') {
      logger[OUR_FAULTS.has(event.outcome) ? 'warn' : 'info'](requestFields(event, redact), 'request');
    } else {
      logNotice(logger, event, redact);
    }
  };
}
