import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStores, type StoresConfig } from '../../../examples/gateway/stores/open-stores.js';
import { StartError } from '../../../examples/gateway/stores/start-error.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-embedded-'));
const config: StoresConfig = { dataDir: join(folder, 'data'), databaseUrl: null, redisUrl: null, secretKey: null };
// The server of a root's gateway runs as another user, who has to get there.
chmodSync(folder, 0o755);
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
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(child.exitCode).toBeNull();
  rmSync(script);
  return child;
}

it('needs no set-up, refuses a second gateway in the folder, and keeps its data over a restart', async () => {
  const first = await openStores(config);
  expect(await first.ready()).toBe(true);
  await first.credentials.replace('kept', { credentials: { access_token: 'a token' }, expiresAt: null });
  await expect(openStores(config)).rejects.toThrow(/Another gateway is using the data folder.*DATABASE_URL/);
  expect(await first.ready()).toBe(true);
  await first.close();

  const second = await openStores(config);
  expect((await second.credentials.read('kept'))?.credentials).toEqual({ access_token: 'a token' });
  await second.close();
}, 60_000);

it('makes its folder passable for the server of a root, and says which folder stands in the way where somebody has closed one', async () => {
  const umask = process.umask(0o077);
  const made = join(folder, 'made', 'data');
  const stores = await openStores({ ...config, dataDir: made }).finally(() => process.umask(umask));
  await stores.close();
  for (const one of [made, dirname(made)]) expect(statSync(one).mode & 0o777).toBe(0o711);
  expect(statSync(join(made, 'secret.key')).mode & 0o077).toBe(0);
  expect(statSync(join(made, 'postgres')).mode & 0o077).toBe(0);

  chmodSync(dirname(made), 0o700);
  const again = openStores({ ...config, dataDir: made });
  // Only a root's server is another user.
  if (userInfo().uid !== 0) return (await again).close();
  await expect(again).rejects.toThrow(StartError);
  await expect(again).rejects.toThrow(
    new RegExp(`may not enter ${dirname(made)} on the way to ${made}\\. Let it through with \`chmod o\\+x ${dirname(made)}\``),
  );
  expect(statSync(dirname(made)).mode & 0o777).toBe(0o700);
}, 60_000);

it('survives that the gateway is killed: the server ends by itself, and the next gateway finds everything', async () => {
  const child = await startElsewhere();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const stores = await openStores(config);
  expect(await stores.settings.get('written')).toBe('elsewhere');
  await stores.close();
}, 60_000);
