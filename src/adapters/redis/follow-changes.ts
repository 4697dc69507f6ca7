/** Following what changed: messages tell at once, and the list of changes tells what a lost message would have told. */
import { type ChangeReader, changeIn } from './change-list.js';
import { createDelivery, type Deliver } from './delivery.js';
import { PARTITIONS } from './keys.js';
import type { RedisSubscriber } from './subscriber.js';
import { createTimer } from './timer.js';

/** Where news comes from and goes to. */
export interface FollowOptions {
  readonly channel: string;
  readonly changes: ChangeReader;
  /** null: only the list is read, at each interval. */
  readonly subscriber: RedisSubscriber | null;
  /** How often the list is read even if nothing seems to be missing. */
  readonly sweepIntervalMs: number;
  /** Where it rejects, the same comes again. */
  readonly deliver: Deliver;
}

/** The list is read from this long before it was last read: after a fail-over another clock counts, and clocks are set back. In microseconds. */
const OVERLAP_MICROS = 60_000_000;
const RETRY_MS = 1_000;

type See = (what: string, at: string) => void;

/** Reads the list of each partition from the last time that it was read, with the overlap: it says again what it has said. */
function createSweep(changes: ChangeReader): (see: See) => Promise<void> {
  const readAt = new Map<string, string>();

  async function sweepPartition(partition: string, see: See): Promise<void> {
    const last = readAt.get(partition) ?? (await changes.clock(partition));
    const { clock, found } = await changes.since(partition, String(Number(last) - OVERLAP_MICROS));
    for (const { what, at } of found) see(what, at);
    readAt.set(partition, clock);
  }

  return async (see) => {
    await Promise.all(PARTITIONS.map((partition) => sweepPartition(partition, see)));
  };
}

/**
 * Follows what changes from now on, until the returned function is called. Nothing is missed that the server keeps: the list is read whenever the subscription was interrupted, and at each interval. A change may
 * be told more than once. Rejects where the server or the subscription cannot be had; later failures are tried again.
 */
export async function followChanges(options: FollowOptions): Promise<() => Promise<void>> {
  const { channel, subscriber, sweepIntervalMs } = options;
  const sweep = createSweep(options.changes);
  const delivery = createDelivery(options.deliver);
  const seen = new Map<string, string>();
  const see: See = (what, at) => {
    if (seen.get(what) === at) return;
    seen.set(what, at);
    delivery.add(what);
  };
  const timer = createTimer(() => {
    // Who asked for a sweep meanwhile gets one that begins after that.
    const startAgain = (delayMs: number): void => {
      if (!timer.isWaiting()) timer.start(delayMs);
    };
    sweep(see).then(
      () => startAgain(sweepIntervalMs),
      () => startAgain(Math.min(RETRY_MS, sweepIntervalMs)),
    );
  });

  // What was before is no news.
  await sweep((what, at) => seen.set(what, at));
  const unsubscribe = await subscriber?.subscribe(channel, {
    message(text) {
      const change = changeIn(text);
      if (change !== null) see(change.what, change.at);
    },
    restored: () => timer.start(0),
  });
  // At once, for something may have changed before the subscription stood.
  timer.start(0);
  return async () => {
    timer.end();
    delivery.end();
    await unsubscribe?.();
  };
}
