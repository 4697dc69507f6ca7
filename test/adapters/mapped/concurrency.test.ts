/** Writers of ours and another program on one row at once: nobody's writes are lost, and a repository that writes whole columns loses most. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AccountHealth, EMPTY_HEALTH } from '../../../src/core/health.js';
import { healthFromJson, healthToJson } from '../../../src/core/health-json.js';
import { mergeHealth } from '../../../src/core/merge-health.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import type { HealthRepository } from '../../../src/shell/ports.js';
import { hold } from '../../support/accounts.js';
import { type MappedDatabase, openMapped } from './support.js';

const WRITERS = 8;
const PATCHES = 40;
const FOREIGN = 60;
const UNTIL = Date.now() + 3_600_000;
const at = (ms: number): string => new Date(ms).toISOString();

let database: MappedDatabase;

beforeAll(async () => {
  database = await openMapped();
});

afterAll(async () => {
  await database.close();
});

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** Each patch has a model and a piece of evidence of its own, and competes for the cells that all write. */
function patchOf(writer: number, step: number): HealthPatch {
  return [
    { cell: 'modelRateLimits', key: `ours.${writer},${step}`, value: hold(UNTIL + step) },
    { cell: 'rateLimit', value: hold(UNTIL + ((step * 7 + writer) % 50)) },
    { cell: 'usage', key: '5h', value: { utilization: step / 100, resetAt: null, sampledAt: UNTIL + step * WRITERS + writer } },
    {
      cell: 'strikes',
      key: 'forbidden',
      value: { generation: 0, evidence: new Map([[`w${writer}:${step}`, step * WRITERS + writer + 1]]) },
    },
  ];
}

async function write(repository: HealthRepository, id: string, writer: number): Promise<void> {
  for (const step of numbers(PATCHES)) await repository.patch(id, patchOf(writer, step));
}

/** Single columns and single paths, one statement each, as a careful program writes them. */
async function foreignProgram(id: string): Promise<void> {
  for (const step of numbers(FOREIGN)) {
    await database.foreign(id, "extra = jsonb_set(extra, '{counter}', to_jsonb((extra->>'counter')::int + 1))");
    await database.foreign(id, 'name = name || $2', ['x']);
    await database.foreign(id, 'overload_until = $2', [at(UNTIL + step * 1_000)]);
    const entry = JSON.stringify({ rate_limit_reset_at: at(UNTIL) });
    await database.foreign(id, "extra = jsonb_set(extra, array['model_rate_limits', $2], $3::jsonb)", [`theirs ${step}`, entry]);
  }
}

/** What many gateways do: read the row, change it, write its columns back. */
function wholeColumns(): HealthRepository {
  const read = async (id: string): Promise<AccountHealth> => healthFromJson((await database.rowOf(id)).poolwarden);
  return {
    load: async (ids) => new Map(await Promise.all(ids.map(async (id) => [id, await read(id)] as const))),
    async patch(id, patch) {
      const { extra } = await database.rowOf(id);
      const next = mergeHealth(await read(id), patch);
      await database.foreign(id, 'poolwarden = $2, extra = $3', [JSON.stringify(healthToJson(next)), JSON.stringify(extra)]);
      return next;
    },
  };
}

async function race(
  repository: HealthRepository,
): Promise<{ readonly id: string; readonly health: AccountHealth; readonly row: Readonly<Record<string, unknown>> }> {
  const id = await database.addRow({ extra: JSON.stringify({ counter: 0, model_rate_limits: {} }) });
  await Promise.all([foreignProgram(id), ...numbers(WRITERS).map((writer) => write(repository, id, writer))]);
  return { id, health: (await repository.load([id])).get(id) ?? EMPTY_HEALTH, row: await database.rowOf(id) };
}

const countOf = (keys: Iterable<string>, start: string): number => [...keys].filter((key) => key.startsWith(start)).length;
const extraOf = (row: Readonly<Record<string, unknown>>): { readonly counter: number; readonly model_rate_limits: object } =>
  row.extra as { readonly counter: number; readonly model_rate_limits: object };

it(`${WRITERS} writers and another program on one row lose nothing of each other`, { timeout: 120_000 }, async () => {
  const { id, health, row } = await race(database.repository);
  const expected = numbers(WRITERS).reduce(
    (known, writer) => numbers(PATCHES).reduce((joined, step) => mergeHealth(joined, patchOf(writer, step)), known),
    EMPTY_HEALTH,
  );
  const { rateLimit, usage, strikes } = health;
  expect({ rateLimit, usage, strikes }).toEqual({ rateLimit: expected.rateLimit, usage: expected.usage, strikes: expected.strikes });
  for (const [key, cell] of expected.modelRateLimits) expect(health.modelRateLimits.get(key)).toEqual(cell);
  expect(countOf(health.modelRateLimits.keys(), 'theirs')).toBe(FOREIGN);
  expect(health.modelRateLimits.size).toBe(FOREIGN + WRITERS * PATCHES);
  expect(health.overload?.until).toBe(UNTIL + (FOREIGN - 1) * 1_000);
  expect(row).toMatchObject({ name: 'x'.repeat(FOREIGN), rate_limit_reset_at: expected.rateLimit?.until });
  expect(extraOf(row).counter).toBe(FOREIGN);
  expect(Object.keys(extraOf(row).model_rate_limits)).toHaveLength(FOREIGN + WRITERS * PATCHES);
  expect(await database.repository.patch(id, [])).toEqual(health);
});

it('the same race on whole columns loses updates of both sides', { timeout: 120_000 }, async () => {
  const { health, row } = await race(wholeColumns());
  const ours = countOf(health.modelRateLimits.keys(), 'ours');
  const theirs = countOf(Object.keys(extraOf(row).model_rate_limits), 'theirs');
  console.log(`whole columns kept ${ours} of ${WRITERS * PATCHES} of ours, ${theirs} of ${FOREIGN} of theirs`);
  expect(ours).toBeLessThan((WRITERS * PATCHES) / 2);
  expect(theirs).toBeLessThan(FOREIGN);
  expect(extraOf(row).counter).toBeLessThan(FOREIGN);
});
