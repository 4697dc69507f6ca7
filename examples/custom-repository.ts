// A health repository of your own, over a JSON file: npx tsx examples/custom-repository.ts
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AccountHealth,
  createEngine,
  defineAccount,
  EMPTY_HEALTH,
  encodeCell,
  type HealthPatch,
  type HealthRepository,
  healthFromJson,
  healthToJson,
  mergeHealth,
  toPatches,
} from 'poolwarden';

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

/** The least that a repository must get right; prints what it found. */
async function check(repository: HealthRepository): Promise<void> {
  const hold = (until: number) =>
    ({
      type: 'set_rate_limited',
      accountId: 'a',
      until,
      rule: 'test',
      kind: 'quota',
      detail: '',
      generation: 0,
      credentialRevision: -1,
    }) as const;
  const patchOf = (until: number): HealthPatch => toPatches([hold(until)]).get('a') ?? [];
  const [short, long] = [patchOf(1_000), patchOf(2_000)];
  await Promise.all([long, short, long].map((patch) => repository.patch('a', patch)));
  const health = (await repository.load(['a'])).get('a') ?? EMPTY_HEALTH;
  const lift: HealthPatch =
    toPatches([{ type: 'clear_holds', accountId: 'a', holds: [{ cell: 'rateLimit', generation: 0 }] }]).get('a') ?? [];
  await repository.patch('a', lift);
  const late = await repository.patch('a', long);
  const checks = {
    'the longer hold stays, in whatever order they come': health.rateLimit?.until === 2_000,
    'a late write does not bring a cleared hold back': late.rateLimit?.rule === 'cleared',
    'texts compare as cells do': encodeCell(long[0] ?? fail()) > encodeCell(short[0] ?? fail()),
    'an account that was never patched is empty': (await repository.load(['b'])).get('b') === undefined,
  };
  for (const [what, holds] of Object.entries(checks)) console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (Object.values(checks).includes(false)) process.exitCode = 1;
}

function fail(): never {
  throw new Error('a patch without a cell');
}

const folder = await mkdtemp(join(tmpdir(), 'poolwarden-example-'));
try {
  const path = join(folder, 'health.json');
  await check(createFileRepository(path));
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
