/** The accounts as this process knows them: loaded once, then kept fresh by the stores' news and by what the engine itself writes. */
import type { HealthChange } from 'poolwarden';
import type { Origins } from '../config.js';
import type { Stores } from '../stores/open-stores.js';
import { createChangeBell } from './change-bell.js';
import type { Directory } from './gateway-account.js';
import { createKnowledge, type Knowledge } from './knowledge.js';

/** A directory that follows the stores. */
export interface LiveDirectory extends Directory {
  /** Reads everything again, or one account. Rejects as the stores do. */
  reload(accountId?: string): Promise<void>;
  /** Follows no more. */
  close(): Promise<void>;
}

/** What a directory is made of. */
export interface DirectoryOptions {
  readonly stores: Pick<Stores, 'health' | 'credentials' | 'accounts'>;
  readonly origins: Origins;
  /** How often everything is read again, in case that some news was lost. Default 30,000. */
  readonly reloadMs?: number;
}

const RELOAD_MS = 30_000;

type Tell = (accountIds: readonly string[]) => void;

/** Makes the function that reads accounts again: one read after the other, so that an older answer never comes last. */
function createReload(
  { accounts, health, credentials }: DirectoryOptions['stores'],
  knowledge: Knowledge,
  tell: Tell,
): LiveDirectory['reload'] {
  let last: Promise<unknown> = Promise.resolve();

  async function readRecords(accountId: string | undefined): Promise<readonly string[]> {
    if (accountId === undefined) return knowledge.takeRecords(await accounts.list());
    const record = await accounts.find(accountId);
    return knowledge.takeRecords(record === null ? [] : [record], [accountId]);
  }
  async function read(accountId: string | undefined): Promise<void> {
    const moved = await readRecords(accountId);
    const ids = accountId === undefined ? knowledge.accounts().map(({ account }) => account.id) : [accountId];
    const [healths, references] = await Promise.all([health.load(ids), credentials.references(ids)]);
    tell([...new Set([...moved, ...knowledge.takeHealth(healths), ...knowledge.takeCredentials(references)])]);
  }
  return (accountId) => {
    const next = last.then(() => read(accountId));
    last = next.catch(() => undefined);
    return next;
  };
}

/** What a store tells of one account. */
function takeNews({ accountId, health, credential }: HealthChange, knowledge: Knowledge): readonly string[] {
  return [
    ...(health === undefined ? [] : knowledge.takeHealth([[accountId, health]])),
    ...(credential === undefined ? [] : knowledge.takeCredentials([[accountId, credential]])),
  ];
}

/**
 * Makes a directory: it listens first and then loads, so that nothing falls between. Rejects where the stores do not answer; later they may be gone for a while, and what was missed is read when they are
 * back.
 *
 * @example const directory = await createDirectory({ stores, origins: config.origins });
 */
export async function createDirectory({ stores, origins, reloadMs = RELOAD_MS }: DirectoryOptions): Promise<LiveDirectory> {
  const bell = createChangeBell();
  const knowledge = createKnowledge(origins);
  const reload = createReload(stores, knowledge, bell.ring);
  // A read that fails is made up for by the next one.
  const reloadQuietly = (accountId?: string): void => void reload(accountId).catch(() => undefined);
  const stops = [
    await stores.health.subscribe?.((change) => bell.ring(takeNews(change, knowledge))),
    await stores.accounts.subscribe((accountId) => reloadQuietly(accountId ?? undefined)),
  ];
  const timer = setInterval(() => reloadQuietly(), reloadMs);
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(stops.map((stop) => stop?.()));
  };
  await reload().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    accounts: knowledge.accounts,
    find: knowledge.find,
    takeHealth: (healths) => bell.ring(knowledge.takeHealth(healths)),
    onChange: bell.listen,
    reload,
    close,
  };
}
