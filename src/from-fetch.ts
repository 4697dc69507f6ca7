/** From an answer of `fetch` to what `evaluate` takes. */
import { bodyNeeded } from './body-needed.js';
import type { Account } from './core/account.js';
import type { UpstreamResponse } from './core/exchange.js';
import type { Policy } from './core/policy.js';
import { isSuccess } from './core/status-kind.js';
import { DEFAULT_POLICY } from './define-policy.js';

type ByteReader = ReadableStreamDefaultReader<Uint8Array>;

/** At most `limit` bytes as text; a character that the limit cuts is left out. What came before a broken connection counts. */
async function readText(reader: ByteReader, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = limit;
  try {
    while (left > 0) {
      const { value } = await reader.read();
      if (value === undefined) break;
      text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.length;
    }
  } catch {
    // The connection broke or the caller gave up: a decision is made on what is there.
  }
  return text;
}

async function readHead(body: ReadableStream<Uint8Array>, limit: number): Promise<string | null> {
  if (body.locked) return null;
  const reader = body.getReader();
  const text = await readText(reader, limit);
  // Not awaited: nobody needs to wait until the connection is given back.
  reader.cancel().catch(() => undefined);
  return limit === 0 ? null : text;
}

/**
 * What `evaluate` needs of an answer of `fetch`: status, headers with lower-case names, and the first bytes of the body as text, no more than `bodyNeeded`
 * says. The rest of an error's body is cancelled, also where nothing of it is needed; pass `response.clone()` to keep it. A success keeps its body unread, for the
 * client. Never rejects; waits for the body as long as the signal of the `fetch` lets it.
 *
 * @example const response = await fromFetch(await fetch(url, { signal }), account);
 */
export async function fromFetch(response: Response, account: Account, policy: Policy = DEFAULT_POLICY): Promise<UpstreamResponse> {
  const { status } = response;
  const headers: Readonly<Record<string, string>> = Object.fromEntries(response.headers);
  if (isSuccess(status) || response.body === null) return { status, headers, body: null };
  return { status, headers, body: await readHead(response.body, bodyNeeded({ status, headers }, account, policy)) };
}
