/** What a quota endpoint's payload says, gathered field by field: bounded, plausible, without credentials. */
import { MAX_MODEL_CELLS, type UsageSample } from '../core/health.js';
import { readRfc3339 } from '../core/read-instant.js';
import { jsonNumber, readEpochMs, toEpochMs, toFraction } from '../core/read-number.js';
import { safeText } from '../core/safe-text.js';
import { isModelKey } from '../core/text.js';
import { DAY_MS, type EpochMs, HOUR_MS, SESSION_WINDOW_MS } from '../core/time.js';
import type { UsageCredits, UsageForbidden, UsageInfo } from '../core/usage-info.js';

/** What a payload says; the rest of a `UsageInfo` follows from the answer around it. */
export interface UsageFacts {
  readonly windows: Map<string, UsageSample>;
  readonly models: Map<string, UsageSample>;
  tier: string | null;
  credits: readonly UsageCredits[];
  /** Where a payload says that the account may not be used, though its status is 200. */
  forbidden: UsageForbidden | null;
}

/** What a payload is read with: when it came, by both clocks, and how its texts are made safe. */
export interface UsageContext {
  /** The local clock. */
  readonly now: EpochMs;
  /** The local clock minus the upstream's, in milliseconds. */
  readonly skewMs: number;
  /** When the upstream made its observation. */
  readonly sampledAt: EpochMs;
  /** One line of at most 512 bytes without credentials. */
  readonly clean: (text: string) => string;
  /** Hosts whose links are trusted; undefined: the default ones. */
  readonly verificationHosts: readonly string[] | undefined;
}

/** Reads a payload of one platform. Total, pure. */
export type PayloadReader = (root: Readonly<Record<string, unknown>>, context: UsageContext) => UsageFacts;

/** How long windows last, in milliseconds. Quotas of single models last a week at most. */
export const WINDOW_MS: Readonly<Record<'5h' | '7d' | '30d' | 'model', number>> = {
  '5h': SESSION_WINDOW_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  model: 7 * DAY_MS,
};

/** Facts of which nothing is known yet. */
export function noFacts(): UsageFacts {
  return { windows: new Map(), models: new Map(), tier: null, credits: [], forbidden: null };
}

/** A usage answer in which nothing is known. */
export function emptyUsage(updatedAt: EpochMs): UsageInfo {
  return {
    windows: new Map(),
    models: new Map(),
    forbidden: null,
    needsVerify: false,
    isBanned: false,
    needsReauth: false,
    errorCode: null,
    error: null,
    tier: null,
    credits: [],
    updatedAt,
  };
}

/** What a refusal means for the account's owner, by its type. */
export function forbiddenUsage(
  forbidden: UsageForbidden,
): Pick<UsageInfo, 'forbidden' | 'needsVerify' | 'isBanned' | 'needsReauth' | 'errorCode'> {
  const { type } = forbidden;
  return { forbidden, needsVerify: type === 'validation', isBanned: type === 'violation', needsReauth: false, errorCode: 'forbidden' };
}

/** An instant of a payload, RFC 3339 or epoch seconds or milliseconds, on the upstream's clock; null where it is none. */
function readInstant(value: unknown): EpochMs | null {
  if (typeof value === 'string') return readRfc3339(value) ?? readEpochMs(value);
  return typeof value === 'number' ? toEpochMs(value) : null;
}

/** A reset on the local clock; null where it cannot be one of a window of this length. */
function plausible(reset: EpochMs | null, lengthMs: number, now: EpochMs): EpochMs | null {
  return reset !== null && reset >= now - lengthMs && reset <= now + lengthMs + HOUR_MS ? reset : null;
}

/** What a payload says of one window. `percent` is of 100, `resetAt` an instant, `resetAfter` seconds. */
export interface RawWindow {
  readonly percent: unknown;
  readonly resetAt: unknown;
  readonly resetAfter?: unknown;
  readonly lengthMs: number;
}

/** A sample out of a payload; null where it tells neither use nor reset. */
export function sampleOf(
  { percent, resetAt, resetAfter, lengthMs }: RawWindow,
  { now, skewMs, sampledAt }: UsageContext,
): UsageSample | null {
  const used = jsonNumber(percent);
  const utilization = used === null ? null : toFraction(used / 100);
  const instant = readInstant(resetAt);
  const seconds = instant === null ? jsonNumber(resetAfter) : null;
  const reset = instant !== null ? instant + skewMs : seconds === null || seconds < 0 ? null : now + Math.ceil(seconds * 1000);
  const within = plausible(reset, lengthMs, now);
  return utilization === null && within === null ? null : { utilization, resetAt: within, sampledAt };
}

/** Adds a sample; of two with one name the fuller stays. */
export function addFuller(samples: Map<string, UsageSample>, name: string, sample: UsageSample | null): void {
  const before = samples.get(name);
  if (sample === null || (before !== undefined && (before.utilization ?? -1) >= (sample.utilization ?? -1))) return;
  samples.set(name, sample);
}

/** Adds a model's sample, unless its name can be no key, has the shape of a credential, or is one too many. */
export function addModel(models: Map<string, UsageSample>, name: unknown, sample: UsageSample | null): void {
  if (typeof name !== 'string' || !isModelKey(name) || safeText(name) !== name) return;
  if (models.size < MAX_MODEL_CELLS || models.has(name)) addFuller(models, name, sample);
}

/** A tier as the upstream names it, made safe; null where it is no text or a blank one. */
export function tierOf(value: unknown): string | null {
  const tier = typeof value === 'string' ? safeText(value.trim()) : '';
  return tier === '' ? null : tier;
}
