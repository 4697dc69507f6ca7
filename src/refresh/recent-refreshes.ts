/** Which revisions this process has only just stored: without secrets, and no longer than needed. */

/** Remembers revisions for a while. */
export interface RecentRefreshes {
  /** This revision of the account was stored now. */
  note(accountId: string, revision: number): void;
  /** Whether it was stored less than the interval ago. */
  has(accountId: string, revision: number): boolean;
}

/** Makes an empty memory of what happened within `intervalMs`, by a clock that only goes forward. */
export function createRecentRefreshes(intervalMs: number, elapsed: () => number): RecentRefreshes {
  // In the order of their instants, oldest first.
  const noted = new Map<string, { readonly revision: number; readonly atMs: number }>();

  function isOver(atMs: number): boolean {
    return elapsed() - atMs >= intervalMs;
  }

  return {
    note(accountId, revision) {
      noted.delete(accountId);
      noted.set(accountId, { revision, atMs: elapsed() });
      for (const [oldest, { atMs }] of noted) {
        if (!isOver(atMs)) break;
        noted.delete(oldest);
      }
    },
    has(accountId, revision) {
      const found = noted.get(accountId);
      return found !== undefined && found.revision === revision && !isOver(found.atMs);
    },
  };
}
