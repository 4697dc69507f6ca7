/** Those who are told of changes. */
import type { HealthChange } from '../../shell/ports.js';

/** Told of each change. */
export type ChangeListener = (change: HealthChange) => void;

/** A set of listeners. */
export interface Listeners {
  /** Adds a listener. Gives the function that takes it out again: true once, for the first call. */
  readonly add: (listener: ChangeListener) => () => boolean;
  readonly isEmpty: () => boolean;
  /** Tells all of them. What one throws is ignored, for it is no business of the others. */
  readonly tell: (change: HealthChange) => void;
}

/** An empty set of listeners. */
export function createListeners(): Listeners {
  const listeners = new Set<ChangeListener>();
  return {
    add(listener) {
      // A function of its own for each call, so that one who comes twice can leave once.
      const own = (change: HealthChange): void => listener(change);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    isEmpty: () => listeners.size === 0,
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch {
          // See above.
        }
      }
    },
  };
}
