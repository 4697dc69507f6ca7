/** What a client is told when no account is left. */
import { type Decision, type EpochMs, schedulability } from 'poolwarden';
import type { PickRequest } from './pick.js';
import type { ClientError } from './protocols/protocol.js';
import type { ProxyParts } from './trip.js';

/** Cells that say that something is used up, and not that something is wrong. */
const QUOTA_CELLS: readonly string[] = ['rateLimit', 'modelRateLimits', 'usage'];
const LIMIT_KINDS: readonly string[] = ['rate_limited', 'quota_exhausted', 'credits_exhausted'];
const LIMITED = 429;
const UNAVAILABLE = 503;
const BAD_GATEWAY = 502;
const LONGEST_NAME = 100;

/** Accounts that were tried, and when each may serve again; null: not known. */
export type Tried = ReadonlyMap<string, EpochMs | null>;

/** The accounts that could have served, counted by what became of them. */
interface Tally {
  tried: number;
  waiting: number;
  out: number;
  isOnlyLimited: boolean;
}

function tallyOf({ directory, policy }: ProxyParts, request: PickRequest, tried: Tried): Tally {
  const tally: Tally = { tried: 0, waiting: 0, out: 0, isOnlyLimited: false };
  for (const { account } of directory.accounts()) {
    if (!request.canServe(account)) continue;
    const answer = tried.has(account.id) ? null : schedulability(account, request, policy());
    if (answer === null) tally.tried += 1;
    else if (answer.schedulable || answer.until !== null) tally.waiting += 1;
    else tally.out += 1;
    if (answer?.schedulable === false && answer.blockers.every(({ cell }) => QUOTA_CELLS.includes(cell))) tally.isOnlyLimited = true;
  }
  return tally;
}

/** What the last decision says, else what keeps the accounts. Never an upstream's own refusal. */
function statusOf(last: Decision | null, { isOnlyLimited }: Tally): number {
  if (last === null) return isOnlyLimited ? LIMITED : UNAVAILABLE;
  const { disposition, verdict } = last;
  if (disposition.type === 'fail_over') return disposition.otherwise.status;
  if (disposition.type === 'retry') return LIMIT_KINDS.includes(verdict.kind) ? LIMITED : UNAVAILABLE;
  return disposition.status ?? BAD_GATEWAY;
}

function reasonOf({ tried, waiting, out }: Tally, model: string): string {
  const name = model.length > LONGEST_NAME ? `${model.slice(0, LONGEST_NAME)}…` : model;
  const parts = [
    [tried, 'tried without success'],
    [waiting, 'waiting for a limit to end'],
    [out, 'out until somebody acts'],
  ] as const;
  const counted = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return `No account can serve ${name} now: ${counted.length === 0 ? 'none is set up for it' : counted.join(', ')}.`;
}

/** The earliest instant at which one of all accounts may serve: of those that were tried, as their decisions said. */
function earliest({ picker, now }: ProxyParts, request: PickRequest, tried: Tried): EpochMs | null {
  const instants = [...tried.values(), picker.nextAt({ ...request, exclude: tried })].filter((at) => at !== null);
  return instants.length === 0 ? null : Math.max(now(), Math.min(...instants));
}

/** The error for a client whose request no account could serve. */
export function exhausted(
  parts: ProxyParts,
  request: PickRequest,
  { tried, last, model }: { readonly tried: Tried; readonly last: Decision | null; readonly model: string },
): ClientError {
  const tally = tallyOf(parts, request, tried);
  const status = statusOf(last, tally);
  const at = earliest(parts, request, tried);
  const maySay = at !== null && (status === LIMITED || status >= 500);
  const retryAfterSeconds = maySay ? Math.max(1, Math.ceil((at - parts.now()) / 1000)) : null;
  return { status, message: reasonOf(tally, model), retryAfterSeconds };
}
