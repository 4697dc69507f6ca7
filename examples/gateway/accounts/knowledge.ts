/** What a process knows of its accounts, and the accounts that are built of it. Each `take` says whose account is another one now. */
import { type AccountHealth, type CredentialRef, EMPTY_HEALTH, joinHealth } from 'poolwarden';
import type { Origins } from '../config.js';
import { type AccountList, createAccountList } from './account-list.js';
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
  /** Revisions never go back: a reference that is older than the known one is passed over. One without a revision: the credentials were removed. */
  takeCredentials(references: Iterable<readonly [string, CredentialRef]>): readonly string[];
}

/** By account id. Health and references may be known before the row is. */
interface Facts {
  readonly records: Map<string, AccountRecord>;
  readonly bases: Map<string, GatewayAccount>;
  readonly healths: Map<string, AccountHealth>;
  readonly credentials: Map<string, CredentialRef>;
  /** The ids of shadows, by their parent's. */
  readonly children: Map<string, Set<string>>;
  readonly built: AccountList;
}

function build({ records, bases, healths, credentials, built }: Facts, accountId: string): void {
  const base = bases.get(accountId);
  if (base === undefined) {
    built.set(accountId, undefined);
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
  const children = accountIds.flatMap((id) => [...(facts.children.get(id) ?? [])]);
  for (const id of accountIds) build(facts, id);
  for (const id of children) build(facts, id);
  return children.length === 0 ? accountIds : [...new Set([...accountIds, ...children])];
}

function setParent({ records, children }: Facts, accountId: string, parent: string | null): void {
  const before = records.get(accountId)?.parent ?? null;
  if (before !== null) children.get(before)?.delete(accountId);
  if (parent !== null) children.set(parent, (children.get(parent) ?? new Set()).add(accountId));
}

function forget(facts: Facts, accountId: string): void {
  setParent(facts, accountId, null);
  const { records, bases, healths, credentials } = facts;
  for (const known of [records, bases, healths, credentials]) known.delete(accountId);
}

function learnRecord(facts: Facts, record: AccountRecord, origins: Origins): boolean {
  const { records, bases } = facts;
  const known = records.get(record.id);
  if (known !== undefined && JSON.stringify(known) === JSON.stringify(record)) return false;
  setParent(facts, record.id, record.parent);
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
  if (reference.revision === null) return credentials.delete(accountId);
  const known = credentials.get(accountId);
  const isNewer = known === undefined || reference.revision > (known.revision ?? -1);
  if (isNewer) credentials.set(accountId, reference);
  return isNewer;
}

/** Makes an empty one. */
export function createKnowledge(origins: Origins): Knowledge {
  const built = createAccountList();
  const facts: Facts = { records: new Map(), bases: new Map(), healths: new Map(), credentials: new Map(), children: new Map(), built };
  const changed = (accountIds: readonly string[]): readonly string[] => buildAll(facts, accountIds);
  return {
    accounts: built.all,
    find: built.get,
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
