/** `npm start`: a gateway that runs until it is told to stop. Without accounts it shows itself with a scripted upstream. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importFile } from './accounts/import-accounts.js';
import { ConfigError, type GatewayConfig, loadConfig } from './config.js';
import { createGateway, type Gateway } from './create-gateway.js';
import { type Demo, startDemo } from './demo.js';
import { type Listening, serve } from './serve.js';
import { StartError } from './stores/start-error.js';

/** How long streams may go on when the gateway is told to stop. */
const STREAMS_MS = 30_000;

/** Whether there can be any account: a file of them, a shared database, or one that an earlier start has left here. */
function hasAccounts({ accountsFile, databaseUrl, dataDir }: GatewayConfig): boolean {
  return accountsFile !== null || databaseUrl !== null || existsSync(join(dataDir, 'postgres'));
}

interface Running {
  readonly gateway: Gateway;
  readonly listening: Listening;
  readonly demo: Demo | null;
}

/** Brings the accounts in, once the gateway is there. */
async function populate({ gateway, listening, demo }: Running, { accountsFile }: GatewayConfig): Promise<void> {
  await demo?.populate(gateway, listening.url);
  if (accountsFile === null) return;
  await importFile(accountsFile, gateway.stores);
  await gateway.directory.reload();
}

async function start(given: GatewayConfig): Promise<Running> {
  const demo = hasAccounts(given) ? null : await startDemo(given);
  const config = demo?.config ?? given;
  let gateway: Gateway | null = null;
  let listening: Listening | null = null;
  try {
    gateway = await createGateway(config);
    listening = await serve(config, gateway.handle);
    const running = { gateway, listening, demo };
    await populate(running, config);
    return running;
  } catch (error) {
    gateway?.endStreams();
    await listening?.stop(0);
    await gateway?.close();
    await demo?.close();
    throw error;
  }
}

/** In the order in which one needs the other: no new requests, streams to their end, refreshes stored, health written, stores closed. */
async function stop({ gateway, listening, demo }: Running): Promise<void> {
  await demo?.quiet();
  gateway.endStreams();
  await listening.stop(STREAMS_MS);
  await gateway.close();
  await demo?.close();
}

function greet({ gateway, listening, demo }: Running): void {
  const accounts = gateway.directory.accounts().length;
  process.stderr.write(
    `\nThe gateway listens at ${listening.url} with ${accounts} accounts${demo === null ? '' : ' and a scripted upstream'}.\n`,
  );
  if (accounts === 0)
    process.stderr.write('There is no account yet: name a file of them in ACCOUNTS_FILE, or import one through the admin API.\n');
}

/** The first signal ends in order, the second at once. */
function stopOnSignal(running: Running): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    running.gateway.notify({ level: 'info', code: 'stopping', detail: signal });
    stop(running).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
}

try {
  const running = await start(loadConfig(process.env));
  stopOnSignal(running);
  greet(running);
} catch (error) {
  if (!(error instanceof StartError) && !(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
