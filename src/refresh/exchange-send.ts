/** One request to a token endpoint, sent once. */
import { type EpochMs, SECOND_MS } from '../core/time.js';
import { describeFailure, wasNeverSent } from './exchange-failure.js';
import { pause } from './pause.js';
import type { ExchangeResult } from './ports.js';

/** What is posted, ready to be sent. `secrets`: what no error may show. */
export interface TokenPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secrets: readonly string[];
}

/** What sends it. `fetch` of the platform is one; a host with a proxy for each account gives its own, which must not repeat the request. */
export type TokenFetch = (url: string, init: RequestInit, accountId: string) => Promise<Response>;

/** How it is sent. */
export interface SendOptions {
  readonly fetch: TokenFetch;
  readonly accountId: string;
  readonly signal: AbortSignal;
  readonly now: () => EpochMs;
}

/** Answers of token endpoints are a few kilobytes; more is not read. */
const LONGEST_ANSWER_BYTES: number = 64 * 1024;

/** A process that was paused finds, when it wakes, its time over and the answer in its socket. So an answer may come this much later than the caller's signal: without it the rotation would be lost. */
const LAST_LOOK_MS: number = SECOND_MS;

/** At most `LONGEST_ANSWER_BYTES` of the body. Rejects where the connection breaks before that: half an answer may be half a rotation. */
async function readBody(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let left = LONGEST_ANSWER_BYTES;
  while (left > 0) {
    const { value } = await reader.read();
    if (value === undefined) return text;
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
  }
  // Not awaited: nobody needs to wait until the connection is given back.
  reader.cancel().catch(() => undefined);
  return text;
}

/**
 * Sends a post once. A redirect is not followed, because it would send the token a second time and elsewhere: it is an answer like any other. Ends a second after
 * the signal at the latest. Never rejects.
 */
export async function sendOnce(post: TokenPost, { fetch, accountId, signal, now }: SendOptions): Promise<ExchangeResult> {
  const { url, headers, body, secrets } = post;
  if (signal.aborted) return { kind: 'not_sent', error: describeFailure(signal.reason, secrets) };
  const [end, settled] = [new AbortController(), new AbortController()];
  const lastLook = (): unknown => pause(LAST_LOOK_MS, settled.signal).then(() => end.abort(signal.reason));
  signal.addEventListener('abort', lastLook, { signal: settled.signal });
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: end.signal, redirect: 'manual' }, accountId);
    const text = await readBody(response);
    return { kind: 'answered', status: response.status, body: text, receivedAt: now() };
  } catch (error) {
    return { kind: wasNeverSent(error) ? 'not_sent' : 'ambiguous', error: describeFailure(error, secrets) };
  } finally {
    settled.abort();
  }
}
