/** Accounts by id, and as a list: a busy pool changes one of them with each request, so that a change must not cost what a sort does. */
import type { GatewayAccount } from './gateway-account.js';

/** The accounts. */
export interface AccountList {
  /** In the order of their ids; the same array until something changes. */
  all(): readonly GatewayAccount[];
  get(accountId: string): GatewayAccount | undefined;
  /** undefined: it is gone. */
  set(accountId: string, account: GatewayAccount | undefined): void;
}

/** Makes an empty one. */
export function createAccountList(): AccountList {
  const accounts = new Map<string, GatewayAccount>();
  const places = new Map<string, number>();
  const changed = new Set<string>();
  let list: readonly GatewayAccount[] | null = [];

  /** Other accounts than before. */
  function sorted(): readonly GatewayAccount[] {
    const ids = [...accounts.keys()].sort();
    places.clear();
    for (const [place, id] of ids.entries()) places.set(id, place);
    return ids.flatMap((id) => accounts.get(id) ?? []);
  }
  /** The same accounts, of which some are new versions. */
  function replaced(before: readonly GatewayAccount[]): readonly GatewayAccount[] {
    const next = [...before];
    for (const id of changed) {
      const [account, place] = [accounts.get(id), places.get(id)];
      if (account !== undefined && place !== undefined) next[place] = account;
    }
    return next;
  }
  return {
    all() {
      if (list === null) list = sorted();
      else if (changed.size > 0) list = replaced(list);
      changed.clear();
      return list;
    },
    get: (accountId) => accounts.get(accountId),
    set(accountId, account) {
      if (accounts.has(accountId) !== (account !== undefined)) list = null;
      changed.add(accountId);
      if (account === undefined) accounts.delete(accountId);
      else accounts.set(accountId, account);
    },
  };
}
