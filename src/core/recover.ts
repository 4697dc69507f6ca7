import type { Account } from './account.js';
import type { Action } from './action.js';
export function recover(_account: Account, _options: { readonly model?: string } = {}): readonly Action[] {
  return [];
}
