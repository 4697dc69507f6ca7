// A health repository of your own, over a JSON file, and the contract suite on it: npx tsx examples/custom-repository.ts
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AccountHealth,
  createEngine,
  defineAccount,
  EMPTY_HEALTH,
  type HealthPatch,
  type HealthRepository,
  healthFromJson,
  healthToJson,
  mergeHealth,
} from 'poolwarden';
import { healthRepositoryContract } from 'poolwarden/testing';

/** Keeps the health of all accounts in one JSON file of one process. */
function createFileRepository(path: string): HealthRepository {
  let last: Promise<unknown> = Promise.resolve();

  async function readAll(): Promise<Map<string, AccountHealth>> {
    const text = await readFile(path, 'utf8').catch(() => '[]');
    const entries: readonly [string, unknown][] = JSON.parse(text);
    return new Map(entries.map(([id, json]) => [id, healthFromJson(json)]));
  }

  async function join(accountId: string, patch: HealthPatch): Promise<AccountHealth> {
    const all = await readAll();
    const merged = mergeHealth(all.get(accountId) ?? EMPTY_HEALTH, patch);
    all.set(accountId, merged);
    await writeFile(`${path}.new`, JSON.stringify([...all].map(([id, health]) => [id, healthToJson(health)])));
    await rename(`${path}.new`, path);
    return merged;
  }

  return {
    async load(accountIds) {
      const all = await readAll();
      return new Map([...all].filter(([id]) => accountIds.includes(id)));
    },
    // One write after the other: reading, joining and writing must not interleave.
    patch(accountId, patch) {
      const next = last.then(() => join(accountId, patch));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** Runs every test that the repository can take, and prints a line for each. */
async function check(folder: string): Promise<void> {
  let files = 0;
  const make = () => {
    files += 1;
    return { repository: createFileRepository(join(folder, `${files}.json`)) };
  };
  for (const { name, needs, run } of healthRepositoryContract(make, { runs: 10 })) {
    if (needs !== undefined && needs !== 'any_account_id') continue;
    try {
      await run();
      console.log(`ok   ${name}`);
    } catch (error) {
      console.log(`FAIL ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'poolwarden-example-'));
try {
  await check(folder);
  const path = join(folder, 'health.json');
  const engine = createEngine({ health: createFileRepository(path) });
  const account = defineAccount({ id: 'key-1', platform: 'openai', type: 'api_key' });
  const response = {
    status: 429,
    headers: { 'retry-after': '20' },
    body: '{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}',
  };
  await engine.observe({ account, model: 'gpt-5', response, receivedAt: Date.UTC(2026, 0, 1) }).saved;
  await engine.close();
  // Another process, later: the same file.
  const stored = (await createFileRepository(path).load(['key-1'])).get('key-1');
  for (const [model, { until, rule }] of stored?.modelRateLimits ?? [])
    console.log(`stored: ${model} waits until ${new Date(until).toISOString()}, by ${rule}`);
} finally {
  await rm(folder, { recursive: true });
}
