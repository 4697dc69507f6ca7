/** Carrying actions out, each account and each token by itself. */
import type { Action, InvalidateToken } from '../core/action.js';
import type { AccountHealth } from '../core/health.js';
import { createHealthWriter } from './health-writer.js';
import { createOutbox } from './outbox.js';
import type { EngineDeps, Saved } from './ports.js';
import { createSampleBatches } from './sample-batches.js';
import { isVoided } from './voided.js';

const SAMPLE_INTERVAL_MS = 1_000;

/** What carries actions out. */
export interface Saver {
  /** Never rejects. */
  save(actions: readonly Action[]): Promise<Saved>;
  /** Writes all that waits, also what had failed. Never rejects. */
  close(): Promise<void>;
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

/** Makes a saver of an engine's dependencies. */
export function createSaver({ health: repository, tokens, usageWriteIntervalMs = SAMPLE_INTERVAL_MS }: EngineDeps): Saver {
  const writer = createHealthWriter(repository, createOutbox());
  const batches = createSampleBatches(usageWriteIntervalMs, writer.write);
  const running = new Set<Promise<Saved>>();

  async function carryOut(actions: readonly Action[]): Promise<Saved> {
    const health = new Map<string, AccountHealth>();
    const errors = new Map<Action, unknown>();
    const voided = new Set<Action>();

    async function patch(accountId: string, own: readonly Action[]): Promise<void> {
      try {
        const after = await batches.submit(accountId, own);
        if (after === null) return;
        health.set(accountId, after);
        for (const action of own) if (isVoided(action, after)) voided.add(action);
      } catch (error) {
        for (const action of own) errors.set(action, error);
      }
    }

    async function invalidate(action: InvalidateToken): Promise<void> {
      try {
        await tokens?.invalidate(action.accountId, action.credentialRevision);
      } catch (error) {
        errors.set(action, error);
      }
    }

    const patches = groupByAccount(actions.filter((action) => !isInvalidation(action)));
    await Promise.all([
      ...Array.from(patches, ([accountId, own]) => patch(accountId, own)),
      ...actions.filter(isInvalidation).map(invalidate),
    ]);
    return {
      health,
      failed: actions.filter((action) => errors.has(action)).map((action) => ({ action, error: errors.get(action) })),
      voided: actions.filter((action) => voided.has(action)),
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
    async close() {
      batches.close();
      await Promise.allSettled(running);
      await writer.replay();
    },
  };
}
