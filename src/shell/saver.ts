/** Carrying actions out, each account and each token by itself. */
import type { Action, InvalidateToken } from '../core/action.js';
import type { AccountHealth } from '../core/health.js';
import type { HealthPatch } from '../core/patch.js';
import { createHealthWriter } from './health-writer.js';
import { createOutbox } from './outbox.js';
import type { CloseOptions, EngineDeps, Saved, TokenCache } from './ports.js';
import { createSampleBatches, type SampleBatches } from './sample-batches.js';
import { isVoided } from './voided.js';
import { waitFor } from './wait-for.js';

const SAMPLE_INTERVAL_MS = 1_000;

/** What carries actions out. */
export interface Saver {
  /** Never rejects. */
  save(actions: readonly Action[]): Promise<Saved>;
  /** Writes all that waits, also what had failed, in the time that there is. What is not known to be written, by account. Never rejects. */
  close(options?: CloseOptions): Promise<ReadonlyMap<string, HealthPatch>>;
}

function isInvalidation(action: Action): action is InvalidateToken {
  return action.type === 'invalidate_token';
}

function groupByAccount(actions: readonly Action[]): ReadonlyMap<string, readonly Action[]> {
  const groups = new Map<string, Action[]>();
  for (const action of actions) {
    const group = groups.get(action.accountId);
    if (group === undefined) groups.set(action.accountId, [action]);
    else group.push(action);
  }
  return groups;
}

/** What came of the parts so far. */
interface Results {
  readonly health: Map<string, AccountHealth>;
  readonly errors: Map<Action, unknown>;
  readonly voided: Set<Action>;
}

async function patchAccount(
  [accountId, actions]: readonly [string, readonly Action[]],
  batches: SampleBatches,
  results: Results,
): Promise<void> {
  try {
    const health = await batches.submit(accountId, actions);
    if (health === null) return;
    results.health.set(accountId, health);
    for (const action of actions) if (isVoided(action, health)) results.voided.add(action);
  } catch (error) {
    for (const action of actions) results.errors.set(action, error);
  }
}

async function invalidate(action: InvalidateToken, tokens: TokenCache | undefined, results: Results): Promise<void> {
  try {
    await tokens?.invalidate(action.accountId, action.credentialRevision);
  } catch (error) {
    results.errors.set(action, error);
  }
}

/** Makes a saver of an engine's dependencies. */
export function createSaver({ health, tokens, usageWriteIntervalMs = SAMPLE_INTERVAL_MS }: EngineDeps): Saver {
  const writer = createHealthWriter(health, createOutbox());
  const batches = createSampleBatches(usageWriteIntervalMs, writer.write);
  const running = new Set<Promise<Saved>>();

  async function carryOut(actions: readonly Action[]): Promise<Saved> {
    const results: Results = { health: new Map(), errors: new Map(), voided: new Set() };
    const groups = groupByAccount(actions.filter((action) => !isInvalidation(action)));
    await Promise.all([
      ...Array.from(groups, (group) => patchAccount(group, batches, results)),
      ...actions.filter(isInvalidation).map((action) => invalidate(action, tokens, results)),
    ]);
    return {
      health: results.health,
      failed: actions.filter((action) => results.errors.has(action)).map((action) => ({ action, error: results.errors.get(action) })),
      voided: actions.filter((action) => results.voided.has(action)),
    };
  }

  return {
    save(actions) {
      const saved = carryOut(actions);
      running.add(saved);
      const done = (): boolean => running.delete(saved);
      saved.then(done, done);
      return saved;
    },
    async close({ timeoutMs } = {}) {
      batches.close();
      await waitFor(Promise.allSettled(running).then(writer.replay), timeoutMs);
      return writer.unconfirmed();
    },
  };
}
