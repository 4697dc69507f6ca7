/** Stores of the gateway for tests: in a schema of the test's own, and as many processes' worth of them as a test wants. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Origins } from '../../../examples/gateway/config.js';
import { openStores, type Stores, type StoresConfig } from '../../../examples/gateway/stores/open-stores.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';

/** Nothing listens there. */
export const NOWHERE = 'http://127.0.0.1:9';
/** For accounts that are never used. */
export const ORIGINS: Origins = {
  anthropic: NOWHERE,
  openai: NOWHERE,
  chatgpt: NOWHERE,
  gemini: NOWHERE,
  codeAssist: NOWHERE,
  antigravity: NOWHERE,
};

/** Makes stores over one database. */
export interface TestStores {
  readonly postgres: PostgresConnection;
  readonly config: StoresConfig;
  /** Further stores on the same database, as another process has them. */
  open(differing?: Partial<StoresConfig>): Promise<Stores>;
  close(): Promise<void>;
}

/** Connects to the test's PostgreSQL. */
export async function createTestStores(): Promise<TestStores> {
  const postgres = await connectPostgres();
  const dataDir = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  const url = new URL(postgres.url);
  url.searchParams.set('options', `-c search_path=${postgres.schema}`);
  // The driver takes a plus sign for itself.
  const databaseUrl = url.href.replaceAll('+', '%20');
  const config: StoresConfig = { dataDir, databaseUrl, redisUrl: null, secretKey: new Uint8Array(32).fill(7) };
  const opened: Stores[] = [];
  return {
    postgres,
    config,
    async open(differing = {}) {
      const stores = await openStores({ ...config, ...differing });
      opened.push(stores);
      return stores;
    },
    async close() {
      await Promise.all(opened.map((stores) => stores.close()));
      await postgres.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until it holds, and says how long that took. Fails after the limit. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 1_000): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > limitMs) throw new Error(`did not hold within ${limitMs} ms`);
    await sleep(5);
  }
  return performance.now() - began;
}
