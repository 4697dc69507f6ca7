/** Requests and failures, minute by minute. */
import type { EpochMs } from 'poolwarden';
import type { Observer, RequestEvent } from '../telemetry/observer.js';

/** One minute. */
export interface SeriesPoint {
  /** Its beginning. */
  readonly at: EpochMs;
  readonly requests: number;
  readonly failures: number;
}

/** Counts. */
export interface Series {
  readonly observe: Observer;
  /** The last 30 minutes, oldest first, without a gap; the last one is still running. */
  points(): readonly SeriesPoint[];
  /** When this process last used an account; null: never. */
  lastUsedAt(accountId: string): EpochMs | null;
  /** Told the running minute each time it changes, until the returned function is called. */
  onPoint(listener: (point: SeriesPoint) => void): () => void;
}

const MINUTE_MS = 60_000;
const MINUTES = 30;
const MOST_ACCOUNTS = 20_000;

/** What the pool did not manage. What a client sent wrong, or gave up, is no failure of the pool. */
const FAILURES: ReadonlySet<RequestEvent['outcome']> = new Set(['exhausted', 'refused_by_upstream', 'broken_stream']);

const minuteOf = (at: EpochMs): EpochMs => at - (at % MINUTE_MS);

/** Makes a counter. */
export function createSeries(now: () => EpochMs): Series {
  const minutes = new Map<EpochMs, SeriesPoint>();
  const lastUsed = new Map<string, EpochMs>();
  const listeners = new Set<(point: SeriesPoint) => void>();

  function count(outcome: RequestEvent['outcome']): void {
    const at = minuteOf(now());
    const { requests, failures } = minutes.get(at) ?? { requests: 0, failures: 0 };
    const point = { at, requests: requests + 1, failures: failures + Number(FAILURES.has(outcome)) };
    minutes.set(at, point);
    const [oldest] = minutes.keys();
    if (minutes.size > MINUTES && oldest !== undefined) minutes.delete(oldest);
    for (const listener of listeners) listener(point);
  }
  return {
    observe(event) {
      if (event.type === 'request') count(event.outcome);
      if (event.type !== 'attempt') return;
      lastUsed.set(event.accountId, event.at);
      const [first] = lastUsed.keys();
      if (lastUsed.size > MOST_ACCOUNTS && first !== undefined) lastUsed.delete(first);
    },
    points() {
      const last = minuteOf(now());
      return Array.from({ length: MINUTES }, (_, index) => {
        const at = last - (MINUTES - 1 - index) * MINUTE_MS;
        return minutes.get(at) ?? { at, requests: 0, failures: 0 };
      });
    },
    lastUsedAt: (accountId) => lastUsed.get(accountId) ?? null,
    onPoint(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
