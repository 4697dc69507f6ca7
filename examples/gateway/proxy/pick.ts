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

/**
 * The preferred account (`settings.priority`, lower first), and among equals the one that was chosen longest ago. Credits cost money, so an account that needs them comes after all that do not. A session stays with
 * its account for as long as that may serve without credits.
 */
export function createPicker(directory: Directory, policy: () => Policy): Picker {
  const chosenAs = new Map<string, number>();
  let choices = 0;

  function comesBefore({ account: one }: GatewayAccount, other: GatewayAccount | null): boolean {
    if (other === null) return true;
    const byPriority = one.settings.priority - other.account.settings.priority;
    return byPriority < 0 || (byPriority === 0 && (chosenAs.get(one.id) ?? 0) < (chosenAs.get(other.account.id) ?? 0));
  }
  function isLeft({ account }: GatewayAccount, { canServe, exclude }: PickRequest): boolean {
    return canServe(account) && !exclude.has(account.id);
  }
  function choose(account: GatewayAccount, withCredits: boolean): Picked {
    choices += 1;
    chosenAs.set(account.account.id, choices);
    return { account, withCredits };
  }

  return {
    pick(request) {
      const answerOf = ({ account }: GatewayAccount) => schedulability(account, request, policy());
      const sticky = request.stickyAccountId === null ? undefined : directory.find(request.stickyAccountId);
      if (sticky !== undefined && isLeft(sticky, request)) {
        const answer = answerOf(sticky);
        if (answer.schedulable && answer.via === 'quota') return choose(sticky, false);
      }
      let free: GatewayAccount | null = null;
      let paid: GatewayAccount | null = null;
      for (const one of directory.accounts()) {
        // Only one that would be chosen is worth the question.
        if (!isLeft(one, request) || !comesBefore(one, free)) continue;
        const answer = answerOf(one);
        if (!answer.schedulable) continue;
        if (answer.via === 'quota') free = one;
        else if (comesBefore(one, paid)) paid = one;
      }
      if (free !== null) return choose(free, false);
      return paid === null ? null : choose(paid, true);
    },
    nextAt: (request) =>
      nextEligibleAt(
        directory
          .accounts()
          .filter((one) => isLeft(one, request))
          .map(({ account }) => account),
        request,
        policy(),
      ),
  };
}
