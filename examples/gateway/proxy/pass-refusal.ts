/** An answer that is no success. */
import { bodyNeeded, type Decision } from 'poolwarden';
import { type AnswerBody, createAnswerBody } from './answer-body.js';
import { judge } from './judge.js';
import { relay } from './relay.js';
import type { Answer } from './send.js';
import { tellClient } from './tell-client.js';
import { ABORTED, type Attempt, type Ending, type ProxyParts, type Step } from './trip.js';

/** Statuses that speak of an account's credential. They are the gateway's business, and no client's. */
const PRIVATE_STATUSES: readonly number[] = [401, 403, 407];
const UNAVAILABLE = 503;

/** The status that a refusal has for the client; null: it gets none, because the request goes on. */
function statusForClient({ disposition }: Decision, status: number): number | null {
  if (disposition.type !== 'respond') return null;
  return disposition.status ?? (PRIVATE_STATUSES.includes(status) ? UNAVAILABLE : status);
}

/** As much of the body as is needed, as evidence; null where nothing can be read of it. A connection that breaks ends the evidence, and what came before still counts. */
async function readEvidence(body: AnswerBody, needed: number, isCompressed: boolean): Promise<Buffer | null> {
  if (needed === 0) return null;
  let size = 0;
  const isEnough = (piece: Buffer): boolean => {
    size += piece.length;
    return size >= needed;
  };
  await body.hold(isEnough).catch(() => false);
  return isCompressed ? null : body.held().subarray(0, needed);
}

/** Gives a refusal on as it is, or in the gateway's own words where it has another status for the client. */
async function refuse({ trip, account }: Attempt, answer: Answer, body: AnswerBody, status: number): Promise<Ending> {
  const ending: Ending = { outcome: 'refused_by_upstream', status, accountId: account.account.id };
  if (status === answer.status) {
    const failure = await relay(trip, { answer, body, isWhole: false, watcher: null, onError: () => undefined });
    return failure === 'client_abort' ? ABORTED : ending;
  }
  body.discard();
  const message = `The upstream refused the request (${answer.status}).`;
  tellClient(trip.response, { status, message, retryAfterSeconds: null }, { target: trip.request.target, requestId: trip.requestId });
  return ending;
}

/** Reads as much as the engine wants and no more, and gives the whole answer on where the decision is to respond. */
export async function passRefusal(parts: ProxyParts, attempt: Attempt, answer: Answer): Promise<Step> {
  const { status, headers, receivedAt } = answer;
  const body = createAnswerBody(answer.stream);
  const needed = bodyNeeded({ status, headers }, attempt.account.account, parts.policy());
  const evidence = await readEvidence(body, needed, headers['content-encoding'] !== undefined);
  const decision = judge(parts, attempt, { response: { status, headers, body: evidence }, receivedAt, phase: 'complete' });
  const told = statusForClient(decision, status);
  if (told !== null) return { type: 'over', ending: await refuse(attempt, answer, body, told) };
  body.discard();
  return { type: 'go_on', decision };
}
