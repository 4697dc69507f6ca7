/** No answer, or one of which the client has nothing yet. */
import type { EpochMs, TransportFailure } from 'poolwarden';
import { judge } from './judge.js';
import { ABORTED, type Attempt, type ProxyParts, type Step } from './trip.js';

/** A failure, and when it came. */
export interface Failure {
  readonly failure: TransportFailure;
  readonly receivedAt: EpochMs;
}

/** Judges a failure. The request goes on by the decision, unless it is the client that went away. */
export function failStep(parts: ProxyParts, attempt: Attempt, { failure, receivedAt }: Failure): Step {
  const decision = judge(parts, attempt, { response: { failure }, receivedAt, phase: 'first_event' });
  return failure === 'client_abort' ? { type: 'over', ending: ABORTED } : { type: 'go_on', decision };
}
