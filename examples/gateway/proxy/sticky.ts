/** Sessions that stay with an account, so that its prompt cache serves them. */
import { createHash } from 'node:crypto';
import type { EpochMs } from 'poolwarden';

/** Which account a session was answered by last. */
export interface Sticky {
  /** The account's id; null: the session is new, or has been idle for too long. */
  find(session: string, now: EpochMs): string | null;
  bind(session: string, accountId: string, now: EpochMs): void;
  /** How many sessions are known. */
  size(): number;
}

/** How many sessions are kept, and how long one may be idle. */
export interface StickyOptions {
  /** Default 10,000; over it, the one that has been idle for longest is forgotten. */
  readonly maxSessions?: number;
  /** Default an hour. */
  readonly idleMs?: number;
}

const HOUR_MS = 3_600_000;

/** What names a session, as a key of equal length that tells nobody who it is. */
function keyOf(session: string): string {
  return createHash('sha256').update(session).digest('base64');
}

/** Remembers sessions in memory, in the order in which they were last seen. Loses nothing but a warm cache when the process ends. */
export function createSticky({ maxSessions = 10_000, idleMs = HOUR_MS }: StickyOptions = {}): Sticky {
  const sessions = new Map<string, { readonly accountId: string; readonly seenAt: EpochMs }>();

  /** A map keeps the order of insertion, so the session that was seen last is put to the end. */
  function put(key: string, accountId: string, seenAt: EpochMs): void {
    sessions.delete(key);
    sessions.set(key, { accountId, seenAt });
  }
  function forgetIdle(now: EpochMs): void {
    for (const [key, { seenAt }] of sessions) {
      if (sessions.size <= maxSessions && now - seenAt < idleMs) return;
      sessions.delete(key);
    }
  }
  return {
    find(session, now) {
      const key = keyOf(session);
      const known = sessions.get(key);
      if (known === undefined || now - known.seenAt >= idleMs) return null;
      put(key, known.accountId, now);
      return known.accountId;
    },
    bind(session, accountId, now) {
      put(keyOf(session), accountId, now);
      forgetIdle(now);
    },
    size: () => sessions.size,
  };
}
