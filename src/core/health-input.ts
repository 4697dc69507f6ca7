/** Health as a gateway may write it by hand, or as its own columns have it. */
import {
  type AccountError,
  type AccountHealth,
  EMPTY_HEALTH,
  type Hold,
  type SessionWindowCells,
  type StrikeSet,
  type UsageSample,
} from './health.js';
import { healthFromJson } from './health-json.js';
import { isObject, type JsonObject, own, ownObject } from './json.js';
import { type EpochMs, SESSION_WINDOW_MS } from './time.js';

/** A dictionary: a Map, a plain object, or a list of pairs. Pairs and Maps also hold a model that is called `__proto__`. */
export type Dictionary<V> = ReadonlyMap<string, V> | Readonly<Record<string, V>> | readonly (readonly [key: string, value: V])[];

/** A hold of which only the end must be said. Left out: generation 0, bound to no credential, kind `temporary`, no detail. */
export interface HoldInput extends Partial<Omit<Hold, 'until'>> {
  readonly until: EpochMs;
}

/** An error of which only the instant must be said. Left out: generation 0, bound to no credential, no message, no link. */
export interface ErrorInput extends Partial<Omit<AccountError, 'at'>> {
  readonly at: EpochMs;
}

/** Strikes, with their evidence in any form of dictionary. */
export interface StrikesInput extends Partial<Pick<StrikeSet, 'generation'>> {
  readonly evidence: Dictionary<EpochMs>;
}

/** The 5-hour window in one piece. Without a start it began 5 hours before its end; without a source it was observed. */
export interface SessionWindowInput {
  readonly start?: EpochMs | null;
  readonly end?: EpochMs | null;
  readonly status?: string | null;
  readonly source?: 'header' | 'predicted';
}

/** A part of `AccountHealth`, in forms that are easy to write. Every `AccountHealth` is one. */
export interface HealthInput {
  readonly errors?: Dictionary<ErrorInput>;
  readonly rateLimit?: HoldInput | null;
  readonly overload?: HoldInput | null;
  readonly temporary?: HoldInput | null;
  readonly authentication?: HoldInput | null;
  readonly modelRateLimits?: Dictionary<HoldInput>;
  readonly sessionWindow?: Partial<SessionWindowCells> | SessionWindowInput | null;
  readonly usage?: Dictionary<UsageSample>;
  readonly strikes?: Dictionary<StrikesInput>;
  readonly refreshRequestedFor?: number;
  readonly unknown?: ReadonlyMap<string, unknown>;
}

/** A window in one piece as the cells it stands for, observed when it began, so that any observation of it is newer; cells stay as they are. */
function sessionCells(window: JsonObject): JsonObject {
  const [start, end, status, source] = ['start', 'end', 'status', 'source'].map((name) => own(window, name));
  const endOrNull = typeof end === 'number' ? end : null;
  const startOrNull = typeof start === 'number' ? start : endOrNull === null ? null : endOrNull - SESSION_WINDOW_MS;
  if (startOrNull === null) return window;
  const isObserved = source !== 'predicted' && endOrNull !== null;
  return {
    header: isObserved ? { observedAt: startOrNull, end: endOrNull } : null,
    predicted: isObserved ? null : { start: startOrNull },
    status: { observedAt: startOrNull, status },
  };
}

/** Health from what a gateway wrote: completed, and cleaned as `healthFromJson` does. Total on plain data, pure. */
export function healthFromInput(input: HealthInput | null | undefined): AccountHealth {
  if (!isObject(input)) return EMPTY_HEALTH;
  const window = ownObject(input, 'sessionWindow');
  return healthFromJson(window === null ? input : { ...input, sessionWindow: sessionCells(window) });
}
