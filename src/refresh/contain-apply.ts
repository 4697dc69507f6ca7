/** Having actions carried out by a host that may fail. */
import type { Action } from '../core/action.js';

/** Carries actions out, as `engine.apply` does. */
export type ApplyActions = (actions: readonly Action[]) => unknown;

/** `apply` made safe: settles when the actions were carried out or could not be, and never rejects. Nothing to carry out, or nobody who does: nothing happens. */
export function containApply(apply: ApplyActions | undefined): (actions: readonly Action[]) => Promise<void> {
  return async (actions) => {
    if (apply === undefined || actions.length === 0) return;
    try {
      await apply(actions);
    } catch {
      // An engine keeps what failed and writes it again; a host of another kind knows best.
    }
  };
}
