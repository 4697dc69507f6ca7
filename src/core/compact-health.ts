/** What a store may forget. */
import { type AccountHealth, type Hold, MAX_MODEL_CELLS, type StrikeSet, type UsageSample } from './health.js';
import { keepSame } from './keep-same.js';
import { DAY_MS, type EpochMs, SESSION_WINDOW_MS } from './time.js';

/**
 * How long a cell is kept after it is over. A cell that is forgotten loses its generation, so a late action about it would count again. No
 * request, retry or outbox lives a week: by then nobody can still carry evidence of that generation.
 */
export const KEPT_MS: number = 7 * DAY_MS;

/** Cleared model limits are kept while there are at most this many model cells: half of those that an account may have. */
const ROOMY_MODEL_CELLS: number = MAX_MODEL_CELLS / 2;

function isOld(at: EpochMs, now: EpochMs): boolean {
  return at + KEPT_MS <= now;
}

/** A cleared hold stays: its generation is what voids late evidence, and nothing says when it was cleared. */
function isKept(hold: Hold, now: EpochMs): boolean {
  return hold.until === 0 || !isOld(hold.until, now);
}

function kept(hold: Hold | null, now: EpochMs): Hold | null {
  return hold !== null && isKept(hold, now) ? hold : null;
}

function filtered<K, V>(map: ReadonlyMap<K, V>, keep: (value: V) => boolean): ReadonlyMap<K, V> {
  const entries = [...map].filter(([, value]) => keep(value));
  return entries.length === map.size ? map : new Map(entries);
}

/**
 * The names of models come from callers, so cleared ones could crowd out new limits for ever. Then they go: evidence that is late by more than
 * a clear and a compaction may hold that model again, and only until its own end.
 */
function keptModels(models: AccountHealth['modelRateLimits'], now: EpochMs): AccountHealth['modelRateLimits'] {
  const some = filtered(models, (hold) => isKept(hold, now));
  return some.size <= ROOMY_MODEL_CELLS ? some : filtered(some, (hold) => hold.until > 0);
}

function keepSample({ sampledAt, resetAt }: UsageSample, now: EpochMs): boolean {
  return !isOld(Math.max(sampledAt, resetAt ?? 0), now);
}

function keepStrikes({ evidence }: StrikeSet, now: EpochMs): boolean {
  return evidence.size === 0 || [...evidence.values()].some((at) => !isOld(at, now));
}

/**
 * Health without cells that have been over for 7 days. Errors stay, for only a person lifts them, and so do cleared cells (of models, while
 * there is room). Never drops what counts; cells that this version does not know are kept. Idempotent; the same object where nothing is
 * dropped. Total, pure.
 */
export function compactHealth(health: AccountHealth, now: EpochMs): AccountHealth {
  const { header, status, predicted } = health.sessionWindow;
  const sessionWindow: AccountHealth['sessionWindow'] = {
    header: header === null || isOld(header.end, now) ? null : header,
    status: status === null || isOld(status.observedAt, now) ? null : status,
    predicted: predicted === null || isOld(predicted.start + SESSION_WINDOW_MS, now) ? null : predicted,
  };
  const compact: AccountHealth = {
    ...health,
    rateLimit: kept(health.rateLimit, now),
    overload: kept(health.overload, now),
    temporary: kept(health.temporary, now),
    authentication: kept(health.authentication, now),
    modelRateLimits: keptModels(health.modelRateLimits, now),
    sessionWindow: keepSame(sessionWindow, health.sessionWindow),
    usage: filtered(health.usage, (sample) => keepSample(sample, now)),
    strikes: filtered(health.strikes, (strikes) => keepStrikes(strikes, now)),
  };
  return keepSame(compact, health);
}
