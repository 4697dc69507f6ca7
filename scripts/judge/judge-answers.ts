import {
  type Account,
  type AccountView,
  createEngine,
  type Decision,
  defineAccount,
  describeAccount,
  type EpochMs,
  type Exchange,
} from 'poolwarden';
import { createMemoryRepository } from 'poolwarden/memory';
import type { Placed } from './answer.js';

/** One answer with its decision. */
export interface Judged {
  readonly placed: Placed;
  readonly exchange: Exchange;
  readonly decision: Decision;
}

/** Everything that the command shows. */
export interface Outcome {
  /** In time order. */
  readonly judged: readonly Judged[];
  /** The accounts at `at`, in the order in which the table lists them. */
  readonly accounts: readonly AccountView[];
  /** A second after the last answer. */
  readonly at: EpochMs;
}

/** The platforms that the library knows come first. */
const FIRST: readonly string[] = ['anthropic', 'openai', 'gemini', 'antigravity'];

function rank(platform: string): number {
  const at = FIRST.indexOf(platform);
  return at === -1 ? FIRST.length : at;
}

/** One account for each platform and type of the answers. */
function makeAccounts(placed: readonly Placed[]): ReadonlyMap<string, Account> {
  const accounts = placed.map(({ platform, accountType: type }) => defineAccount({ id: `${platform}/${type}`, platform, type }));
  accounts.sort((a, b) => rank(a.platform) - rank(b.platform) || (a.id < b.id ? -1 : 1));
  return new Map(accounts.map((account) => [account.id, account]));
}

/** Runs answers through an engine with a memory repository, each under the health that the ones before it left. */
export async function judge(placed: readonly Placed[]): Promise<Outcome> {
  const repository = createMemoryRepository();
  const engine = createEngine({ health: repository, usageWriteIntervalMs: 0 });
  const accounts = new Map(makeAccounts(placed));
  const judged: Judged[] = [];
  for (const one of placed) {
    const account = accounts.get(`${one.platform}/${one.accountType}`);
    if (account === undefined) continue;
    const { status, headers, body } = one.answer;
    const exchange: Exchange = { account, model: one.model, response: { status, headers, body }, receivedAt: one.receivedAt };
    const { decision, saved } = engine.observe(exchange);
    const { health } = await saved;
    accounts.set(account.id, { ...account, health: health.get(account.id) ?? account.health });
    judged.push({ placed: one, exchange, decision });
  }
  await engine.close();
  const at = Math.max(...placed.map(({ receivedAt }) => receivedAt)) + 1_000;
  return { judged, accounts: [...accounts.values()].map((account) => describeAccount(account, { now: at })), at };
}
