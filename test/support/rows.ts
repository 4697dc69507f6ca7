/** Rows of a table of decisions, and how one is checked. */
import { expect, it } from 'vitest';
import type { Action } from '../../src/core/action.js';
import type { Disposition, EventCode, Verdict } from '../../src/core/decision.js';
import type { Exchange } from '../../src/core/exchange.js';
import type { ErrorKind } from '../../src/core/health.js';
import type { Policy } from '../../src/core/policy.js';
import { DEFAULT_POLICY } from '../../src/define-policy.js';
import { evaluate } from '../../src/evaluate.js';
import { NOW, REVISION } from './exchanges.js';

/** Some fields of an action; the others are free. */
export type ExpectedAction = Action extends infer One ? (One extends Action ? Pick<One, 'type'> & Partial<One> : never) : never;

/** What must become of an exchange. The actions are all there are, in order. */
export interface Row {
  readonly name: string;
  readonly exchange: Exchange;
  readonly policy?: Policy;
  readonly rule: string;
  readonly verdict?: Partial<Omit<Verdict, 'signal'>>;
  readonly disposition?: Disposition | Disposition['type'];
  readonly actions?: readonly ExpectedAction[];
  readonly events?: readonly EventCode[];
}

function checkDisposition(disposition: Disposition, expected: NonNullable<Row['disposition']>): void {
  if (typeof expected === 'string') expect(disposition.type).toBe(expected);
  else expect(disposition).toEqual(expected);
}

/** Checks one row. */
export function checkRow({ exchange, policy = DEFAULT_POLICY, rule, verdict = {}, disposition, actions = [], events }: Row): void {
  const decision = evaluate(exchange, policy);
  expect({ ...decision.verdict, signal: null }).toEqual({ ...decision.verdict, ...verdict, rule, signal: null });
  expect(decision.actions).toEqual(actions.map((action) => expect.objectContaining(action)));
  if (disposition !== undefined) checkDisposition(decision.disposition, disposition);
  if (events !== undefined) expect(decision.events.map(({ code }) => code)).toEqual(events);
}

/** One test a row. */
export function testRows(rows: readonly Row[]): void {
  it('has rows, each with a name of its own', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });
  for (const row of rows) it(row.name, () => checkRow(row));
}

/** An error of a kind with exactly this text. */
export function error(kind: ErrorKind, message: string): ExpectedAction {
  return { type: 'set_error', kind, message, at: NOW, credentialRevision: kind === 'credential' ? REVISION : -1 };
}

/** The account's rate limit. */
export function limited(until: number): ExpectedAction {
  return { type: 'set_rate_limited', until, kind: 'quota' };
}

/** A model's limit. */
export function modelLimited(model: string, until: number): ExpectedAction {
  return { type: 'set_model_rate_limit', model, until };
}

/** A temporary hold of the account. */
export function paused(until: number, detail: string): ExpectedAction {
  return { type: 'set_temp_unschedulable', cell: 'temporary', until, detail, credentialRevision: -1 };
}

/** A temporary hold of the credential. */
export function refused(until: number, detail: string): ExpectedAction {
  return { type: 'set_temp_unschedulable', cell: 'authentication', until, detail, credentialRevision: REVISION };
}

/** The cached token goes. */
export const invalidated: ExpectedAction = { type: 'invalidate_token', credentialRevision: REVISION };
/** The credential is to be refreshed. */
export const refreshRequested: ExpectedAction = { type: 'request_refresh', credentialRevision: REVISION };
/** A 429 without a reset is remembered. */
export const struck: ExpectedAction = { type: 'add_strike', kind: 'undated_rate_limit', at: NOW };

/** Another account, and this for the client if there is none. */
export function failOver(status: number, retryAt: number | null = null): Disposition {
  return { type: 'fail_over', otherwise: { status, retryAt } };
}
