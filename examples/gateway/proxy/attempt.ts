/** One attempt: the request is sent to an account, and whatever comes of it reaches the engine. */
import { upstreamBody, upstreamUrl } from './client-request.js';
import { failStep } from './fail-step.js';
import { upstreamHeaders } from './headers.js';
import { passRefusal } from './pass-refusal.js';
import { passSuccess } from './pass-success.js';
import { send } from './send.js';
import type { Attempt, ProxyParts, Step } from './trip.js';

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Sends the request once, and gives the client the answer where the decision says so. */
export async function makeAttempt(parts: ProxyParts, attempt: Attempt, authorization: Readonly<Record<string, string>>): Promise<Step> {
  const { trip, account, withCredits } = attempt;
  const { request, signal } = trip;
  const headers = upstreamHeaders(request.headers, authorization);
  const outgoing = { url: upstreamUrl(request, account), headers, body: upstreamBody(request, account, withCredits), signal };
  const { dispatcher, now, limits } = parts;
  const sent = await send(outgoing, { dispatcher, now, timeoutMs: limits.upstreamTimeoutMs });
  if (sent.type === 'failed') return failStep(parts, attempt, sent);
  return isSuccess(sent.status) ? passSuccess(parts, attempt, sent) : passRefusal(parts, attempt, sent);
}
