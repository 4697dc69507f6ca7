/** Everything that can happen next in a world. An effect and the answer to it are one move: between them only the next effect could differ, and that waits for a move of its own. */

import type { AttemptEvent } from '../../src/refresh/attempt-event.js';
import type { AnsweredEffect, StoreEffect } from '../../src/refresh/carry-out.js';
import type { ExchangeResult } from '../../src/refresh/ports.js';
import { REFRESH_TIMING } from '../../src/refresh/timing.js';
import { type Row, replace } from './explore-row.js';
import { redeem, revoke, type Server, signIn } from './explore-server.js';
import {
  advance,
  begin,
  credentialsOf,
  type Fault,
  heldBy,
  nonceOf,
  type Protocol,
  storedOf,
  tokenOf,
  type Worker,
  type World,
} from './explore-world.js';

/** A world that can follow, and what led to it. `crashed`: the number of the process that died on the way. */
export interface Move {
  readonly name: string;
  readonly world: World;
  readonly crashed: number | null;
}

/** How an effect goes: done and answered, done without an answer, not done. */
type Course = 'ok' | 'unanswered' | 'not_done';

const LATE_MS: number = REFRESH_TIMING.sendWithinMs;
const ERROR = new Error('the store did not answer');

function spend(world: World, fault: Fault): World | null {
  const left = world.faults[fault] ?? 0;
  return left === 0 ? null : { ...world, faults: { ...world.faults, [fault]: left - 1 } };
}

function withWorker(world: World, index: number, worker: Worker): World {
  return { ...world, workers: world.workers.map((other, at) => (at === index ? worker : other)) };
}

function withRow(world: World, row: Row): World {
  const kept = row.alternates.reduce((bits, { token }) => bits | (1 << token), 1 << row.token);
  return { ...world, row, wasCurrent: world.wasCurrent | (1 << row.token), wasKept: world.wasKept | kept };
}

/** One step of the store, and the event that answers it. */
function askRow(
  row: Row,
  effect: StoreEffect,
  { nonce, elapsedMs, protocol }: { readonly nonce: string; readonly elapsedMs: number; readonly protocol: Protocol },
): { readonly row: Row; readonly event: AttemptEvent } {
  const { operations } = protocol;
  switch (effect.type) {
    case 'begin': {
      const { row: next, answer } = operations.begin(row, effect.revision, nonce);
      const facts = { granted: { orphan: next.orphan, ...storedOf(next) }, busy: { remainingMs: 1 }, stale: { revision: row.revision } };
      const result = answer.kind === 'condemned' ? answer : { kind: answer.kind, ...facts[answer.kind] };
      return { row: next, event: { type: 'begun', result, elapsedMs, isStopping: false } as AttemptEvent };
    }
    case 'commit': {
      const { row: next, answer } = operations.commit(row, effect.revision, { nonce, token: tokenOf(effect.next.credentials) });
      return { row: next, event: { type: 'committed', result: { ...answer, revision: next.revision } } };
    }
    case 'keep_alternate':
      return { row: operations.keepAlternate(row, effect.revision, tokenOf(effect.next.credentials)), event: { type: 'alternate_kept' } };
    case 'read':
      return { row, event: { type: 'was_read', stored: storedOf(row) } };
    case 'promote_alternate': {
      const { row: next, answer } = operations.promoteAlternate(row, effect.revision, nonce);
      return { row: next, event: { type: 'promoted', revision: answer } };
    }
    case 'condemn': {
      const { row: next, answer } = operations.condemn(row, effect.revision, { nonce, code: effect.code });
      return { row: next, event: { type: 'condemned', isDone: answer } };
    }
    default:
      return effect satisfies never;
  }
}

function answerOf(child: number | null): ExchangeResult {
  if (child === null) return { kind: 'answered', status: 400, body: '{"error":"invalid_grant"}', receivedAt: 0 };
  return { kind: 'answered', status: 200, body: JSON.stringify({ ...credentialsOf(child), expires_in: 3600 }), receivedAt: 0 };
}

/** The request to the endpoint. A lost answer is beyond any protocol: there may have been a new token in it. */
function askServer(world: World, token: number, course: Course): { readonly world: World; readonly event: AttemptEvent } {
  const nothing: ExchangeResult = { kind: 'ambiguous', error: ERROR };
  if (course === 'not_done') return { world, event: { type: 'posted', result: nothing, elapsedMs: 0 } };
  const { server, child } = redeem(world.server, token);
  const isLost = course === 'unanswered';
  const next: World = { ...world, server, isExcused: world.isExcused || isLost };
  return { world: next, event: { type: 'posted', result: isLost ? nothing : answerOf(child), elapsedMs: 0 } };
}

/** Carries out the effect of a worker. */
function carry(
  world: World,
  index: number,
  {
    effect,
    course,
    protocol,
    elapsedMs = 0,
  }: { readonly effect: AnsweredEffect; readonly course: Course; readonly protocol: Protocol; readonly elapsedMs?: number },
): World {
  const worker = world.workers[index] as Worker;
  const nonce = nonceOf(index, worker);
  const tell = (after: World, event: AttemptEvent): World =>
    withWorker(after, index, advance(worker, event, { reducer: protocol.reducer, nonce }));
  if (effect.type === 'wait') return tell(world, { type: 'waited' });
  if (effect.type === 'post') {
    const asked = askServer(world, tokenOf(effect.credentials), course);
    return tell(asked.world, asked.event);
  }
  if (effect.type === 'release') {
    const row = course === 'not_done' ? world.row : protocol.operations.release(world.row, nonce);
    return tell(withRow(world, row), { type: 'released' });
  }
  const { row, event } = askRow(world.row, effect, { nonce, elapsedMs, protocol });
  return tell(course === 'not_done' ? world : withRow(world, row), course === 'ok' ? event : { type: 'store_failed', error: ERROR });
}

