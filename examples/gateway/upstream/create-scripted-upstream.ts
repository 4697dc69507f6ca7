/** A loopback server that speaks for Anthropic, OpenAI, Gemini and Antigravity, with captured answers and a script for each account. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerRequest, type Outcome, refuseToken } from './answer-request.js';
import { askedAt, type Request, readAsked } from './read-asked.js';
import { beginScript, type Script, usedFraction } from './scripted-account.js';
import { answerTokenRequest } from './token-endpoint.js';
import { createTokenLedger, type ScriptedAccount, type ScriptedSecrets, type TokenLedger } from './token-ledger.js';
import { answerUsageRequest, isUsagePath } from './usage-endpoint.js';
import { writeWhole } from './write-answer.js';

/** A request that came, and what became of it. */
export interface Seen {
  readonly path: string;
  readonly model: string;
  /** Null: nobody's secret was in it. */
  readonly accountId: string | null;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Null while it is being answered. */
  outcome: Outcome | 'unauthorized' | 'token' | 'usage' | 'not_found' | null;
}

/** The scripted upstream, listening. */
export interface ScriptedUpstream {
  /** `http://127.0.0.1:…`, of every platform alike. */
  readonly origin: string;
  secretsOf(accountId: string): ScriptedSecrets;
  /** The last thousand requests, oldest first. */
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** What may be chosen. */
export interface ScriptedUpstreamOptions {
  readonly accounts: readonly ScriptedAccount[];
  /** Between two frames of a stream. Default 0. */
  readonly pauseMs?: number;
  /** Default 0: any free one. */
  readonly port?: number;
}

const SEEN_AT_MOST = 1_000;
const NOT_FOUND = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"type":"not_found_error","message":"Not Found"}}',
};

interface World {
  readonly ledger: TokenLedger;
  readonly scripts: ReadonlyMap<string, Script>;
  readonly pauseMs: number;
  count: number;
}

/** Answers a request that has a secret of the ledger. */
async function answerAccount(world: World, request: Request, response: ServerResponse): Promise<Seen['outcome']> {
  const now = Date.now();
  const identity = world.ledger.identify(request.secret);
  const script = identity === null ? undefined : world.scripts.get(identity.accountId);
  if (identity === null || script === undefined || !identity.valid) {
    writeWhole(response, refuseToken(script?.scenario.platform ?? 'anthropic', now));
    return 'unauthorized';
  }
  if (isUsagePath(request.path)) {
    writeWhole(
      response,
      answerUsageRequest(request.path, { scenario: script.scenario, used: usedFraction(script), now, windowEnd: script.windowEnd }),
    );
    return 'usage';
  }
  const asked = askedAt(request.path, script.scenario);
  if (asked === null) {
    writeWhole(response, NOT_FOUND);
    return 'not_found';
  }
  world.count += 1;
  const revokeToken = (): void => world.ledger.revokeAccess(identity.accountId);
  const { pauseMs, count: requestNumber } = world;
  return answerRequest({ request, asked, response, script, now, pauseMs, requestNumber, revokeToken });
}

async function handle(world: World, seen: Seen[], exchange: { incoming: IncomingMessage; response: ServerResponse }): Promise<void> {
  const { incoming, response } = exchange;
  const request = await readAsked(incoming);
  const token = answerTokenRequest(request.path, request, world.ledger);
  const accountId = token === null ? (world.ledger.identify(request.secret)?.accountId ?? null) : token.accountId;
  const entry: Seen = { path: request.path, model: request.model, accountId, headers: incoming.headers, body: request.body, outcome: null };
  if (seen.push(entry) > SEEN_AT_MOST) seen.shift();
  if (token === null) {
    entry.outcome = await answerAccount(world, request, response);
  } else {
    writeWhole(response, token.answer);
    entry.outcome = 'token';
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts the server. Rejects where the port is taken; throws where a scenario does not exist. */
export async function createScriptedUpstream({ accounts, pauseMs = 0, port = 0 }: ScriptedUpstreamOptions): Promise<ScriptedUpstream> {
  const ledger = createTokenLedger(accounts);
  const scripts = new Map(accounts.map(({ id }) => [id, beginScript(ledger.scenarioOf(id), Date.now())]));
  const world: World = { ledger, scripts, pauseMs, count: 0 };
  const seen: Seen[] = [];
  const server = createServer((incoming, response) => {
    handle(world, seen, { incoming, response }).catch(() => response.destroy());
  });
  const origin = await listen(server, port);
  return {
    origin,
    secretsOf: (accountId) => ledger.secretsOf(accountId),
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
