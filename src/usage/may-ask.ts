/** Which accounts have a quota endpoint to ask. */
import type { Account } from '../core/account.js';

/**
 * Whether an account's credential may ask for its usage. Anthropic's setup tokens may not: their scope leaves the endpoint out, so that it refuses them for ever, and what is known of their
 * windows are the headers of answers (`usageFromHealth`). Total, pure.
 */
export function mayAskUsage({ platform, type }: Pick<Account, 'platform' | 'type'>): boolean {
  return platform !== 'anthropic' || type !== 'setup_token';
}
