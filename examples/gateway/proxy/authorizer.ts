/** How a request gets the account's secret: the one place where the proxy and the secrets meet. */
import type { Action, EpochMs } from 'poolwarden';
import type { GatewayAccount } from '../accounts/gateway-account.js';

/** What to send with a request, or why the account cannot send one now. */
export type Authorization =
  | {
      readonly type: 'authorized';
      /** Secret: never logged, never kept longer than the request. */
      readonly headers: Readonly<Record<string, string>>;
      /** Of the token that is in the headers. */
      readonly credentialRevision: number;
    }
  | { readonly type: 'unavailable'; readonly reason: string; readonly retryAt: EpochMs | null; readonly actions: readonly Action[] };

/** Gives the headers that authorize a request of an account. Never rejects. */
export interface Authorizer {
  authorize(account: GatewayAccount): Promise<Authorization>;
}
