/** An answer that is no success. */
import { bodyNeeded, type Decision } from 'poolwarden';
import { type AnswerBody, createAnswerBody } from './answer-body.js';
import { isCompressed } from './headers.js';
import { judge } from './judge.js';
import { relay } from './relay.js';
import type { Answer } from './send.js';
import { tellClient } from './tell-client.js';
import { ABORTED, type Attempt, type Ending, type ProxyParts, type Step } from './trip.js';

/** Statuses that speak of an account's credential. They are the gateway's business, and no client's. */
const PRIVATE_STATUSES: readonly number[] = [401, 403, 407];
const LOWEST_REFUSAL = 400;
const BAD_GATEWAY = 502;
const UNAVAILABLE = 503;
/** How long evidence is waited for: an upstream that refuses and then falls silent has said enough. */
const EVIDENCE_MS = 2_000;

/** The status that a refusal has for the client; null: it gets none, because the request goes on. */
function statusForClient({ disposition }: Decision, status: number): number | null {
  if (disposition.type !== 'respond') return null;
  // A redirect leads away from the host that was configured: nobody follows it, and the client least of all.
  if (status < LOWEST_REFUSAL) return BAD_GATEWAY;
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
  await body.hold(isEnough, EVIDENCE_MS).catch(() => false);
  return isCompressed ? null : body.held().subarray(0, needed);
}

/** Gives a refusal on as it is, or in the gateway's own words where it has another status for the client. */
async function refuse(
  { limits }: ProxyParts,
  { trip, account }: Attempt,
  { answer, body, status }: { readonly answer: Answer; readonly body: AnswerBody; readonly status: number },
): Promise<Ending> {
  const ending: Ending = { outcome: 'refused_by_upstream', status, accountId: account.account.id };
  if (status === answer.status) {
    const failure = await relay(trip, { answer, body, isWhole: false, watcher: null, onError: () => undefined, limits });
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
  const evidence = await readEvidence(body, needed, isCompressed(headers));
  const decision = judge(parts, attempt, { response: { status, headers, body: evidence }, receivedAt, phase: 'complete' });
  const told = statusForClient(decision, status);
  if (told !== null) return { type: 'over', ending: await refuse(parts, attempt, { answer, body, status: told }) };
  body.discard();
  return { type: 'go_on', decision };
}
