import { mergeHealth, EMPTY_HEALTH, type AccountHealth, type HealthRepository } from 'poolwarden';
import { healthRepositoryContract } from 'poolwarden/testing';

/** Reads, joins and writes, and forgets that others may do the same in between. */
function createCarelessRepository(): HealthRepository {
  const stored = new Map<string, AccountHealth>();
  return {
    load: async (ids) => new Map(ids.map((id) => [id, stored.get(id) ?? EMPTY_HEALTH])),
    async patch(id, patch) {
      const before = stored.get(id) ?? EMPTY_HEALTH;
      await Promise.resolve(); // a round trip
      stored.set(id, mergeHealth(before, patch));
      return stored.get(id) ?? EMPTY_HEALTH;
    },
  };
}

for (const { name, needs, run } of healthRepositoryContract(() => ({ repository: createCarelessRepository() }))) {
  if (needs === undefined) await run().catch(() => console.log(name));
}

export {};
