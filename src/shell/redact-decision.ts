/** The host's own redaction, over every text of a decision that may come from an upstream. */
import type { Action } from '../core/action.js';
import type { Decision, Disposition } from '../core/decision.js';
import type { Signal } from '../core/signal.js';
import { cleanText } from '../core/text.js';
import type { VerificationLink } from '../core/verification-link.js';

/** Takes secrets out of a text. Never throws. */
export type Redact = (text: string) => string;

const REDACTED = '[redacted]';

/** A host's function made safe: where it throws, or returns no text, nothing of the text is left. What it returns is one line of at most 512 bytes. */
export function containRedact(redact: Redact): Redact {
  return (text) => {
    try {
      const clean: unknown = redact(text);
      return typeof clean === 'string' ? sameOrClean(text, clean) : REDACTED;
    } catch {
      return REDACTED;
    }
  };
}

/** A link may be longer than a message, and stays as it is where nothing was taken out. */
function sameOrClean(before: string, after: string): string {
  return after === before ? before : cleanText(after);
}

function redactOptional(text: string | null, redact: Redact): string | null {
  return text === null ? null : redact(text);
}

/** A link that had a secret in it leads nowhere any more, so nobody may be led there. */
function redactLink(link: VerificationLink | null, redact: Redact): VerificationLink | null {
  if (link === null) return null;
  const url = redact(link.url);
  return url === link.url ? link : { url, trusted: false };
}

function redactLimits(limits: Signal['limits'], redact: Redact): Signal['limits'] {
  if (limits === null) return null;
  const { sessionStatus, aggregateStatus, claim } = limits;
  return {
    ...limits,
    sessionStatus: redactOptional(sessionStatus, redact),
    aggregateStatus: redactOptional(aggregateStatus, redact),
    claim: redactOptional(claim, redact),
  };
}

function redactSignal(signal: Signal | null, redact: Redact): Signal | null {
  if (signal === null) return null;
  return {
    ...signal,
    errorType: redactOptional(signal.errorType, redact),
    code: redactOptional(signal.code, redact),
    reason: redactOptional(signal.reason, redact),
    message: redactOptional(signal.message, redact),
    detail: redactOptional(signal.detail, redact),
    link: redactLink(signal.link, redact),
    limits: redactLimits(signal.limits, redact),
  };
}

/** An action without secrets in its texts. Names, rules and instants are not texts. */
export function redactAction(action: Action, redact: Redact): Action {
  if ('message' in action) return { ...action, message: redact(action.message), link: redactLink(action.link, redact) };
  if ('detail' in action) return { ...action, detail: redact(action.detail) };
  // A status has to stay an identifier.
  if ('status' in action && redact(action.status) !== action.status) return { ...action, status: 'redacted' };
  return action;
}

function redactDisposition(disposition: Disposition, redact: Redact): Disposition {
  if (disposition.type !== 'retry') return disposition;
  return { ...disposition, otherwise: disposition.otherwise.map((action) => redactAction(action, redact)) };
}

/** A decision without secrets in its texts. One that has no text, such as `NOTHING_NEW`, is returned as it is. */
export function redactDecision(decision: Decision, redact: Redact): Decision {
  const { verdict, disposition, actions, events } = decision;
  if (verdict.signal === null && verdict.message === null && actions.length === 0 && events.length === 0) return decision;
  return {
    verdict: { ...verdict, message: redactOptional(verdict.message, redact), signal: redactSignal(verdict.signal, redact) },
    disposition: redactDisposition(disposition, redact),
    actions: actions.map((action) => redactAction(action, redact)),
    events: events.map((event) => ({ ...event, detail: redact(event.detail) })),
  };
}
