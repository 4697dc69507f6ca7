/** The key that secrets are sealed with: the configured one, or one of the gateway's own making. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfig } from '../config.js';
import { StartError } from '../stores/start-error.js';

const KEY_BYTES = 32;
const KEY_FILE = 'secret.key';

/** Only the first of several processes writes it. */
async function makeKeyFile(path: string): Promise<void> {
  const key = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  await writeFile(path, key, { flag: 'wx', mode: 0o600, flush: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** The key: from the configuration, else from the data folder, where it is made at the first start and only the owner can read it. Rejects with a `StartError` where the file holds something else. */
export async function loadSecretKey({ secretKey, dataDir }: Pick<GatewayConfig, 'secretKey' | 'dataDir'>): Promise<Uint8Array> {
  if (secretKey !== null) return secretKey;
  const path = join(dataDir, KEY_FILE);
  await mkdir(dataDir, { recursive: true });
  await makeKeyFile(path);
  const key = Buffer.from(await readFile(path, 'utf8'), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new StartError(`${path} holds no key of ${KEY_BYTES} bytes. Without the right key the stored secrets cannot be read.`);
}
