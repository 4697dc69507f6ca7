/** Antigravity: what it means by a refusal. Its limits are Google's. */
import type { Platform } from '../core/account.js';
import type { Provider } from '../core/provider.js';
import type { Rule } from '../core/rule.js';
import { noWindows } from './generic.js';
import { VERIFICATION, VIOLATION } from './google.js';
import { credentialRefused } from './outcomes.js';

const antigravity: readonly Platform[] = ['antigravity'];

/** What Antigravity's answers mean where nothing else decided. */
export const antigravityDefaults: readonly Rule[] = [
  {
    id: 'antigravity_403_validation',
    platform: antigravity,
    status: [403],
    when: { forbidden: ['validation'] },
    then: VERIFICATION,
  },
  {
    id: 'antigravity_403_violation',
    platform: antigravity,
    status: [403],
    when: { forbidden: ['violation'] },
    then: VIOLATION,
  },
  {
    id: 'antigravity_401',
    platform: antigravity,
    type: ['oauth'],
    status: [401],
    when: {},
    then: credentialRefused('Authentication failed (401): ', 'Authentication failed (401): invalid or expired credentials', {
      invalidate: true,
    }),
  },
  {
    id: 'antigravity_empty_stream',
    platform: antigravity,
    status: [0],
    when: { failure: ['empty_stream'] },
    then: {
      kind: 'transport',
      scope: 'account',
      exit: 'time',
      effect: { type: 'pause', minutes: 1, title: '', missing: 'empty stream' },
      course: 'fail_over',
    },
  },
];

/** Antigravity's headers speak of no windows. */
export const antigravityProvider: Provider = { ...noWindows, platform: 'antigravity' };
