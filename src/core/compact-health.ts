/** What a store may forget. */
import type { AccountHealth, Hold, StrikeSet, UsageSample } from './health.js';
import { DAY_MS, type EpochMs, SESSION_WINDOW_MS } from './time.js';

/**
 * How long a cell is kept after it is over. A cell that is forgotten loses its generation, so a late action about it would count again. No request, retry or outbox lives a week: by
 * then nobody can still carry evidence of that generation.
 */
export const KEPT_MS: number = 7 * DAY_MS;

/** A cleared hold stays: its generation is what voids late evidence, and nothing says when it was cleared. */
function keepHold(hold: Hold | null, now: EpochMs): Hold | null {
  return hold === null || hold.until === 0 || hold.until + KEPT_MS > now ? hold : null;
}

function isOld(at: EpochMs, now: EpochMs): boolean {
  return at + KEPT_MS <= now;
}

function filtered<K, V>(map: ReadonlyMap<K, V>, keep: (value: V) => boolean): ReadonlyMap<K, V> {
  const kept = [...map].filter(([, value]) => keep(value));
  return kept.length === map.size ? map : new Map(kept);
}

function keepSample({ sampledAt, resetAt }: UsageSample, now: EpochMs): boolean {
  return !isOld(Math.max(sampledAt, resetAt ?? 0), now);
}

function keepStrikes({ evidence }: StrikeSet, now: EpochMs): boolean {
  return evidence.size === 0 || [...evidence.values()].some((at) => !isOld(at, now));
}

/**
 * Health without cells that have been over for 7 days. Errors stay, for only a person lifts them, and so do cleared cells. Never drops what counts; idempotent; the same object where nothing is dropped. Cells that this version does not know
 * are kept. Total, pure.
 */
export function compactHealth(health: AccountHealth, now: EpochMs): AccountHealth {
  const { header, status, predicted } = health.sessionWindow;
  const compact: AccountHealth = {
    ...health,
    rateLimit: keepHold(health.rateLimit, now),
    overload: keepHold(health.overload, now),
    temporary: keepHold(health.temporary, now),
    authentication: keepHold(health.authentication, now),
    modelRateLimits: filtered(health.modelRateLimits, (hold) => keepHold(hold, now) !== null),
    sessionWindow: {
      header: header === null || isOld(header.end, now) ? null : header,
      status: status === null || isOld(status.observedAt, now) ? null : status,
      predicted: predicted === null || isOld(predicted.start + SESSION_WINDOW_MS, now) ? null : predicted,
    },
    usage: filtered(health.usage, (sample) => keepSample(sample, now)),
    strikes: filtered(health.strikes, (strikes) => keepStrikes(strikes, now)),
  };
  return isSame(compact, health) ? health : compact;
}

function isSame(a: AccountHealth, b: AccountHealth): boolean {
  const { sessionWindow: windowA, ...restA } = a;
  const { sessionWindow: windowB, ...restB } = b;
  const same = (left: object, right: object): boolean =>
    Object.entries(left).every(([key, value]) => Object.is(value, Reflect.get(right, key)));
  return same(restA, restB) && same(windowA, windowB);
}
