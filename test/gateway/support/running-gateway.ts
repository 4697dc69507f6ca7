/** A whole gateway on a loopback port, over real stores, in front of a scripted upstream. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importAccounts } from '../../../examples/gateway/accounts/import-accounts.js';
import { loadConfig } from '../../../examples/gateway/config.js';
import { createGateway, type Gateway } from '../../../examples/gateway/create-gateway.js';
import { serve } from '../../../examples/gateway/serve.js';
import { createScriptedUpstream, type ScriptedUpstream } from '../../../examples/gateway/upstream/create-scripted-upstream.js';
import { scriptedImport } from '../../../examples/gateway/upstream/scripted-import.js';
import { TOKEN_PATHS } from '../../../examples/gateway/upstream/token-endpoint.js';
import type { ScriptedAccount } from '../../../examples/gateway/upstream/token-ledger.js';
import { connectPostgres } from '../../support/postgres-server.js';

/** The environment that sends everything to one origin. */
export function scriptedEnvironment(origin: string): Record<string, string> {
  const names = ['ANTHROPIC', 'OPENAI', 'CHATGPT', 'GEMINI', 'CODE_ASSIST', 'ANTIGRAVITY'];
  const tokens = { ANTHROPIC: 'anthropic', OPENAI: 'openai', GOOGLE: 'gemini' };
  return Object.fromEntries([
    ...names.map((name) => [`${name}_ORIGIN`, origin]),
    ...Object.entries(tokens).map(([name, platform]) => [`${name}_TOKEN_URL`, origin + TOKEN_PATHS[platform]?.path]),
  ]);
}

/** The address of a schema, for `DATABASE_URL`. */
export function urlOfSchema(url: string, schema: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(`-c search_path=${schema}`)}`;
}

/** A gateway that runs in this process. */
export interface RunningGateway {
  readonly url: string;
  readonly gateway: Gateway;
  readonly upstream: ScriptedUpstream;
  /** All lines that it has logged. */
  readonly log: () => string;
  readonly adminToken: string;
  close(): Promise<void>;
}

/** The client key that the gateway asks for. */
export const CLIENT_KEY = 'client-key-of-the-gateway-itself';

/** Whatever a test is about: no line of its gateway may show a secret. The scripted ones have `-secret-` in them. */
function refuseLeaks(log: string, secrets: readonly string[]): void {
  const leaked = log
    .split('\n')
    .find((line) => /-secret-\d|scripted-client-secret/.test(line) || secrets.some((secret) => line.includes(secret)));
  if (leaked !== undefined) throw new Error(`a secret is in the log: ${leaked}`);
}

/** Starts one. `pauseMs`: between two frames of the upstream's streams. */
export async function startGateway(
  accounts: readonly ScriptedAccount[],
  { pauseMs = 0, environment = {} }: { readonly pauseMs?: number; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<RunningGateway> {
  const [database, dataDir] = await Promise.all([connectPostgres(), mkdtemp(join(tmpdir(), 'gateway-test-'))]);
  const upstream = await createScriptedUpstream({ accounts, pauseMs });
  const config = loadConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: urlOfSchema(database.url, database.schema),
    GATEWAY_CLIENT_KEY: CLIENT_KEY,
    ...scriptedEnvironment(upstream.origin),
    ...environment,
  });
  let log = '';
  let adminToken = '';
  const destination = {
    write(line: string): void {
      log += line;
    },
  };
  const gateway = await createGateway(config, {
    logs: { level: 'debug', destination },
    announce: (token) => {
      adminToken = token;
    },
  });
  const { problems } = await importAccounts(scriptedImport(upstream, accounts), gateway.stores);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await gateway.directory.reload();
  const listening = await serve(config, gateway.handle);
  return {
    url: listening.url,
    gateway,
    upstream,
    log: () => log,
    adminToken,
    async close() {
      gateway.endStreams();
      await listening.stop(1_000);
      await gateway.close();
      refuseLeaks(log, [CLIENT_KEY, adminToken]);
      await upstream.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