const FAULT_OF: Readonly<Record<AnsweredEffect['type'], Fault | null>> = {
  begin: 'failed_write',
  commit: 'failed_write',
  keep_alternate: 'failed_write',
  promote_alternate: 'failed_write',
  condemn: 'failed_write',
  release: 'failed_write',
  read: 'failed_read',
  post: 'lost_answer',
  wait: null,
};

function effectMoves(world: World, index: number, protocol: Protocol): readonly Move[] {
  const worker = world.workers[index] as Worker;
  const { effect } = worker;
  if (effect === null) return [];
  const move = (name: string, next: World): Move => ({ name: `${index} ${effect.type}${name}`, world: next, crashed: null });
  const found = [move('', carry(world, index, { effect, course: 'ok', protocol }))];
  const late = effect.type === 'begin' ? spend(world, 'lease_expiry') : null;
  if (late !== null) found.push(move(' late', carry(late, index, { effect, course: 'ok', protocol, elapsedMs: LATE_MS })));
  const fault = FAULT_OF[effect.type];
  const spent = fault === null ? null : spend(world, fault);
  if (spent === null) return found;
  found.push(move(' not done', carry(spent, index, { effect, course: 'not_done', protocol })));
  if (effect.type !== 'read' && effect.type !== 'release')
    found.push(move(' unanswered', carry(spent, index, { effect, course: 'unanswered', protocol })));
  return found;
}

function crashMoves(world: World, index: number): readonly Move[] {
  const worker = world.workers[index] as Worker;
  const spent = worker.attempt === null && worker.releasing === null ? null : spend(world, 'crash');
  if (spent === null) return [];
  const { revision, token } = world.row;
  const restarted: Worker = { ...worker, known: revision, snapshot: token, attempt: null, effect: null, releasing: null };
  const isExcused = world.isExcused || heldBy(worker) !== null;
  return [{ name: `${index} crashes`, world: { ...withWorker(spent, index, restarted), isExcused }, crashed: index }];
}

/** The effect behind the callers' back: an attempt that is given back, or not. */
function releaseMoves(world: World, index: number, { operations }: Protocol): readonly Move[] {
  const worker = world.workers[index] as Worker;
  if (worker.releasing === null) return [];
  const released = withWorker(world, index, { ...worker, releasing: null });
  const lost = spend(released, 'failed_write');
  const done: Move = {
    name: `${index} release behind`,
    world: withRow(released, operations.release(world.row, worker.releasing)),
    crashed: null,
  };
  return lost === null ? [done] : [done, { name: `${index} release behind, not done`, world: lost, crashed: null }];
}

/** The attempt's time is over. It costs nothing where its process is done with it, and is a fault where it is not. */
function expiryMoves(world: World): readonly Move[] {
  const { attempt } = world.row;
  if (attempt === null || attempt.isOver) return [];
  const owner = world.workers.findIndex((worker, index) => worker.attempt !== null && nonceOf(index, worker) === attempt.nonce);
  const holder = world.workers[owner];
  const isSending = holder?.attempt?.stage.type === 'posting' || (holder !== undefined && heldBy(holder) !== null);
  const spent = holder === undefined ? world : spend(world, isSending ? 'pause' : 'lease_expiry');
  if (spent === null) return [];
  const row: Row = { ...world.row, attempt: { ...attempt, isOver: true } };
  return [
    {
      name: isSending ? `pause of ${owner}` : 'time passes',
      world: { ...spent, row, isExcused: world.isExcused || isSending },
      crashed: null,
    },
  ];
}

function outsideMoves(world: World): readonly Move[] {
  const found: Move[] = [];
  const revoked = spend(world, 'revocation');
  if (revoked !== null)
    found.push({ name: 'the user takes all tokens back', world: { ...revoked, server: revoke(world.server) }, crashed: null });
  const signedIn = spend(world, 'operator');
  if (signedIn !== null) {
    const { server, token }: { readonly server: Server; readonly token: number } = signIn(world.server);
    found.push({ name: 'a person signs in', world: withRow({ ...signedIn, server }, replace(world.row, token)), crashed: null });
  }
  // The founding bug: a 401 handler writes the credentials back that it saw when its request began.
  const stale = spend(world, 'stale_write');
  for (const { snapshot } of stale === null ? [] : world.workers) {
    if (stale !== null && snapshot !== world.row.token)
      found.push({ name: 'a stale snapshot is written', world: withRow(stale, { ...world.row, token: snapshot }), crashed: null });
  }
  return found;
}

/** All moves from a world. */
export function movesOf(world: World, protocol: Protocol): readonly Move[] {
  const found: Move[] = [...expiryMoves(world), ...outsideMoves(world)];
  world.workers.forEach((worker, index) => {
    if (worker.attempt === null && worker.releasing === null && worker.left > 0) {
      found.push({ name: `${index} begins`, world: withWorker(world, index, begin(worker, index, protocol)), crashed: null });
    }
    found.push(...effectMoves(world, index, protocol), ...crashMoves(world, index), ...releaseMoves(world, index, protocol));
  });
  return found;
}
