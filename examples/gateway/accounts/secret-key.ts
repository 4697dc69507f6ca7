/** The key that secrets are sealed with: the configured one, or one of the gateway's own making. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfig } from '../config.js';
import { makeDataDir } from '../stores/make-data-dir.js';
import { StartError } from '../stores/start-error.js';

const KEY_BYTES = 32;
const KEY_FILE = 'secret.key';

/** Written beside its place and linked into it: of several processes the first one's is kept, and nobody ever sees a file that is there and not whole. */
async function makeKeyFile(path: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function readKeyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await makeKeyFile(path);
    return readFile(path, 'utf8');
  });
}

/** The key: from the configuration, else from the data folder, where it is made at the first start and only the owner can read it. Rejects with a `StartError` where the file holds something else. */
export async function loadSecretKey({ secretKey, dataDir }: Pick<GatewayConfig, 'secretKey' | 'dataDir'>): Promise<Uint8Array> {
  if (secretKey !== null) return secretKey;
  const path = join(dataDir, KEY_FILE);
  await makeDataDir(dataDir);
  const key = Buffer.from(await readKeyFile(path), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new StartError(`${path} holds no key of ${KEY_BYTES} bytes. Without the right key the stored secrets cannot be read.`);
}
