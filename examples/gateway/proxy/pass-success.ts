/** A success: judged by its headers, by errors inside it, and by how it ends. */
import { createStreamWatcher, type Exchange, type StreamWatcher, type UpstreamResponse } from 'poolwarden';
import { type AnswerBody, createAnswerBody } from './answer-body.js';
import { failStep } from './fail-step.js';
import { type Beginning, holdBeginning } from './first-event.js';
import { judge } from './judge.js';
import { relay } from './relay.js';
import { type Answer, failureOf } from './send.js';
import { ABORTED, type Attempt, type Ending, type ProxyParts, type Step } from './trip.js';

/** A success on its way to the client. */
interface Success {
  readonly answer: Answer;
  readonly body: AnswerBody;
  readonly watcher: StreamWatcher;
  readonly beginning: Beginning;
}

/** The answer as the engine judges it: a success needs no body. */
function plain({ status, headers }: Answer): UpstreamResponse {
  return { status, headers, body: null };
}

/** The strikes that a success resets. */
const RESET_BY_SUCCESS = 'forbidden';

/**
 * Whether the end of the answer is news that its headers were not: only a whole answer resets strikes, and proves that the credits which paid for it are not used up. An account that is on hold is not chosen, so there is
 * no hold to lift; and errors are lifted by tests and by people.
 */
function mayLift({ account: { account }, withCredits }: Attempt): boolean {
  const strikes = account.health.strikes.get(RESET_BY_SUCCESS);
  return withCredits || (strikes !== undefined && strikes.evidence.size > 0);
}

/** Gives the answer to the client. From here on another account cannot help, and the engine is only told. */
async function give(parts: ProxyParts, attempt: Attempt, { answer, body, watcher, beginning }: Success): Promise<Ending> {
  const { trip, account } = attempt;
  const tell = (response: Exchange['response']) => judge(parts, attempt, { response, receivedAt: parts.now(), phase: 'mid_stream' });
  let { error } = beginning;
  const onError = (found: UpstreamResponse): void => {
    error = found;
    tell(found);
  };
  if (trip.request.session !== null) parts.sticky.bind(trip.request.session, account.account.id, parts.now());
  const failure = await relay(trip, { answer, body, isWhole: beginning.isWhole, watcher, onError, limits: parts.limits });
  const ending = (outcome: Ending['outcome']): Ending => ({ outcome, status: answer.status, accountId: account.account.id });
  // What comes after an error is its consequence: a client that leaves then is right to, and the engine was told already.
  if (beginning.error !== null) return ending('refused_by_upstream');
  if (error !== null) return ending('broken_stream');
  if (failure !== null) {
    tell({ failure });
    return failure === 'client_abort' ? ABORTED : ending('broken_stream');
  }
  if (mayLift(attempt)) judge(parts, attempt, { response: plain(answer), receivedAt: answer.receivedAt, phase: 'complete' });
  return ending('answered');
}

/** Holds the beginning back: where it is an error or nothing at all, the decision may still take the request elsewhere. */
export async function passSuccess(parts: ProxyParts, attempt: Attempt, answer: Answer): Promise<Step> {
  const { signal, request } = attempt.trip;
  judge(parts, attempt, { response: plain(answer), receivedAt: answer.receivedAt, phase: 'headers' });

  const body = createAnswerBody(answer.stream);
  const watcher = createStreamWatcher(attempt.account.account.platform);
  const beginning = await holdBeginning(answer, body, { watcher, streams: request.streams }).catch((error: unknown) =>
    failureOf(error, signal),
  );
  if (typeof beginning === 'string') return failStep(parts, attempt, { failure: beginning, receivedAt: parts.now() });
  if (beginning.isWhole && body.held().length === 0) return failStep(parts, attempt, { failure: 'empty_stream', receivedAt: parts.now() });
  if (beginning.error !== null) {
    const decision = judge(parts, attempt, { response: beginning.error, receivedAt: parts.now(), phase: 'first_event' });
    if (decision.disposition.type !== 'respond') {
      body.discard();
      return { type: 'go_on', decision };
    }
  }
  return { type: 'over', ending: await give(parts, attempt, { answer, body, watcher, beginning }) };
}
