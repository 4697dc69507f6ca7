/** Races of the real executor: processes, a linearizable store and a token server, whose requests and answers arrive in any order that the scheduler likes. */
import type * as fc from 'fast-check';
import { createMemoryCredentials } from '../../src/adapters/memory.js';
import { createRefresher } from '../../src/refresh/create-refresher.js';
import type { Refresher, RefreshOutcome } from '../../src/refresh/outcome.js';
import type { Pause } from '../../src/refresh/pause.js';
import type { CredentialRepository, TokenExchange } from '../../src/refresh/ports.js';
import { REFRESH_TIMING } from '../../src/refresh/timing.js';
import { accepts, descends, newServer, redeem, type Server, type ServerKind, signIn } from './explore-server.js';
import { credentialsOf, tokenOf } from './explore-world.js';

/** How a request to the store or the endpoint goes. */
export type Course = 'ok' | 'not_done' | 'unanswered';

/** What happens in a race, beside what the scheduler does. `expire`: more time passes than an attempt lasts. */
export type RaceAction =
  | { readonly type: 'refresh' | 'drain' | 'stale_401'; readonly process: number }
  | { readonly type: 'expire' }
  | { readonly type: 'sign_in' };

/** One race. */
export interface RacePlan {
  readonly server: ServerKind;
  readonly actions: readonly RaceAction[];
  /** The courses of the requests, in the order in which they are made; after them all is well. */
  readonly courses: readonly Course[];
}

/** What must have been reached by some of the races. */
export type Situation =
  | 'busy'
  | 'stale'
  | 'conflict'
  | 'alternate'
  | 'orphan'
  | 'ambiguous'
  | 'abort'
  | 'pending'
  | 'condemned'
  | 'promoted'
  | 'refreshed';

/** What a race showed. `wrong` null: nothing. */
export interface RaceResult {
  readonly situations: ReadonlySet<Situation>;
  readonly wrong: string | null;
}

const ACCOUNT = 'a';
const PROCESSES = 3;

interface Race {
  readonly scheduler: fc.Scheduler;
  readonly situations: Set<Situation>;
  readonly wrong: string[];
  readonly store: CredentialRepository;
  /** The tokens that were current, in order. */
  readonly history: number[];
  /** Answers that reached a process, and the revision that they were asked with. */
  readonly issued: Map<number, number>;
  readonly kept: Set<number>;
  readonly courses: Course[];
  server: Server;
  nowMs: number;
}

/** A request that arrives, is carried out, and is answered; in between anything may happen. */
async function travel<T>(race: Race, label: string, act: () => Promise<T>): Promise<T> {
  const course = race.courses.shift() ?? 'ok';
  await race.scheduler.schedule(Promise.resolve(), `${label} arrives`);
  const done = course === 'not_done' ? null : { value: await act() };
  await race.scheduler.schedule(Promise.resolve(), `${label} is answered`);
  if (course === 'ok' && done !== null) return done.value;
  throw new Error(`${label}: no answer`);
}

/** Notes a token that became current: each must be the endpoint's answer to the one before, an alternate, or a person's. */
function noteCurrent(race: Race, token: number, how: 'commit' | 'promote' | 'sign_in'): void {
  const before = race.history.at(-1) ?? 0;
  if (token === before) return;
  if (how !== 'sign_in' && race.history.some((earlier) => descends(race.server, earlier, token))) race.wrong.push(`rollback to ${token}`);
  if (how === 'commit' && race.server.tokens[token]?.parent !== before) race.wrong.push(`${token} does not follow ${before}`);
  race.history.push(token);
  race.kept.add(token);
}

function travellingStore(race: Race): CredentialRepository {
  const { store, situations } = race;
  return {
    ...store,
    read: (id) => travel(race, 'read', () => store.read(id)),
    begin: (id, revision, attempt) =>
      travel(race, 'begin', async () => {
        const result = await store.begin(id, revision, attempt);
        if (result.kind === 'busy' || result.kind === 'stale') situations.add(result.kind);
        if (result.kind === 'granted' && result.orphan) situations.add('orphan');
        return result;
      }),
    commit: (id, revision, nonce, next) =>
      travel(race, 'commit', async () => {
        const result = await store.commit(id, revision, nonce, next);
        if (result.kind === 'committed') noteCurrent(race, tokenOf(next.credentials), 'commit');
        if (result.kind === 'conflict' && !result.same) situations.add('conflict');
        return result;
      }),
    keepAlternate: (id, revision, next) =>
      travel(race, 'keep', async () => {
        situations.add('alternate');
        race.kept.add(tokenOf(next.credentials));
        return store.keepAlternate(id, revision, next);
      }),
    promoteAlternate: (id, revision, nonce) =>
      travel(race, 'promote', async () => {
        const result = await store.promoteAlternate(id, revision, nonce);
        if (result === null) return null;
        situations.add('promoted');
        noteCurrent(race, tokenOf((await store.read(id))?.credentials ?? {}), 'promote');
        return result;
      }),
    condemn: (id, revision, nonce, code) => travel(race, 'condemn', () => store.condemn(id, revision, nonce, code)),
    release: (id, nonce) => travel(race, 'release', () => store.release(id, nonce)),
  };
}

