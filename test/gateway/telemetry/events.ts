/** Events of the gateway for the tests of what listens to them, with real decisions. */
import { type Account, defineAccount, evaluate, type UpstreamResponse } from 'poolwarden';
import type { AttemptEvent, RequestEvent } from '../../../examples/gateway/telemetry/observer.js';
import { capturedAnswer } from '../../../examples/gateway/upstream/captured-answer.js';

export const NOW: number = Date.UTC(2026, 10, 1, 12);
export const ACCOUNT: Account = defineAccount({ id: 'max-1', platform: 'anthropic', type: 'oauth' });

/** An attempt that was answered so; every field can be replaced. */
export function attemptEvent(response: UpstreamResponse, more: Partial<AttemptEvent> = {}): AttemptEvent {
  const exchange = { account: ACCOUNT, model: 'claude-sonnet-4-6', response, receivedAt: NOW };
  const { status } = response;
  const decision = evaluate(exchange);
  const base = { type: 'attempt', at: NOW, requestId: 'r-1', protocol: 'anthropic', accountId: ACCOUNT.id, model: exchange.model } as const;
  return { ...base, status, attempt: 1, durationMs: 120, decision, exchange, ...more };
}

/** A spent window, as it was captured. */
export function spentWindow(more: Partial<AttemptEvent> = {}): AttemptEvent {
  const options = { now: NOW, resetInMs: 600_000, bodyOf: 'anthropic-429-account-rate-limit-oauth' };
  return attemptEvent(capturedAnswer('anthropic-429-unified-5h-rejected', options), more);
}

/** A request that is over; every field can be replaced. */
export function requestEvent(more: Partial<RequestEvent> = {}): RequestEvent {
  const base = { type: 'request', at: NOW + 5, requestId: 'r-1', protocol: 'anthropic', model: 'claude-sonnet-4-6' } as const;
  return { ...base, status: 200, accountId: 'max-2', attempts: 2, durationMs: 300, outcome: 'answered', ...more };
}
