/** Whether a clear that an exchange could not know of took the effect from what it found out. */
import type { Action } from '../core/action.js';
import type { AccountHealth } from '../core/health.js';
import type { CellWrite } from '../core/patch.js';
import { toPatches } from '../core/to-patches.js';

/** How many times the cell of a write was cleared beyond the write's own generation; 0 or less: never. */
function clearedSince(health: AccountHealth, write: CellWrite): number {
  switch (write.cell) {
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
      return (health[write.cell]?.generation ?? 0) - write.value.generation;
    case 'modelRateLimits':
      return (health.modelRateLimits.get(write.key)?.generation ?? 0) - write.value.generation;
    case 'errors':
      return (health.errors.get(write.key)?.generation ?? 0) - write.value.generation;
    case 'strikes':
      return (health.strikes.get(write.key)?.generation ?? 0) - write.value.generation;
    case 'sessionWindow.header':
    case 'sessionWindow.status':
    case 'sessionWindow.predicted':
    case 'usage':
    case 'refreshRequestedFor':
      return 0;
    default:
      return write satisfies never;
  }
}

/** Whether a later generation of a cell stands in the post-image of an action than the action wrote. Pure. */
export function isVoided(action: Action, health: AccountHealth): boolean {
  const patch = toPatches([action]).get(action.accountId) ?? [];
  return patch.some((write) => clearedSince(health, write) > 0);
}
