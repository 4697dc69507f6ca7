/** What `npm start` shows where no accounts are configured: a scripted upstream, a pool of scripted accounts and some traffic. Nothing of it outlives the process. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importAccounts } from './accounts/import-accounts.js';
import type { GatewayConfig } from './config.js';
import type { Gateway } from './create-gateway.js';
import { startTraffic, type Traffic } from './traffic/start-traffic.js';
import { createScriptedUpstream } from './upstream/create-scripted-upstream.js';
import { DEMO_ACCOUNTS } from './upstream/demo-accounts.js';
import { scriptedImport } from './upstream/scripted-import.js';
import { TOKEN_PATHS } from './upstream/token-endpoint.js';

/** A demonstration, around a gateway that is started with its configuration. */
export interface Demo {
  /** The configuration, with its own data folder and with every upstream here. */
  readonly config: GatewayConfig;
  /** Brings the accounts in and lets clients ask. */
  populate(gateway: Gateway, url: string): Promise<void>;
  /** Lets no client ask any more. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const FRAME_PAUSE_MS = 40;

/** The configuration in which everything goes to the scripted upstream. */
function configFor(config: GatewayConfig, origin: string, dataDir: string): GatewayConfig {
  const tokenUrl = (platform: string): string => origin + (TOKEN_PATHS[platform]?.path ?? '');
  return {
    ...config,
    dataDir,
    origins: { anthropic: origin, openai: origin, chatgpt: origin, gemini: origin, codeAssist: origin, antigravity: origin },
    tokenUrls: { anthropic: tokenUrl('anthropic'), openai: tokenUrl('openai'), google: tokenUrl('gemini') },
  };
}

/** Starts the upstream, and keeps the clients until there is a gateway. Rejects as the file system does. */
export async function startDemo(config: GatewayConfig): Promise<Demo> {
  const upstream = await createScriptedUpstream({ accounts: DEMO_ACCOUNTS, pauseMs: FRAME_PAUSE_MS });
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-demo-'));
  // The embedded database may run as another user, who has to get through; what is secret in the folder is closed by itself.
  await chmod(dataDir, 0o711);
  let traffic: Traffic | null = null;
  return {
    config: configFor(config, upstream.origin, dataDir),
    async populate(gateway, url) {
      const { problems } = await importAccounts(scriptedImport(upstream, DEMO_ACCOUNTS), gateway.stores);
      if (problems.length > 0) throw new Error('the accounts of the demonstration cannot be imported');
      await gateway.directory.reload();
      traffic = startTraffic({ url, clientKey: config.clientKey });
    },
    async quiet() {
      await traffic?.stop();
    },
    async close() {
      await upstream.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
