/** Walking through every world that can follow, breadth first, and looking at each one. */

import { type Move, movesOf } from './explore-moves.js';
import { accepts, descends } from './explore-server.js';
import { heldBy, newWorld, type Protocol, SHIPPED, tokenOf, type Worker, type World, type WorldSize } from './explore-world.js';

/**
 * What must never be.
 * - `ROLLBACK`: a token became current that was current before, or from which a current one descends.
 * - `BROKEN_CHAIN`: a revision's token is not the endpoint's answer to the token of the revision before.
 * - `LOST`: a living process let go of an answer that neither the store nor its alternates ever had, and that no answer to a later token has made useless.
 * - `REPLAY`, `BURN`: a token that had been taken was sent again, or a family was revoked for it, although no process was paused, crashed with an answer in hand, or lost one.
 * - `FALSE_CONDEMN`: nothing is under way, the account is condemned, and the endpoint would take a token that the store has.
 * - `NEEDLESS_LOSS`: nothing is under way, and no token of the store would be taken, although nothing happened that excuses it.
 * - `MISLABELLED`: nothing is under way, and `revoked` is said of a token that nobody took back: neither the user, nor the endpoint because it came twice.
 */
export type Violation = 'ROLLBACK' | 'BROKEN_CHAIN' | 'LOST' | 'REPLAY' | 'BURN' | 'FALSE_CONDEMN' | 'NEEDLESS_LOSS' | 'MISLABELLED';

function bits(set: number): readonly number[] {
  return Array.from({ length: 31 }, (_, index) => index).filter((index) => (set & (1 << index)) !== 0);
}

function ofToken(before: World, { row, server }: World): Violation | null {
  const { token } = row;
  if (token === before.row.token || row.replacedAtRevision > before.row.replacedAtRevision) return null;
  if (bits(before.wasCurrent).some((current) => descends(server, current, token))) return 'ROLLBACK';
  const isPromoted = before.row.alternates.some((kept) => kept.token === token);
  return isPromoted || server.tokens[token]?.parent === before.row.token ? null : 'BROKEN_CHAIN';
}

function isLost(before: World, { world, crashed }: Move): boolean {
  const issued = world.server.tokens.length > before.server.tokens.length;
  return before.workers.some((worker, index) => {
    if (index === crashed) return false;
    const after = world.workers[index] as Worker;
    const posted =
      worker.effect?.type === 'post' && after.effect?.type !== 'post' && issued && !world.isExcused ? world.server.tokens.length - 1 : null;
    const held = posted ?? heldBy(worker);
    if (held === null || heldBy(after) === held || (world.wasKept & (1 << held)) !== 0) return false;
    // Once an answer to a later token was stored, or a person signed in, nobody needs this one.
    return (worker.attempt?.plan.revision ?? 0) >= world.row.alternatesFrom;
  });
}

function ofRest({ row, server, workers, isExcused }: World): Violation | null {
  if (workers.some(({ attempt, releasing }) => attempt !== null || releasing !== null)) return null;
  const isAlive = [row.token, ...row.alternates.map(({ token }) => token)].some((token) => accepts(server, token));
  if (row.condemned !== null && isAlive) return 'FALSE_CONDEMN';
  if (row.condemned === 'revoked' && !server.isRevoked && !server.isBurned) return 'MISLABELLED';
  return !isAlive && !isExcused && !server.isRevoked ? 'NEEDLESS_LOSS' : null;
}

/** What is wrong with a move, worst first; null: nothing. */
export function violationOf(before: World, move: Move): Violation | null {
  const { world } = move;
  const { server, isExcused } = world;
  const wrong = ofToken(before, world);
  if (wrong !== null) return wrong;
  if (isLost(before, move)) return 'LOST';
  if (!isExcused && server.isBurned) return 'BURN';
  if (!isExcused && server.replayed !== 0) return 'REPLAY';
  return ofRest(world);
}

function workerText(worker: Worker, name: number): string {
  const { known, snapshot, left, attempt, effect, releasing } = worker;
  if (attempt === null) return `${known},${snapshot},${left},${releasing === null ? '' : `${name}${releasing}`}`;
  const { stage, plan, isTold } = attempt;
  const grant =
    'grant' in stage
      ? `${stage.grant.orphan}${tokenOf(stage.grant.stored.credentials)}${'failure' in stage ? stage.failure.kind : ''}`
      : '';
  const answer = 'answer' in stage ? `${tokenOf(stage.answer.next.credentials)}+${stage.answer.failures}` : '';
  const more = 'code' in stage ? stage.code : 'outcome' in stage ? stage.outcome.type : '';
  return `${known},${snapshot},${left},${releasing ?? ''},${plan.revision},${stage.type},${isTold},${grant},${answer},${more},${effect?.type}`;
}

