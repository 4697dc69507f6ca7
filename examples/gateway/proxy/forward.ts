/** The way of a request through the pool: pick, authorize, attempt, follow the decision. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Decision, EpochMs } from 'poolwarden';
import type { GatewayAccount } from '../accounts/gateway-account.js';
import { makeAttempt } from './attempt.js';
import type { Authorization } from './authorizer.js';
import { exhausted } from './exhausted.js';
import { takeSaved } from './judge.js';
import type { Picked, PickRequest } from './pick.js';
import { tellClient } from './tell-client.js';
import { ABORTED, type Ending, type ProxyParts, type Trip } from './trip.js';

/** How far a request has come. */
interface Progress {
  /** How often it was sent, to all accounts together. */
  sent: number;
  readonly tried: Map<string, EpochMs | null>;
  last: Decision | null;
}

/** How a request ended, and how often it was sent to an account. */
export interface Forwarded extends Ending {
  readonly attempts: number;
}

/** So many accounts are looked at for one request: what keeps all of these from being authorized keeps the others too. */
const MOST_ACCOUNTS = 32;

function apply(parts: ProxyParts, actions: readonly Action[]): void {
  if (actions.length > 0) takeSaved(parts, parts.engine.apply(actions));
}

/** What a retry would have made needless has to be carried out where the retry is not made; and once, so the next attempt is not told of it again. */
function giveUpRetry(parts: ProxyParts, progress: Progress): void {
  const { last } = progress;
  if (last?.disposition.type !== 'retry') return;
  apply(parts, last.disposition.otherwise);
  progress.last = { ...last, disposition: { ...last.disposition, otherwise: [] } };
}

function noteUnavailable(
  parts: ProxyParts,
  { account }: GatewayAccount,
  unavailable: Extract<Authorization, { type: 'unavailable' }>,
): void {
  apply(parts, unavailable.actions);
  const detail = `${account.id}: ${unavailable.reason}`;
  parts.observe({ type: 'notice', at: parts.now(), level: 'warn', code: 'account_unavailable', detail });
}

/** false: the client went away meanwhile. */
async function waited(delayMs: number, signal: AbortSignal): Promise<boolean> {
  if (delayMs <= 0) return !signal.aborted;
  return sleep(delayMs, true, { signal }).catch(() => false);
}

/** Asks one account, and again for as long as its decisions say so. null: another one has to be asked. */
async function serve(parts: ProxyParts, trip: Trip, picked: Picked, progress: Progress): Promise<Ending | null> {
  const { account } = picked;
  const { id } = account.account;
  let { withCredits } = picked;
  for (let number = 1; ; number += 1) {
    progress.tried.set(id, null);
    const authorization = await parts.authorizer.authorize(account);
    if (authorization.type === 'unavailable') {
      noteUnavailable(parts, account, authorization);
      progress.tried.set(id, authorization.retryAt);
      return null;
    }
    const { headers, credentialRevision } = authorization;
    const attempt = { trip, account, number, withCredits, credentialRevision, sentAt: parts.now(), previous: progress.last };
    progress.sent += 1;
    const step = await makeAttempt(parts, attempt, headers);
    if (step.type === 'over') return step.ending;
    progress.last = step.decision;
    const { disposition } = step.decision;
    if (disposition.type !== 'retry') {
      progress.tried.set(id, disposition.type === 'fail_over' ? disposition.otherwise.retryAt : null);
      return null;
    }
    if (progress.sent >= parts.limits.attempts || !(await waited(disposition.delayMs, trip.signal))) return null;
    withCredits = disposition.withCredits;
  }
}

/** Takes a request to accounts until one of them answers, or tells the client that none can. */
export async function forward(parts: ProxyParts, trip: Trip): Promise<Forwarded> {
  const { target, model, session } = trip.request;
  const progress: Progress = { sent: 0, tried: new Map(), last: null };
  const asOfNow = (): PickRequest => {
    const now = parts.now();
    const stickyAccountId = session === null ? null : parts.sticky.find(session, now);
    return { canServe: (account) => target.canServe(account, model), model, now, exclude: progress.tried, stickyAccountId };
  };
  while (progress.sent < parts.limits.attempts && progress.tried.size < MOST_ACCOUNTS && !trip.signal.aborted) {
    const picked = parts.picker.pick(asOfNow());
    if (picked === null) break;
    const ending = await serve(parts, trip, picked, progress);
    if (ending !== null) return { ...ending, attempts: progress.sent };
    giveUpRetry(parts, progress);
  }
  if (trip.signal.aborted) return { ...ABORTED, attempts: progress.sent };
  const error = exhausted(parts, asOfNow(), { tried: progress.tried, last: progress.last, model });
  tellClient(trip.response, error, { target, requestId: trip.requestId });
  return { outcome: 'exhausted', status: error.status, accountId: null, attempts: progress.sent };
}
