/** Tells listeners that accounts changed. */

/** A list of listeners. */
export interface ChangeBell {
  /** Told after each change, until the returned function is called. */
  listen(listener: (accountIds: readonly string[]) => void): () => void;
  /** Tells all. What one throws disturbs nobody. */
  ring(accountIds: readonly string[]): void;
}

/** Makes one. */
export function createChangeBell(): ChangeBell {
  const listeners = new Set<(accountIds: readonly string[]) => void>();
  return {
    listen(listener) {
      // A function of its own for each call, so that one who listens twice can leave once.
      const own = (accountIds: readonly string[]): void => listener(accountIds);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    ring(accountIds) {
      if (accountIds.length === 0) return;
      for (const listener of listeners) {
        try {
          listener(accountIds);
        } catch {
          // A listener's trouble is its own.
        }
      }
    },
  };
}
