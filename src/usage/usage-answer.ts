/** An answer as a host gives it, read as far as usage needs it. */
import type { UpstreamResponse } from '../core/exchange.js';
import { MAX_USAGE_BYTES } from './usage-body.js';

/** An answer of `fetch`, what was read of any other client's, or why there is none. */
export type UsageAnswer = Response | ReadAnswer;

/** An answer as `usageFromResponse` takes it. */
export type ReadAnswer = UpstreamResponse | { readonly failure: unknown };

/** A `Response` of this platform or of another implementation: what tells them from plain data is a body that is a stream. */
function isStreaming(answer: UsageAnswer): answer is Response {
  return 'body' in answer && typeof answer.body === 'object' && answer.body !== null && 'getReader' in answer.body;
}

/** At most 1 MiB and a chunk of the body; null where somebody else reads it. Rejects where the connection breaks; ends when `signal` aborts. */
async function readAll(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string | null> {
  if (body.locked) return null;
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel);
  const decoder = new TextDecoder();
  let text = '';
  let left = MAX_USAGE_BYTES;
  try {
    while (left >= 0) {
      const { value } = await reader.read();
      if (value === undefined) break;
      text += decoder.decode(value, { stream: true });
      left -= value.length;
    }
    return text;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** An answer with its body as text. A body over 1 MiB is cut behind that, and then does not parse. Never rejects: a broken connection is a failure. */
export async function readUsageAnswer(answer: UsageAnswer, signal: AbortSignal): Promise<ReadAnswer> {
  try {
    if (!isStreaming(answer)) return answer;
    const { status, headers, body } = answer;
    return { status, headers, body: body === null ? null : await readAll(body, signal) };
  } catch (failure) {
    return { failure };
  }
}
