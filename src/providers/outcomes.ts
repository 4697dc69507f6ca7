/** Outcomes and lists that rules of several providers share. */
import type { Platform } from '../core/account.js';
import type { Outcome, StatusRange } from '../core/rule.js';

/** The platforms whose answers are known; any other is treated with care. */
export const KNOWN_PLATFORMS: readonly Platform[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
/** Every status of an error. */
export const ANY_ERROR: readonly StatusRange[] = [[400, 599]];

/** An effect that is none. */
export const NO_EFFECT = { type: 'none' } as const;

/** Refused for where it came from: nobody is punished. */
export const BLOCKED_EGRESS: Outcome = { kind: 'blocked_egress', scope: 'network', exit: 'none', effect: NO_EFFECT, course: 'fail_over' };

/** The account lists the status as an error. */
export const CUSTOM_ERROR: Outcome = {
  kind: 'by_status',
  scope: 'account',
  exit: 'operator',
  effect: {
    type: 'error',
    kind: 'custom',
    title: 'Custom error code {status}: ',
    missing: 'Custom error code {status}: Custom error code triggered',
  },
  course: 'fail_over',
};

/** A credential that a person has to renew. The text is `title` and the upstream's message, or `missing`. */
export function credentialRefused(title: string, missing: string, { invalidate = false }: { readonly invalidate?: boolean } = {}): Outcome {
  return {
    kind: 'unauthenticated',
    scope: 'credential',
    exit: 'operator',
    effect: { type: 'error', kind: 'credential', title, missing, invalidate },
    course: 'fail_over',
  };
}

/** Somebody has to pay: the whole organization is out until then. */
export function billing(
  title: string,
  missing: string,
  { kind = 'billing' }: { readonly kind?: 'billing' | 'organization' } = {},
): Outcome {
  return { kind: 'billing', scope: 'organization', exit: 'operator', effect: { type: 'error', kind, title, missing }, course: 'fail_over' };
}

/** A limit of the model or the account, until what the answer states or, with `fallback`, for the settings' seconds. */
export function rateLimited(on: 'model' | 'account', until: 'stated' | 'fallback'): Outcome {
  return { kind: 'rate_limited', scope: on, exit: 'time', effect: { type: 'limit', on, kind: 'quota', until }, course: 'fail_over' };
}
