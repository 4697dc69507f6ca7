/** Health from outside made safe: whatever does not have a cell's form is dropped, and every number is brought within its bounds. */
import {
  type AccountError,
  ERROR_KINDS,
  type ErrorKind,
  type Hold,
  type HoldKind,
  MAX_GENERATION,
  type SessionHeader,
  type SessionStatus,
  type StrikeSet,
  type UsageSample,
} from './health.js';
import { newestEvidence } from './join-strikes.js';
import { isObject, type JsonObject, own, ownObject, ownText } from './json.js';
import { toFraction } from './read-number.js';
import { cleanText, isIdentifier } from './text.js';
import { clampInstant, type EpochMs } from './time.js';
import { checkLink, type VerificationLink } from './verification-link.js';

const HOLD_KINDS: readonly string[] = ['quota', 'overload', 'unavailable', 'temporary', 'credits'] satisfies readonly HoldKind[];

function isHoldKind(value: unknown): value is HoldKind {
  return typeof value === 'string' && HOLD_KINDS.includes(value);
}

/** Whether a text is an error kind. */
export function isErrorKind(value: unknown): value is ErrorKind {
  return ERROR_KINDS.some((kind) => kind === value);
}

/** A whole number from `least` to the highest generation; null: not a number. */
function wholeNumber(value: unknown, least: number): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return Math.min(MAX_GENERATION, Math.max(least, Math.floor(value)));
}

function instant(value: unknown): EpochMs | null {
  return typeof value === 'number' && !Number.isNaN(value) ? clampInstant(value) : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? cleanText(value) : '';
}

interface Tuple {
  readonly generation: number;
  readonly credentialRevision: number;
  readonly rule: string;
}

/** The rule of a hold or error that a gateway wrote by hand, or under a name that stores would not order alike. */
const UNNAMED_RULE = 'given';

/** What holds and errors have in common. Left out: generation 0, no credential, a rule of that name. */
function tupleOf(value: JsonObject): Tuple | null {
  const generation = wholeNumber(own(value, 'generation') ?? 0, 0);
  const credentialRevision = wholeNumber(own(value, 'credentialRevision') ?? -1, -1);
  const rule = ownText(value, 'rule') ?? '';
  if (generation === null || credentialRevision === null) return null;
  return { generation, credentialRevision, rule: isIdentifier(rule) ? rule : UNNAMED_RULE };
}

/** A hold, or null. The kind may be left out (`temporary`), and the detail (empty). */
export function holdFrom(value: unknown): Hold | null {
  if (!isObject(value)) return null;
  const tuple = tupleOf(value);
  const until = instant(own(value, 'until'));
  const kind = own(value, 'kind') ?? 'temporary';
  if (tuple === null || until === null) return null;
  return { ...tuple, until, kind: isHoldKind(kind) ? kind : 'temporary', detail: text(own(value, 'detail')) };
}

/**
 * A link that may be stored, or null. Whether it is trusted stays as it was decided, for the policy's hosts are not known here; where nobody
 * decided, the default hosts do.
 */
function linkFrom(link: JsonObject | null): VerificationLink | null {
  const url = link === null ? null : ownText(link, 'url');
  const checked = url === null ? null : checkLink(url);
  const trusted = link === null ? undefined : own(link, 'trusted');
  return checked === null || typeof trusted !== 'boolean' ? checked : { url: checked.url, trusted };
}

/** An error, or null. The message may be left out. */
export function errorFrom(value: unknown): AccountError | null {
  if (!isObject(value)) return null;
  const tuple = tupleOf(value);
  const at = instant(own(value, 'at'));
  if (tuple === null || at === null) return null;
  return { ...tuple, at, message: text(own(value, 'message')), link: linkFrom(ownObject(value, 'link')) };
}

/** A usage sample, or null. */
export function sampleFrom(value: unknown): UsageSample | null {
  if (!isObject(value)) return null;
  const sampledAt = instant(own(value, 'sampledAt'));
  const utilization = own(value, 'utilization');
  const resetAt = own(value, 'resetAt');
  if (sampledAt === null) return null;
  return { utilization: typeof utilization === 'number' ? toFraction(utilization) : null, resetAt: instant(resetAt), sampledAt };
}

/** Entries of a Map, of a list of pairs, or of a plain object; nothing else has any. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (value instanceof Map) return [...value].filter(([key]) => typeof key === 'string');
  if (Array.isArray(value)) return value.filter((pair): pair is [string, unknown] => Array.isArray(pair) && typeof pair[0] === 'string');
  return isObject(value) ? Object.entries(value) : [];
}

/** A strike set, or null. */
export function strikesFrom(value: unknown): StrikeSet | null {
  if (!isObject(value)) return null;
  const generation = wholeNumber(own(value, 'generation') ?? 0, 0);
  if (generation === null) return null;
  const evidence = entriesOf(own(value, 'evidence')).flatMap(([id, at]): (readonly [string, EpochMs])[] => {
    const seenAt = instant(at);
    return isIdentifier(id) && seenAt !== null ? [[id, seenAt]] : [];
  });
  return { generation, evidence: newestEvidence(new Map(evidence)) };
}

/** An observed session end, or null. */
export function sessionHeaderFrom(value: unknown): SessionHeader | null {
  if (!isObject(value)) return null;
  const observedAt = instant(own(value, 'observedAt'));
  const end = instant(own(value, 'end'));
  return observedAt === null || end === null ? null : { observedAt, end };
}

/** An observed session status, or null. */
export function sessionStatusFrom(value: unknown): SessionStatus | null {
  if (!isObject(value)) return null;
  const observedAt = instant(own(value, 'observedAt'));
  const status = ownText(value, 'status');
  return observedAt === null || status === null || !isIdentifier(status) ? null : { observedAt, status };
}

/** A guessed session start, or null. */
export function predictedFrom(value: unknown): { readonly start: EpochMs } | null {
  const start = isObject(value) ? instant(own(value, 'start')) : null;
  return start === null ? null : { start };
}

/** The highest revision that a refresh was asked for; -1: none. */
export function revisionFrom(value: unknown): number {
  return wholeNumber(value, -1) ?? -1;
}
