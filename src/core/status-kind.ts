/** What a status alone says. */
import type { VerdictKind } from './decision.js';

const KIND_OF_STATUS: Readonly<Record<number, VerdictKind>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  402: 'billing',
  403: 'forbidden',
  404: 'invalid_request',
  413: 'invalid_request',
  422: 'invalid_request',
  429: 'rate_limited',
  529: 'overloaded',
};

/** The verdict kind of a status where no rule says more. Total, pure. */
export function kindOfStatus(status: number): VerdictKind {
  const kind = KIND_OF_STATUS[status];
  if (kind !== undefined) return kind;
  return status >= 500 && status <= 599 ? 'upstream_error' : 'unknown';
}

/** Whether a status is no failure: 100 to 399. */
export function isSuccess(status: number): boolean {
  return status >= 100 && status < 400;
}
