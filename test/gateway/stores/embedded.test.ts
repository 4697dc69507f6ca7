import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStores, type StoresConfig } from '../../../examples/gateway/stores/open-stores.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-embedded-'));
const config: StoresConfig = { dataDir: join(folder, 'data'), databaseUrl: null, redisUrl: null, secretKey: null };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another process that opens the stores, says so, and stays. */
async function startElsewhere(): Promise<ChildProcess> {
  const module = resolve(import.meta.dirname, '../../../examples/gateway/stores/open-stores.ts');
  const script = join(import.meta.dirname, `.open-${crypto.randomUUID()}.mts`);
  writeFileSync(
    script,
    `import { openStores } from ${JSON.stringify(module)};
const stores = await openStores(${JSON.stringify(config)});
await stores.settings.set('written', 'elsewhere');
console.log('open');
setInterval(() => undefined, 1_000);
`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  rmSync(script);
  return child;
}

it('needs no set-up, refuses a second gateway in the folder, and keeps its data over a restart', async () => {
  const first = await openStores(config);
  expect(await first.ready()).toBe(true);
  await first.credentials.replace('kept', { credentials: { access_token: 'a token' }, expiresAt: null });
  await expect(openStores(config)).rejects.toThrow(/another gateway is using the folder.*DATABASE_URL/);
  expect(await first.ready()).toBe(true);
  await first.close();

  const second = await openStores(config);
  expect((await second.credentials.read('kept'))?.credentials).toEqual({ access_token: 'a token' });
  await second.close();
}, 60_000);

it('survives that the gateway is killed: the server ends by itself, and the next gateway finds everything', async () => {
  const child = await startElsewhere();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const stores = await openStores(config);
  expect(await stores.settings.get('written')).toBe('elsewhere');
  await stores.close();
}, 60_000);
