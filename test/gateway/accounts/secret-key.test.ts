import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { loadSecretKey } from '../../../examples/gateway/accounts/secret-key.js';
import { StartError } from '../../../examples/gateway/stores/start-error.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');

/** What a reader finds in the file while something is under way: its text each time that the event loop comes by. */
async function textsDuring(path: string, work: Promise<unknown>): Promise<ReadonlySet<string>> {
  const texts = new Set<string>();
  let isOver = false;
  work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    if (existsSync(path)) texts.add(readFileSync(path, 'utf8'));
    await setImmediate();
  }
  return texts;
}

it('is made once by gateways that start at the same moment, and nothing else is left', async () => {
  const dataDir = join(folder, 'together');
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKey({ secretKey: null, dataDir })));
  expect(new Set(keys.map(hex)).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect(hex(await loadSecretKey({ secretKey: null, dataDir }))).toBe(hex(keys[0] ?? new Uint8Array()));
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
  expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
});

it('is never there before it is whole', async () => {
  for (let round = 0; round < 20; round += 1) {
    const dataDir = join(folder, `round-${round}`);
    const loading = loadSecretKey({ secretKey: null, dataDir });
    const texts = await textsDuring(join(dataDir, 'secret.key'), loading);
    const whole = `${Buffer.from(await loading).toString('base64')}\n`;
    for (const text of texts) expect(text).toBe(whole);
  }
});

it('is the configured one, where there is one, and no file is touched', async () => {
  const dataDir = join(folder, 'nowhere');
  const secretKey = new Uint8Array(32).fill(3);
  expect(await loadSecretKey({ secretKey, dataDir })).toBe(secretKey);
  expect(readdirSync(folder)).not.toContain('nowhere');
});

it('is refused where the file holds something else', async () => {
  writeFileSync(join(folder, 'secret.key'), 'c2hvcnQ=');
  const loading = loadSecretKey({ secretKey: null, dataDir: folder });
  await expect(loading).rejects.toThrow(StartError);
  await expect(loading).rejects.toThrow(/holds no key of 32 bytes/);
});
