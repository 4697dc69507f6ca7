/** Reading what a rule asks for, when it asks, and at most once. */

import { readBodyLimits } from './body-limits.js';
import { classifyForbidden } from './classify-forbidden.js';
import { readDate, skewOf } from './clock-skew.js';
import { creditsWereExhausted } from './credits.js';
import { type ErrorFacts, readEnvelope } from './error-envelope.js';
import { type NormalHeaders, normalizeHeaders } from './headers.js';
import { isHealthyBody } from './healthy-body.js';
import type { JsonObject } from './json.js';
import { linkWithoutSecret } from './link-without-secret.js';
import { bodyText, readBody } from './read-body.js';
import { isRead, NEED, type Reading } from './reading.js';
import { safeText, safeWord } from './safe-text.js';
import type { LimitFacts, SignalDraft } from './signal.js';
import { isSuccess } from './status-kind.js';
import { statusOfError } from './stream-status.js';
import { matchTemporaryRule } from './temporary-rule.js';
import { extractVerificationLink } from './verification-link.js';

/** The headers in readable form. */
export function headersOf(reading: Reading): NormalHeaders {
  reading.headers ??= normalizeHeaders(reading.response?.headers);
  return reading.headers;
}

/** Marks a need as met; false where it was before. */
function isFirst(reading: Reading, need: number): boolean {
  if (isRead(reading, need)) return false;
  reading.read |= need;
  return true;
}

/** Reads the upstream's clock: needed wherever an instant is stated. */
function readClock(reading: Reading): void {
  const { draft } = reading;
  draft.date = readDate(headersOf(reading), draft.receivedAt);
  draft.skewMs = skewOf(draft.date, draft.receivedAt);
}

/** Reads what the headers say of usage windows, unless that was done. */
export function ensureWindows(reading: Reading): LimitFacts | null {
  if (isFirst(reading, NEED.windows)) {
    const headers = headersOf(reading);
    const { hasAnyWindow, hasWindows } = reading.provider;
    if (isSuccess(reading.draft.status) ? hasWindows(headers) : hasAnyWindow(headers)) {
      readClock(reading);
      reading.draft.limits = reading.provider.readWindows(headers, reading.draft);
    }
  }
  return reading.draft.limits;
}

/** Reads all that the headers say of limits, unless that was done. */
export function ensureLimits(reading: Reading): LimitFacts | null {
  const windows = ensureWindows(reading);
  if (isFirst(reading, NEED.limits)) {
    if (reading.draft.date === null) readClock(reading);
    reading.draft.limits = reading.provider.readRest(headersOf(reading), reading.draft, windows);
  }
  return reading.draft.limits;
}

/** A message without outer blanks; a blank one is none. */
function messageOf(text: string | null, mayHaveControls: boolean = true): string | null {
  const trimmed = text === null ? '' : text.trim();
  return trimmed === '' ? null : safeText(trimmed, mayHaveControls);
}

/** A `detail` counts letter by letter, so its blanks stay. */
function detailOf(detail: string | null): string | null {
  return detail === null ? null : safeText(detail);
}

function fillFromError(draft: SignalDraft, facts: ErrorFacts, mayHaveControls: boolean): void {
  draft.errorType = facts.type === null ? null : safeWord(facts.type);
  draft.code = facts.code === null ? null : safeWord(facts.code);
  draft.reason = facts.reason === null ? null : safeWord(facts.reason);
  draft.namedModel = facts.model === null ? null : safeWord(facts.model);
  draft.message = messageOf(facts.message, mayHaveControls);
  draft.detail = facts.detail === draft.message ? draft.message : detailOf(facts.detail);
}

/** Objects are taken as they are given, so a property of theirs may throw: such a body is a broken one. */
function fillFromRoot(reading: Reading, root: JsonObject, mayHaveControls: boolean): void {
  const { draft } = reading;
  try {
    reading.error = readEnvelope(root, reading.model?.includes('{') === true ? { echo: reading.model } : undefined);
    reading.message = reading.error.message;
    fillFromError(draft, reading.error, mayHaveControls);
    // An operator who reads "forbidden" wants to see whatever the upstream said.
    if (draft.status === 403) draft.message ??= messageOf(bodyText(root));
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
  draft.link = linkWithoutSecret(extractVerificationLink(text, reading.settings.verificationHosts));
}

/** Reads the body, unless that was done: its kind, and the error in it. */
export function ensureBody(reading: Reading): void {
  const { draft, response } = reading;
  if (!isFirst(reading, NEED.body) || response === null) return;
  const parsed = readBody(response.body);
  draft.body = parsed.kind;
  if (parsed.root !== null) {
    fillFromRoot(reading, parsed.root, parsed.mayHaveControls);
  } else if (parsed.kind === 'text') {
    draft.message = messageOf(parsed.text.slice(0, 2048));
    reading.message = parsed.text;
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
  if (!isFirst(reading, NEED.bodyLimits) || reading.response === null) return;
  try {
    draft.bodyLimits = readBodyLimits(reading.error?.error ?? null, reading.error?.message ?? draft.message);
  } catch {
    draft.bodyLimits = readBodyLimits(null, draft.message);
  }
}

/** Asks the account's temporary rules, unless that was done. */
export function ensureTemporaryRule(reading: Reading): number {
  const { account, draft, response } = reading;
  if (isFirst(reading, NEED.rawBody) && account !== null && response !== null) {
    draft.temporaryRule = matchTemporaryRule(account.settings.temporaryRules, draft.status, response.body);
  }
  return draft.temporaryRule;
}

/** Reads what a check needs (bits of `NEED`), unless that was done. */
export function ensure(reading: Reading, need: number): void {
  const missing = need & ~reading.read;
  if (missing !== 0) readMissing(reading, missing);
}

function readMissing(reading: Reading, missing: number): void {
  if ((missing & NEED.limits) === NEED.windows) ensureWindows(reading);
  else if ((missing & NEED.limits) !== 0) ensureLimits(reading);
  if ((missing & NEED.bodyLimits) === NEED.body) ensureBody(reading);
  else if ((missing & NEED.bodyLimits) !== 0) ensureBodyLimits(reading);
  if ((missing & NEED.rawBody) !== 0) ensureTemporaryRule(reading);
}
