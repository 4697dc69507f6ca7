/** A signal in the making: headers and body are read only when a rule asks for them, and at most once. */
import type { Account } from './account.js';
import { credentialOwner, resolveModel } from './account.js';
import { readBodyLimits } from './body-limits.js';
import { classifyForbidden } from './classify-forbidden.js';
import { readDate, skewOf } from './clock-skew.js';
import { creditsWereExhausted } from './credits.js';
import type { PolicyEvent } from './decision.js';
import { type ErrorFacts, readEnvelope } from './error-envelope.js';
import type { Exchange, UpstreamResponse } from './exchange.js';
import { type NormalHeaders, normalizeHeaders } from './headers.js';
import { isHealthyBody } from './healthy-body.js';
import type { JsonObject } from './json.js';
import type { Provider } from './provider.js';
import { bodyText, readBody } from './read-body.js';
import { safeText, safeWord } from './safe-text.js';
import type { LimitFacts, Signal, SignalDraft } from './signal.js';
import { isSuccess } from './status-kind.js';
import { statusOfError } from './stream-status.js';
import { matchTemporaryRule } from './temporary-rule.js';
import { extractVerificationLink } from './verification-link.js';

/** A signal being read, and what it is read from. Lives as long as one `evaluate`. */
export interface Reading {
  readonly draft: SignalDraft;
  readonly provider: Provider;
  /** null: there is nothing to read from (no answer, or a signal that was read before). */
  readonly response: UpstreamResponse | null;
  readonly account: Account | null;
  readonly verificationHosts: readonly string[];
  headers: NormalHeaders | null;
  error: ErrorFacts | null;
  windowsRead: boolean;
  restRead: boolean;
  temporaryRuleRead: boolean;
  /** The message as phrases are looked for in it; null: not made yet. */
  prose: string | null;
  /** All phrases that may be asked for, as one pattern; null: there is none. */
  phrases: RegExp | null;
  /** Whether the message has none of them; null: not tried yet. */
  hasNoPhrase: boolean | null;
  events: readonly PolicyEvent[];
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

function draftOf(exchange: Exchange, status: number, failure: SignalDraft['failure']): SignalDraft {
  const { account, model } = exchange;
  const hasPoolMode = account.settings.poolMode && account.type !== 'oauth' && account.type !== 'setup_token';
  return {
    platform: account.platform,
    type: account.type,
    model: model === null ? null : resolveModel(account, model),
    purpose: exchange.purpose ?? 'request',
    phase: exchange.phase ?? 'complete',
    receivedAt: exchange.receivedAt,
    date: null,
    skewMs: 0,
    status,
    failure,
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
    message: null,
    detail: null,
    link: null,
    forbidden: null,
    creditsExhausted: false,
    limits: null,
    bodyLimits: null,
  };
}

/** Begins to read an exchange; nothing of the answer but its status is looked at yet. */
export function startReading(exchange: Exchange, provider: Provider, verificationHosts: readonly string[]): Reading {
  const { response } = exchange;
  const failure = 'failure' in response ? response.failure : null;
  const answer = 'failure' in response ? null : response;
  return {
    draft: draftOf(exchange, answer === null ? 0 : normalizeStatus(answer.status), failure),
    provider,
    response: answer,
    account: exchange.account,
    verificationHosts,
    headers: null,
    error: null,
    windowsRead: answer === null,
    restRead: answer === null,
    temporaryRuleRead: false,
    prose: null,
    phrases: null,
    hasNoPhrase: null,
    events: NO_EVENTS,
  };
}

const NO_EVENTS: readonly PolicyEvent[] = [];

/** The headers in readable form. */
export function headersOf(reading: Reading): NormalHeaders {
  reading.headers ??= normalizeHeaders(reading.response?.headers);
  return reading.headers;
}

/** Reads the upstream's clock: needed wherever an instant is stated. */
function readClock(reading: Reading): void {
  const { draft } = reading;
  draft.date = readDate(headersOf(reading), draft.receivedAt);
  draft.skewMs = skewOf(draft.date, draft.receivedAt);
}

/** Reads what the headers say of usage windows, unless that was done. */
export function ensureWindows(reading: Reading): LimitFacts | null {
  if (!reading.windowsRead) {
    reading.windowsRead = true;
    const headers = headersOf(reading);
    if (reading.provider.hasWindows(headers)) {
      readClock(reading);
      reading.draft.limits = reading.provider.readWindows(headers, reading.draft);
    }
  }
  return reading.draft.limits;
}

/** Reads all that the headers say of limits, unless that was done. */
export function ensureLimits(reading: Reading): LimitFacts | null {
  const windows = ensureWindows(reading);
  if (!reading.restRead) {
    reading.restRead = true;
    if (reading.draft.date === null) readClock(reading);
    reading.draft.limits = reading.provider.readRest(headersOf(reading), reading.draft, windows);
  }
  return reading.draft.limits;
}

function redacted(text: string | null): string | null {
  return text === null ? null : safeText(text);
}

function fillFromError(draft: SignalDraft, facts: ErrorFacts): void {
  draft.errorType = facts.type === null ? null : safeWord(facts.type);
  draft.code = facts.code === null ? null : safeWord(facts.code);
  draft.reason = facts.reason === null ? null : safeWord(facts.reason);
  draft.message = redacted(facts.message);
  draft.detail = facts.detail === facts.message ? draft.message : redacted(facts.detail);
}

/** Objects are taken as they are given, so a property of theirs may throw: such a body is a broken one. */
function fillFromRoot(reading: Reading, root: JsonObject): void {
  const { draft } = reading;
  try {
    reading.error = readEnvelope(root);
    fillFromError(draft, reading.error);
    // An operator who reads "forbidden" wants to see whatever the upstream said.
    if (draft.status === 403) draft.message ??= redacted(bodyText(root));
  } catch {
    reading.error = null;
    draft.body = 'broken';
  }
}

function isGoogle(draft: SignalDraft): boolean {
  return draft.platform === 'antigravity' || draft.platform === 'gemini';
}

/** What a 403 says, and the link in it: both read the raw body, for they are looked for in its text too. */
function fillForbidden(reading: Reading): void {
  const { draft, response } = reading;
  if (draft.status !== 403 || !isGoogle(draft) || draft.body === 'html') return;
  const text = bodyText(response?.body);
  draft.forbidden = classifyForbidden(text);
  draft.link = extractVerificationLink(text, reading.verificationHosts);
}

/** Reads the body, unless that was done: its kind, and the error in it. */
export function ensureBody(reading: Reading): void {
  const { draft, response } = reading;
  if (draft.body !== 'unread' || response === null) return;
  const parsed = readBody(response.body);
  draft.body = parsed.kind;
  if (parsed.root !== null) {
    fillFromRoot(reading, parsed.root);
  } else if (parsed.kind === 'text') {
    draft.message = redacted(parsed.text.slice(0, 2048).trim());
  }
  fillForbidden(reading);
  if (draft.withCredits) draft.creditsExhausted = creditsWereExhausted(response);
}

/** An error inside an answer of status 200 counts as the status it would have had. Returns whether there is one. */
export function readInnerError(reading: Reading): boolean {
  const body = reading.response?.body;
  if (!isSuccess(reading.draft.status) || body === undefined || body === null || isHealthyBody(body)) return false;
  ensureBody(reading);
  const { draft, error } = reading;
  if (error === null || (error.code === null && error.type === null && error.message === null)) return false;
  draft.status = statusOfError(error.code, error.type) ?? error.status ?? 500;
  return true;
}

/** Reads what the body says of the length of a limit, unless that was done. */
export function ensureBodyLimits(reading: Reading): void {
  const { draft } = reading;
  ensureBody(reading);
  if (draft.bodyLimits !== null || reading.response === null) return;
  try {
    draft.bodyLimits = readBodyLimits(reading.error?.error ?? null, reading.error?.message ?? draft.message);
  } catch {
    draft.bodyLimits = readBodyLimits(null, draft.message);
  }
}

/** Asks the account's temporary rules, unless that was done. */
export function ensureTemporaryRule(reading: Reading): number {
  const { account, draft, response } = reading;
  if (!reading.temporaryRuleRead && account !== null && response !== null) {
    reading.temporaryRuleRead = true;
    draft.temporaryRule = matchTemporaryRule(account.settings.temporaryRules, draft.status, response.body);
  }
  return draft.temporaryRule;
}

/** A reading of a signal that was read before: there is nothing left to read. */
export function readingOfSignal(signal: Signal, provider: Provider): Reading {
  return {
    draft: signal,
    provider,
    response: null,
    account: null,
    verificationHosts: [],
    headers: null,
    error: null,
    windowsRead: true,
    restRead: true,
    temporaryRuleRead: true,
    prose: null,
    phrases: null,
    hasNoPhrase: null,
    events: NO_EVENTS,
  };
}
