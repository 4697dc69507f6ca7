/** A signal in the making: headers and body are read only when a rule asks for them, and at most once. */
import type { Account } from './account.js';
import { credentialOwner, resolveModel } from './account.js';
import type { PolicyEvent } from './decision.js';
import type { ErrorFacts } from './error-envelope.js';
import { answerOf, type Exchange, failureOf, type UpstreamResponse } from './exchange.js';
import type { NormalHeaders } from './headers.js';
import type { PolicySettings } from './policy.js';
import type { Provider } from './provider.js';
import type { Signal, SignalDraft } from './signal.js';
import { isModelKey } from './text.js';

/** A signal being read, and what it is read from. Lives as long as one `evaluate`. */
export interface Reading {
  readonly draft: SignalDraft;
  readonly provider: Provider;
  readonly settings: PolicySettings;
  /** null: there is nothing to read from (no answer, or a signal that was read before). */
  readonly response: UpstreamResponse | null;
  readonly account: Account | null;
  /** The upstream's name of the model as it came; a caller chose it, so the upstream's message may repeat anything in it. */
  readonly model: string | null;
  headers: NormalHeaders | null;
  error: ErrorFacts | null;
  /** The message as it came, neither redacted nor shortened; never leaves the reading. null: none, or not read. */
  message: string | null;
  /** What was read so far: bits of `NEED`. */
  read: number;
  /** The message as phrases are looked for in it; null: not made yet. */
  prose: string | null;
  /** All words of type, code and message; null: not made yet. */
  words: string | null;
  /** Whether the message may have one of the phrases that the rules of its status ask for; null: not tried yet. */
  mayHavePhrase: boolean | null;
  events: readonly PolicyEvent[];
}

/** What a check has to have read first, in the order of their price: as bits, with those of what comes before it, so that two needs are one. */
export const NEED = { nothing: 0, windows: 1, limits: 3, body: 4, bodyLimits: 12, rawBody: 16 } as const;

/** Whether all of a need (bits of `NEED`) was read. */
export function isRead({ read }: Reading, need: number): boolean {
  return (read & need) === need;
}

/** A status as a number from 100 to 999, given as a number or as three digits of text; else 0. Total, pure. */
export function normalizeStatus(status: unknown): number {
  const value = typeof status === 'string' && /^\d{3}$/.test(status) ? Number(status) : status;
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 999 ? value : 0;
}

function errorCodesOf({ settings, type }: Account, status: number): SignalDraft['errorCodes'] {
  const codes = settings.customErrorCodes;
  if (codes === null || type !== 'api_key' || status === 0) return 'off';
  return codes === 'all' || codes.length === 0 || codes.includes(status) ? 'listed' : 'unlisted';
}

/** The revision of the credential that was posted; null where the gateway keeps none. */
export function postedRevision(exchange: Exchange): number | null {
  return exchange.credentialRevision ?? credentialOwner(exchange.account).credential.revision;
}

function isAuthenticationSeen(exchange: Exchange): boolean {
  const hold = credentialOwner(exchange.account).health.authentication;
  return hold !== null && hold.until > 0 && hold.credentialRevision >= (postedRevision(exchange) ?? -1);
}

function draftOf(exchange: Exchange, model: string | null, answer: UpstreamResponse | null): SignalDraft {
  const { account } = exchange;
  const status = answer === null ? 0 : normalizeStatus(answer.status);
  const hasPoolMode = account.settings.poolMode && account.type !== 'oauth' && account.type !== 'setup_token';
  return {
    platform: account.platform,
    type: account.type,
    model: model === null || isModelKey(model) ? model : UNUSABLE_MODEL,
    purpose: exchange.purpose ?? 'request',
    phase: exchange.phase ?? 'complete',
    receivedAt: exchange.receivedAt,
    date: null,
    skewMs: 0,
    status,
    failure: failureOf(exchange.response) ?? null,
    refreshable: credentialOwner(account).credential.refreshable,
    errorCodes: errorCodesOf(account, status),
    poolMode: hasPoolMode,
    withCredits: exchange.withCredits === true,
    temporaryRule: -1,
    authenticationSeen: isAuthenticationSeen(exchange),
    body: 'unread',
    errorType: null,
    code: null,
    reason: null,
    namedModel: null,
    message: null,
    detail: null,
    link: null,
    forbidden: null,
    creditsExhausted: false,
    limits: null,
    bodyLimits: null,
  };
}

/** A name that can be no key: it is too long, or has characters that no store and no log may hold. Not null, so that nothing widens to the account. */
const UNUSABLE_MODEL = '';

/** Begins to read an exchange; nothing of the answer but its status is looked at yet. */
export function startReading(exchange: Exchange, provider: Provider, settings: PolicySettings): Reading {
  const model = exchange.model === null ? null : resolveModel(exchange.account, exchange.model);
  const answer = answerOf(exchange.response);
  return {
    draft: draftOf(exchange, model, answer),
    provider,
    settings,
    response: answer,
    account: exchange.account,
    model,
    headers: null,
    error: null,
    message: null,
    read: answer === null ? EVERYTHING : 0,
    prose: null,
    words: null,
    mayHavePhrase: null,
    events: NO_EVENTS,
  };
}

const NO_EVENTS: readonly PolicyEvent[] = [];
/** Where there is nothing to read from, all is read. */
const EVERYTHING: number = Object.values(NEED).reduce<number>((all, bits) => all | bits, 0);

/** A reading of a signal that was read before: there is nothing left to read. */
export function readingOfSignal(signal: Signal, provider: Provider, settings: PolicySettings): Reading {
  return {
    draft: signal,
    provider,
    settings,
    response: null,
    account: null,
    model: signal.model,
    headers: null,
    error: null,
    message: null,
    read: EVERYTHING,
    prose: null,
    words: null,
    mayHavePhrase: null,
    events: NO_EVENTS,
  };
}
