/** `npm start`: a gateway that runs until it is told to stop. Without accounts it shows itself with a scripted upstream. */
import { parseArgs } from 'node:util';
import { importFile } from './accounts/import-accounts.js';
import { ConfigError, type GatewayConfig, loadConfig } from './config.js';
import { createGateway, type Gateway } from './create-gateway.js';
import { type Demo, startDemo } from './demo.js';
import { hasDatabase, makeNewAdminToken } from './new-admin-token.js';
import { type Listening, serve } from './serve.js';
import { StartError } from './stores/start-error.js';

/** How long streams may go on when the gateway is told to stop. */
const STREAMS_MS = 30_000;

/** Whether there can be any account: a file of them, a shared database, or one that an earlier start has left here. */
function hasAccounts(config: GatewayConfig): boolean {
  return config.accountsFile !== null || hasDatabase(config);
}

/** Whether only a new admin token is wanted. Throws a `StartError` for what is no argument. */
function wantsNewToken(given: readonly string[]): boolean {
  try {
    const { values } = parseArgs({ args: [...given], options: { 'new-admin-token': { type: 'boolean', default: false } } });
    return values['new-admin-token'];
  } catch (cause) {
    throw new StartError('The only argument is --new-admin-token: everything else is in the environment (see the README).', { cause });
  }
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
    // The lines of a demonstration are what went wrong: the rest is on the page.
    gateway = await createGateway(config, { logs: { level: demo === null ? 'info' : 'warn' } });
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
  const upstream = demo === null ? '' : ', in front of a scripted upstream';
  process.stderr.write(`\nThe gateway serves ${accounts} accounts${upstream}.\nIts page: ${listening.url}/\n\n`);
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
  const config = loadConfig(process.env);
  if (wantsNewToken(process.argv.slice(2))) {
    const token = await makeNewAdminToken(config);
    process.stderr.write(
      `\nThe new admin token, shown this once: ${token}\nGateways that run take it within seconds, and the old one no more.\n`,
    );
  } else {
    const running = await start(config);
    stopOnSignal(running);
    greet(running);
  }
} catch (error) {
  if (!(error instanceof StartError) && !(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
