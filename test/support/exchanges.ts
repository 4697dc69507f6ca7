/** Exchanges in a line each: who asked, and what came back. */
import type { Account, AccountType, Platform } from '../../src/core/account.js';
import { type AccountInput, defineAccount } from '../../src/core/define-account.js';
import type { Exchange, UpstreamResponse } from '../../src/core/exchange.js';

/** When every answer arrives: 2026-03-02T10:20:30Z, not on the hour. */
export const NOW: number = Date.UTC(2026, 2, 2, 10, 20, 30);
/** The model that every request asks for. */
export const MODEL = 'a-model';
/** The credential revision that every account shows. */
export const REVISION = 7;

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

/** An account with revision 7 in its credential, but for what the test says. */
export function given(platform: Platform, type: AccountType, facts: Partial<AccountInput> = {}): Account {
  const credential = { revision: REVISION, ...facts.credential };
  return defineAccount({ id: 'a1', platform, type, ...facts, credential });
}

/** What a test says of an answer; an object is sent as JSON. */
export interface Answer extends Partial<Omit<Exchange, 'account' | 'response'>> {
  readonly headers?: UpstreamResponse['headers'];
  readonly body?: UpstreamResponse['body'];
}

function bodyOf(body: UpstreamResponse['body']): NonNullable<UpstreamResponse['body']> | null {
  return typeof body === 'object' && body !== null && !(body instanceof Uint8Array) ? JSON.stringify(body) : (body ?? null);
}

/** The answer of a status to a request of an account. */
export function answered(account: Account, status: number, { headers = {}, body, ...rest }: Answer = {}): Exchange {
  return { model: MODEL, receivedAt: NOW, ...rest, account, response: { status, headers, body: bodyOf(body) } };
}

/** No answer at all. */
export function failed(
  account: Account,
  failure: Extract<Exchange['response'], { readonly failure: unknown }>['failure'],
  rest: Answer = {},
): Exchange {
  const { headers: _headers, body: _body, ...facts } = rest;
  return { model: MODEL, receivedAt: NOW, ...facts, account, response: { failure } };
}

/** The error envelope of OpenAI and many others. */
export function says(message: string, fields: Readonly<Record<string, unknown>> = {}): object {
  return { error: { message, ...fields } };
}

/** Anthropic's envelope. */
export function anthropicError(type: string, message: string, details?: object): object {
  return { type: 'error', error: { type, message, ...(details === undefined ? {} : { details }) } };
}

/** Google's envelope. */
export function rpc(status: string, message: string, details: readonly object[] = []): object {
  return { error: { status, message, ...(details.length === 0 ? {} : { details }) } };
}

/** Google's ErrorInfo. */
export function errorInfo(reason: string, metadata: Readonly<Record<string, string>> = {}): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'cloudcode-pa.googleapis.com', metadata };
}

/** Google's RetryInfo. */
export function retryInfo(retryDelay: string): object {
  return { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay };
}

/** Google's QuotaFailure with one violation. */
export function quotaFailure(quotaId: string, fields: Readonly<Record<string, unknown>> = {}): object {
  return { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId, ...fields }] };
}

/** Anthropic's unified headers, named without their prefix. */
export function unified(fields: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, String(value)]));
}

/** Codex headers, named without their prefix. */
export function codex(fields: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`x-codex-${name}`, String(value)]));
}

/** An instant as the whole Unix seconds of a header. */
export function seconds(instant: number): string {
  return String(Math.floor(instant / SECOND));
}
