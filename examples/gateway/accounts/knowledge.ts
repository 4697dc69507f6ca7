/** What a process knows of its accounts, and the accounts that are built of it. Each `take` says whose account is another one now. */
import { type AccountHealth, type CredentialRef, EMPTY_HEALTH, joinHealth } from 'poolwarden';
import type { Origins } from '../config.js';
import type { AccountRecord } from './account-table.js';
import { accountOfRecord, withFacts } from './build-account.js';
import type { GatewayAccount } from './gateway-account.js';

/** Knows accounts. News may come in any order, and twice. */
export interface Knowledge {
  /** Every account, in the order of its ids; the same array until something changes. */
  accounts(): readonly GatewayAccount[];
  find(accountId: string): GatewayAccount | undefined;
  /** The rows as they are now: all of them, or all that there are of `asked`. */
  takeRecords(records: readonly AccountRecord[], asked?: readonly string[]): readonly string[];
  takeHealth(healths: Iterable<readonly [string, AccountHealth]>): readonly string[];
  /** Revisions never go back: a reference that is older than the known one is passed over. */
  takeCredentials(references: Iterable<readonly [string, CredentialRef]>): readonly string[];
}

/** By account id. Health and references may be known before the row is. */
interface Facts {
  readonly records: Map<string, AccountRecord>;
  readonly bases: Map<string, GatewayAccount>;
  readonly healths: Map<string, AccountHealth>;
  readonly credentials: Map<string, CredentialRef>;
  readonly built: Map<string, GatewayAccount>;
}

function build({ records, bases, healths, credentials, built }: Facts, accountId: string): void {
  const base = bases.get(accountId);
  if (base === undefined) {
    built.delete(accountId);
    return;
  }
  const parentId = records.get(accountId)?.parent ?? null;
  const parent = parentId === null ? null : (built.get(parentId)?.account ?? null);
  // A shadow whose parent is gone has no credential: it stays in the list, switched off, until a person looks.
  const isOrphan = parentId !== null && parent === null;
  const { settings } = base.account;
  const account = isOrphan ? { ...base.account, settings: { ...settings, enabled: false } } : base.account;
  const facts = { parent, health: healths.get(accountId) ?? EMPTY_HEALTH, credential: credentials.get(accountId) };
  built.set(accountId, withFacts({ ...base, account }, facts));
}

/** Builds accounts anew, and then those that they are the parents of. */
function buildAll(facts: Facts, accountIds: readonly string[]): readonly string[] {
  const own = new Set(accountIds);
  const children = [...facts.records.values()].filter(({ parent }) => parent !== null && own.has(parent)).map(({ id }) => id);
  const all = new Set([...accountIds, ...children]);
  for (const id of all) build(facts, id);
  for (const id of children) build(facts, id);
  return [...all];
}

function forget({ records, bases, healths, credentials }: Facts, accountId: string): void {
  for (const known of [records, bases, healths, credentials]) known.delete(accountId);
}

function learnRecord({ records, bases }: Facts, record: AccountRecord, origins: Origins): boolean {
  if (JSON.stringify(records.get(record.id)) === JSON.stringify(record)) return false;
  const base = accountOfRecord(record, origins);
  records.set(record.id, record);
  if (base === null) bases.delete(record.id);
  else bases.set(record.id, base);
  return true;
}

function learnHealth({ healths }: Facts, accountId: string, news: AccountHealth): boolean {
  const known = healths.get(accountId) ?? EMPTY_HEALTH;
  const joined = joinHealth(known, news);
  healths.set(accountId, joined);
  return joined !== known;
}

function learnCredential({ credentials }: Facts, accountId: string, reference: CredentialRef): boolean {
  const known = credentials.get(accountId);
  const isNewer = known === undefined || (reference.revision ?? -1) > (known.revision ?? -1);
  if (isNewer) credentials.set(accountId, reference);
  return isNewer;
}

/** Makes an empty one. */
export function createKnowledge(origins: Origins): Knowledge {
  const facts: Facts = { records: new Map(), bases: new Map(), healths: new Map(), credentials: new Map(), built: new Map() };
  let list: readonly GatewayAccount[] | null = null;

  function changed(accountIds: readonly string[]): readonly string[] {
    if (accountIds.length > 0) list = null;
    return buildAll(facts, accountIds);
  }
  return {
    accounts() {
      list ??= [...facts.built.values()].sort((a, b) => (a.account.id < b.account.id ? -1 : 1));
      return list;
    },
    find: (accountId) => facts.built.get(accountId),
    takeRecords(records, asked = [...facts.records.keys()]) {
      const found = new Set(records.map(({ id }) => id));
      const gone = asked.filter((id) => facts.records.has(id) && !found.has(id));
      for (const id of gone) forget(facts, id);
      return changed([...gone, ...records.filter((record) => learnRecord(facts, record, origins)).map(({ id }) => id)]);
    },
    takeHealth: (healths) => changed([...healths].filter(([id, news]) => learnHealth(facts, id, news)).map(([id]) => id)),
    takeCredentials: (references) => changed([...references].filter(([id, ref]) => learnCredential(facts, id, ref)).map(([id]) => id)),
  };
}