/** The nonces of a world without the names of its processes, which are all alike. */
function nonceText(nonce: string | null, names: readonly number[]): string {
  if (nonce === null) return '';
  const [index = 0, count = 0] = nonce.split('.').map(Number);
  return `${names[index]}.${count}`;
}

function textOf(world: World, names: readonly number[]): string {
  const { row, server, workers, faults, isExcused, wasCurrent, wasKept } = world;
  const attempt = row.attempt === null ? '' : `${nonceText(row.attempt.nonce, names)}${row.attempt.isOver}`;
  const alternates = row.alternates.map(({ parentRevision, token }) => `${parentRevision}:${token}`).join('/');
  const tokens = server.tokens.map(({ parent, state }) => `${parent}${state[0]}`).join('');
  const own: string[] = [];
  workers.forEach((worker, index) => {
    const name = names[index] ?? 0;
    own[name] =
      `${worker.begun};${workerText({ ...worker, releasing: worker.releasing === null ? null : nonceText(worker.releasing, names) }, name)}`;
  });
  return [
    row.revision,
    row.token,
    attempt,
    row.orphan,
    row.condemned,
    alternates,
    nonceText(row.committedBy, names),
    row.replacedAtRevision,
    row.alternatesFrom,
    tokens,
    server.taken,
    server.replayed,
    server.isBurned,
    server.isRevoked,
    Object.values(faults).join(','),
    isExcused,
    wasCurrent,
    wasKept,
    ...own,
  ].join('|');
}

function orders(count: number): readonly (readonly number[])[] {
  if (count <= 1) return [[0]];
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
  );
}

/** One text for all worlds that differ only in which process is called what. */
function canonicalText(world: World, names: readonly (readonly number[])[]): string {
  const [least = ''] = names.map((order) => textOf(world, order)).sort();
  return least;
}

/** What a walk found. `trace`: the moves to the first violation. */
export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly atRest: number;
  readonly condemned: number;
  /** Whether the walk ended because there was nothing left to visit. */
  readonly isComplete: boolean;
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  /** How often each effect, and each fault, was on the way. */
  readonly reached: ReadonlyMap<string, number>;
}

interface Node {
  readonly world: World;
  readonly name: string;
  readonly from: Node | null;
}

function traceOf(node: Node): readonly string[] {
  const names: string[] = [];
  for (let at: Node | null = node; at !== null && at.name !== ''; at = at.from) names.unshift(at.name);
  return names;
}

/** Visits every world that can follow from a new one, up to `mostStates`, and stops at the first violation. */
export function explore(
  size: WorldSize,
  { protocol = SHIPPED, mostStates = 2_000_000 }: { readonly protocol?: Protocol; readonly mostStates?: number } = {},
): Exploration {
  const names = orders(size.workers);
  const first: Node = { world: newWorld(size), name: '', from: null };
  const seen = new Set([canonicalText(first.world, names)]);
  const reached = new Map<string, number>();
  let level: Node[] = [first];
  let [transitions, atRest, condemned] = [0, 0, 0];
  const result = (rest: Pick<Exploration, 'violation' | 'trace' | 'isComplete'>): Exploration => ({
    states: seen.size,
    transitions,
    atRest,
    condemned,
    reached,
    ...rest,
  });
  while (level.length > 0) {
    const next: Node[] = [];
    for (const node of level) {
      for (const move of movesOf(node.world, protocol)) {
        transitions += 1;
        const kind = move.name.replace(/^\d /, '').replace(/\d$/, '');
        reached.set(kind, (reached.get(kind) ?? 0) + 1);
        const violation = violationOf(node.world, move);
        const found: Node = { world: move.world, name: move.name, from: node };
        if (violation !== null) return result({ violation, trace: traceOf(found), isComplete: false });
        const text = canonicalText(move.world, names);
        if (seen.has(text)) continue;
        seen.add(text);
        next.push(found);
        if (move.world.row.condemned !== null) condemned += 1;
        if (move.world.workers.every(({ attempt, releasing }) => attempt === null && releasing === null)) atRest += 1;
      }
    }
    if (seen.size > mostStates) return result({ violation: null, trace: [], isComplete: false });
    level = next;
  }
  return result({ violation: null, trace: [], isComplete: true });
}
