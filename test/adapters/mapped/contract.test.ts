/** The mapped repository keeps the contract of every health repository, whatever it maps. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createMappedRepository } from '../../../src/adapters/postgres/create-mapped-repository.js';
import { healthRepositoryContract } from '../../../src/testing/health-contract.js';
import { MAPPING, type MappedDatabase, openMapped } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 15);

let database: MappedDatabase;

beforeAll(async () => {
  database = await openMapped();
});

afterAll(async () => {
  await database.close();
});

const tests = (cells: typeof MAPPING.cells) =>
  healthRepositoryContract(
    () => ({
      repository: createMappedRepository(database.pool, { ...MAPPING, cells }),
      newAccountId: () => database.addRow(),
    }),
    { runs: RUNS },
  ).filter(({ needs }) => needs === undefined);

describe('with every cell mapped', () => {
  it.each(tests(MAPPING.cells))('$name', ({ run }) => run());
});

describe('with no cell mapped', () => {
  it.each(tests({}))('$name', ({ run }) => run());
});
