/** The usage of accounts, as their quota endpoints say it. */
import type { Engine, EpochMs, UsageInfo } from 'poolwarden';
import { createUsageReader, enrichUsage, type ReadAnswer, usageActions, usageFromHealth } from 'poolwarden/usage';
import type { Directory, GatewayAccount } from '../accounts/gateway-account.js';
import type { Origins } from '../config.js';
import type { Authorizer } from '../proxy/authorizer.js';
import { askUpstream, type Question } from './ask-upstream.js';
import { usageQuestions } from './usage-questions.js';

/** Reads usage, and remembers what was read last. */
export interface UsageBook {
  /** Cached for three minutes, one where it failed; callers at the same time share one request. Never rejects: an answer that says why there is none is one too. */
  read(account: GatewayAccount): Promise<UsageInfo>;
  /** What was read last; null: nothing yet, or the account was removed since. */
  last(accountId: string): UsageInfo | null;
}

/** What a book is made of. */
export interface UsageBookOptions {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly engine: Pick<Engine, 'apply'>;
  readonly origins: Origins;
  readonly redact: (text: string) => string;
  readonly now: () => EpochMs;
}

const MOST_ACCOUNTS = 10_000;

/** One endpoint that fails leaves the others' answers as they are. */
async function ask(
  account: GatewayAccount,
  question: Question,
  options: { readonly authorizer: Authorizer; readonly signal: AbortSignal },
): Promise<ReadAnswer> {
  return askUpstream(account, question, options).catch((failure: unknown) => ({ failure }));
}

/** Makes a book. */
export function createUsageBook({ directory, authorizer, engine, origins, redact, now }: UsageBookOptions): UsageBook {
  const last = new Map<string, UsageInfo>();
  // The next account of the same id is another one.
  directory.onChange((ids) => {
    for (const id of ids) if (directory.find(id) === undefined) last.delete(id);
  });
  const reader = createUsageReader({
    redact,
    now,
    async fetch({ id }, { signal }) {
      const account = directory.find(id);
      if (account === undefined) return { failure: new Error('the account is gone') };
      return Promise.all(usageQuestions(account, origins).map((question) => ask(account, question, { authorizer, signal })));
    },
  });

  /** Whom nobody can be asked about is told what the answers to its requests have said. */
  async function readOne(gatewayAccount: GatewayAccount): Promise<UsageInfo> {
    const { account } = gatewayAccount;
    const isAsked = account.type === 'setup_token' || usageQuestions(gatewayAccount, origins).length > 0;
    return isAsked ? reader.read(account) : enrichUsage(usageFromHealth(account, now()), account);
  }
  return {
    async read(gatewayAccount) {
      const { account } = gatewayAccount;
      const info = await readOne(gatewayAccount);
      last.delete(account.id);
      last.set(account.id, info);
      const [oldest] = last.keys();
      if (last.size > MOST_ACCOUNTS && oldest !== undefined) last.delete(oldest);
      // Samples of its windows, so that scheduling thresholds see them. Not waited for: the engine gathers them.
      if (account.type === 'oauth') void engine.apply(usageActions(info, account)).then(({ health }) => directory.takeHealth(health));
      return info;
    },
    last: (accountId) => last.get(accountId) ?? null,
  };
}