function travellingExchange(race: Race): TokenExchange {
  return async ({ credentials }) => {
    let child: number | null = null;
    try {
      return await travel(race, 'post', async () => {
        const redeemed = redeem(race.server, tokenOf(credentials));
        race.server = redeemed.server;
        child = redeemed.child;
        if (child === null) return { kind: 'answered', status: 400, body: '{"error":"invalid_grant"}', receivedAt: race.nowMs } as const;
        const body = JSON.stringify({ ...credentialsOf(child), expires_in: 3600 });
        return { kind: 'answered', status: 200, body, receivedAt: race.nowMs } as const;
      }).then((answer) => {
        if (child !== null) race.issued.set(child, tokenOf(credentials));
        return answer;
      });
    } catch (error) {
      return { kind: 'ambiguous', error };
    }
  };
}

/** Waits end when the scheduler likes; limits of time that were not reached, never. */
function travellingPause(race: Race): Pause {
  return async (ms, signal) => {
    if (signal === undefined) await race.scheduler.schedule(Promise.resolve(), `wait of ${Math.round(ms)}`);
    else await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  };
}

interface Process {
  readonly refresher: Refresher;
  revision: number;
  snapshot: number;
}

function noteOutcome(race: Race, own: Process, outcome: RefreshOutcome): void {
  const { situations } = race;
  if (outcome.type === 'ambiguous' || outcome.type === 'pending' || outcome.type === 'condemned' || outcome.type === 'refreshed')
    situations.add(outcome.type);
  if (outcome.type === 'aborted') situations.add('abort');
  if (!('credentials' in outcome) || outcome.revision < own.revision) return;
  own.revision = outcome.revision;
  own.snapshot = tokenOf(outcome.credentials);
}

async function act(race: Race, processes: readonly Process[], action: RaceAction): Promise<void> {
  if (action.type === 'expire') {
    race.nowMs += REFRESH_TIMING.attemptMs;
  } else if (action.type === 'sign_in') {
    const { server, token } = signIn(race.server);
    race.server = server;
    await race.store.replace(ACCOUNT, { credentials: credentialsOf(token), expiresAt: null });
    noteCurrent(race, token, 'sign_in');
  } else {
    const own = processes[action.process];
    if (own === undefined) return;
    if (action.type === 'drain') await own.refresher.drain();
    else if (action.type === 'refresh')
      noteOutcome(race, own, await own.refresher.refresh({ accountId: ACCOUNT, platform: 'anthropic', revision: own.revision }));
    else {
      // The founding bug: what was seen when the request began is written back, whatever is stored by now.
      const seen = own.snapshot;
      await race.scheduler.schedule(Promise.resolve(), 'the 401 arrives');
      await race.store.replace(ACCOUNT, { credentials: credentialsOf(seen), expiresAt: null });
      noteCurrent(race, seen, 'promote');
    }
  }
}

/** What is wrong when nothing is under way any more. */
async function judge(race: Race, processes: readonly Process[]): Promise<void> {
  const { store, server, wrong } = race;
  if (processes.some(({ refresher }) => refresher.pending(ACCOUNT) !== null)) wrong.push('an answer is still pending');
  for (const token of race.issued.keys()) if (!race.kept.has(token)) wrong.push(`the answer ${token} is lost`);
  const stored = await store.read(ACCOUNT);
  if (stored === null) wrong.push('the account is gone');
  race.nowMs += REFRESH_TIMING.attemptMs;
  const begun = await store.begin(ACCOUNT, stored?.revision ?? 0, { nonce: 'judge', ttlMs: 1 });
  if (begun.kind === 'condemned' && accepts(server, tokenOf(stored?.credentials ?? {})))
    wrong.push('condemned, and its token would be taken');
}

/** A process does one thing after the other. */
async function runLane(race: Race, processes: readonly Process[], lane: readonly RaceAction[]): Promise<void> {
  for (const action of lane) {
    await race.scheduler.schedule(Promise.resolve(), action.type);
    await act(race, processes, action);
  }
}

/** Runs one race to its end. Never rejects. */
export async function runRace(scheduler: fc.Scheduler, { server, actions, courses }: RacePlan): Promise<RaceResult> {
  const store = createMemoryCredentials({ now: () => race.nowMs });
  const race: Race = {
    scheduler,
    situations: new Set(),
    wrong: [],
    store,
    history: [0],
    issued: new Map(),
    kept: new Set([0]),
    courses: [...courses],
    server: newServer(server),
    nowMs: 0,
  };
  await store.replace(ACCOUNT, { credentials: credentialsOf(0), expiresAt: null });
  const tools = {
    credentials: travellingStore(race),
    exchange: travellingExchange(race),
    pause: travellingPause(race),
    elapsed: () => race.nowMs,
  };
  let attempts = 0;
  const newNonce = (): string => {
    attempts += 1;
    return `n${attempts}`;
  };
  const processes: Process[] = Array.from({ length: PROCESSES }, () => ({
    refresher: createRefresher({ ...tools, newNonce }),
    revision: 0,
    snapshot: 0,
  }));
  const lanes = [...processes.keys()].map((own) => actions.filter((action) => 'process' in action && action.process === own));
  const outside = actions.filter((action) => !('process' in action)).map((action) => [action]);
  const acted = [...lanes, ...outside].map((lane) => runLane(race, processes, lane));
  await scheduler.waitFor(Promise.all(acted));
  await scheduler.waitFor(Promise.all(processes.map(({ refresher }) => refresher.drain())));
  await judge(race, processes);
  return { situations: race.situations, wrong: race.wrong[0] ?? null };
}
