/** Accounts as the page shows them. */
import { type AccountView, describeAccount, type EpochMs, type Policy, type UsageCredits, type UsageInfo } from 'poolwarden';
import type { GatewayAccount } from '../accounts/gateway-account.js';

/** What the quota endpoint has said, beside what `view` shows of it. */
export interface UsageRow {
  readonly updatedAt: EpochMs;
  readonly errorCode: UsageInfo['errorCode'];
  readonly error: string | null;
  readonly credits: readonly UsageCredits[];
}

/** One account. No secret is in it. */
export interface AccountRow {
  readonly id: string;
  readonly label: string;
  readonly platform: string;
  readonly type: string;
  readonly enabled: boolean;
  /** The account whose credentials it uses; null: it has its own. */
  readonly parent: string | null;
  readonly view: AccountView;
  /** Null: not read yet. */
  readonly usage: UsageRow | null;
  /** When this process last used it; null: not since it started. */
  readonly lastUsedAt: EpochMs | null;
}

/** What a row is made of beside its account. */
export interface RowContext {
  readonly now: EpochMs;
  readonly policy: Policy;
  readonly usageOf: (accountId: string) => UsageInfo | null;
  readonly lastUsedAt: (accountId: string) => EpochMs | null;
}

/** The row of an account at `now`. Pure but for what the context reads. */
export function accountRow({ account, label }: GatewayAccount, { now, policy, usageOf, lastUsedAt }: RowContext): AccountRow {
  const { id, platform, type, parent, settings } = account;
  const usage = usageOf(id);
  return {
    id,
    label,
    platform,
    type,
    enabled: settings.enabled,
    parent: parent?.id ?? null,
    view: describeAccount(account, { now, policy, usage }),
    usage: usage && { updatedAt: usage.updatedAt, errorCode: usage.errorCode, error: usage.error, credits: usage.credits },
    lastUsedAt: lastUsedAt(id),
  };
}
