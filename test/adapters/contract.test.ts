import { describe, it } from 'vitest';
import { createMemoryRepository } from '../../src/adapters/memory.js';
import { healthRepositoryContract } from '../../src/testing/health-contract.js';

describe('memory', () => {
  describe.each(
    healthRepositoryContract(() => {
      const repository = createMemoryRepository();
      return { repository, compact: repository.compact };
    }),
  )('health', ({ name, run, needs }) => {
    it.skipIf(needs === 'unknown_cells')(name, run);
  });
});
