/** One coloured mark of an account. */
import type { EpochMs } from '../core/time.js';
import type { VerificationLink } from '../core/verification-link.js';
import type { Tone } from './tone.js';

/** What a badge says. */
export type BadgeKind =
  | 'banned'
  | 'organization'
  | 'needs_verification'
  | 'needs_reauth'
  | 'billing'
  | 'forbidden'
  | 'custom_error'
  | 'usage_error'
  | 'disabled'
  | 'expired'
  | 'temp_unschedulable'
  | 'unauthenticated'
  | 'scheduling_threshold'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'credits_exhausted'
  | 'credits_active';

/** One mark of an account. It is there while it holds: describe the account anew when `until` has come. */
export interface Badge {
  readonly kind: BadgeKind;
  readonly tone: Tone;
  /** A few words in English; `kind` is there to say it in another language. */
  readonly label: string;
  /** The whole reason, redacted; empty where the label says all. */
  readonly detail: string;
  /** The model, or the key of several, that it is about; null: the account. */
  readonly model: string | null;
  /** null: until a person does something. */
  readonly until: EpochMs | null;
  /** Where the account's owner can do it. Make it clickable only if `trusted`. */
  readonly link: VerificationLink | null;
  /** The account itself, or a shadow's parent. */
  readonly accountId: string;
}

/** The tone and the label of each kind. */
export const LOOKS: Readonly<Record<BadgeKind, readonly [tone: Tone, label: string]>> = {
  banned: ['red', 'Banned'],
  organization: ['red', 'Organization disabled'],
  needs_verification: ['amber', 'Needs verification'],
  needs_reauth: ['orange', 'Sign in again'],
  billing: ['red', 'Billing problem'],
  forbidden: ['gray', 'Forbidden'],
  custom_error: ['red', 'Error'],
  usage_error: ['amber', 'Usage error'],
  disabled: ['gray', 'Switched off'],
  expired: ['gray', 'Expired'],
  temp_unschedulable: ['amber', 'Paused'],
  unauthenticated: ['amber', 'Credential refused'],
  scheduling_threshold: ['amber', 'Threshold reached'],
  rate_limited: ['amber', 'Rate limited'],
  overloaded: ['amber', 'Overloaded'],
  unavailable: ['gray', 'Unavailable'],
  credits_exhausted: ['red', 'AI credits used up'],
  credits_active: ['yellow', '\u26a1'],
};

/** A badge of a kind, with what is special about it. */
export function makeBadge(kind: BadgeKind, accountId: string, facts: Partial<Omit<Badge, 'kind' | 'accountId'>> = {}): Badge {
  const [tone, label] = LOOKS[kind];
  return { kind, tone, label, detail: '', model: null, until: null, link: null, accountId, ...facts };
}
