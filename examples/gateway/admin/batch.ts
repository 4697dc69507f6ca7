/** Gathers what comes in quick succession. */

/** Gathers ids. */
export interface Batch {
  add(ids: readonly string[]): void;
  close(): void;
}

/** Hands the ids that were added over together, `delayMs` after the first of them. */
export function createBatch(delayMs: number, flush: (ids: readonly string[]) => void): Batch {
  const gathered = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  return {
    add(ids) {
      for (const id of ids) gathered.add(id);
      if (timer !== null || gathered.size === 0) return;
      timer = setTimeout(() => {
        timer = null;
        const taken = [...gathered];
        gathered.clear();
        flush(taken);
      }, delayMs);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
