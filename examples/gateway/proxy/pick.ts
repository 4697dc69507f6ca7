/** Which account serves a request. Until the library has an indexed pool, this one file is the pool. */
import { type Account, type EpochMs, nextEligibleAt, type Policy, schedulability } from 'poolwarden';
import type { Directory, GatewayAccount } from '../accounts/gateway-account.js';

/** What is asked of the pool. */
export interface PickRequest {
  readonly canServe: (account: Account) => boolean;
  readonly model: string | null;
  readonly now: EpochMs;
  /** Accounts that this request has tried. */
  readonly exclude: { has(accountId: string): boolean };
  /** The account that served the session before; null: none. */
  readonly stickyAccountId: string | null;
}

/** The account, and whether the request has to be paid for with its credits. */
export interface Picked {
  readonly account: GatewayAccount;
  readonly withCredits: boolean;
}

/** Chooses accounts. Knows of their use only what went through it. */
export interface Picker {
  /** null: none of the accounts that are left may serve the request now. */
  pick(request: PickRequest): Picked | null;
  /** When one of the accounts that are left may serve the request; null: no time helps. */
  nextAt(request: PickRequest): EpochMs | null;
}

/** The accounts in the order in which they are to be asked. */
interface Order {
  /** The preferred ones first; among equals the one that was chosen longest ago. */
  ids(): Iterable<string>;
  /** Puts an account behind its equals. */
  chosen(accountId: string): void;
}

/** Keeps a set of ids for each priority: a set keeps the order of insertion, so who is taken out and put in again is the last. */
function createOrder(directory: Directory): Order {
  const priorities = new Map<string, number>();
  let groups: ReadonlyMap<number, Set<string>> = new Map();

  function leave(accountId: string): void {
    groups.get(priorities.get(accountId) ?? 0)?.delete(accountId);
    priorities.delete(accountId);
  }
  function enter(accountId: string, priority: number): void {
    if (!groups.has(priority)) groups = new Map([...groups, [priority, new Set<string>()] as const].sort(([one], [other]) => one - other));
    groups.get(priority)?.add(accountId);
    priorities.set(accountId, priority);
  }
  function follow(accountId: string): void {
    const priority = directory.find(accountId)?.account.settings.priority;
    if (priority === priorities.get(accountId)) return;
    leave(accountId);
    if (priority !== undefined) enter(accountId, priority);
  }

  for (const { account } of directory.accounts()) follow(account.id);
  directory.onChange((accountIds) => {
    for (const accountId of accountIds) follow(accountId);
  });
  return {
    *ids() {
      for (const group of groups.values()) yield* group;
    },
    chosen(accountId) {
      const group = groups.get(priorities.get(accountId) ?? 0);
      if (group?.delete(accountId) === true) group.add(accountId);
    },
  };
}

/**
 * The preferred account (`settings.priority`, lower first), and among equals the one that was chosen longest ago. Credits cost money, so an account that needs them comes after all that do not. A session stays with
 * its account for as long as that may serve without credits.
 */
export function createPicker(directory: Directory, policy: () => Policy): Picker {
  const order = createOrder(directory);

  function isLeft({ account }: GatewayAccount, { canServe, exclude }: PickRequest): boolean {
    return canServe(account) && !exclude.has(account.id);
  }
  /** How an account may serve the request; null: not now. */
  function via(account: GatewayAccount | undefined, request: PickRequest): 'quota' | 'credits' | null {
    if (account === undefined || !isLeft(account, request)) return null;
    const answer = schedulability(account.account, request, policy());
    return answer.schedulable ? answer.via : null;
  }
  function choose(account: GatewayAccount, withCredits: boolean): Picked {
    order.chosen(account.account.id);
    return { account, withCredits };
  }

  return {
    pick(request) {
      const sticky = request.stickyAccountId === null ? undefined : directory.find(request.stickyAccountId);
      if (sticky !== undefined && via(sticky, request) === 'quota') return choose(sticky, false);
      let paid: GatewayAccount | null = null;
      for (const accountId of order.ids()) {
        const account = directory.find(accountId);
        const way = via(account, request);
        if (account === undefined || way === null) continue;
        if (way === 'quota') return choose(account, false);
        paid ??= account;
      }
      return paid === null ? null : choose(paid, true);
    },
    nextAt(request) {
      const left = directory.accounts().filter((account) => isLeft(account, request));
      return nextEligibleAt(
        left.map(({ account }) => account),
        request,
        policy(),
      );
    },
  };
}
