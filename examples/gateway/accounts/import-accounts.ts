/** Adds accounts to the pool. What is there already is never written over: its tokens may have been rotated since the list was made. */
import { readFile } from 'node:fs/promises';
import type { Stores } from '../stores/open-stores.js';
import { StartError } from '../stores/start-error.js';
import type { AccountRecord } from './account-table.js';
import { type EntryProblem, type ImportedAccount, readImport } from './read-import.js';
import { voidHealth } from './void-health.js';

/** What came of an import. */
export interface Imported {
  readonly added: readonly string[];
  /** Were there already, and stay as they are. */
  readonly existing: readonly string[];
  /** Nothing at all is added where there is any. */
  readonly problems: readonly EntryProblem[];
}

type ImportStores = Pick<Stores, 'accounts' | 'credentials' | 'health' | 'exclusively'>;

/** Parents that are neither in the list nor in the pool, or have a parent themselves. */
function parentProblems(entries: readonly ImportedAccount[], pool: readonly AccountRecord[]): readonly EntryProblem[] {
  const known = new Map(pool.map(({ id, parent }) => [id, parent]));
  for (const { account } of entries) known.set(account.id, account.parent);
  return entries.flatMap(({ account: { id, parent } }, index) => {
    if (parent === null || known.get(parent) === null) return [];
    const message = known.has(parent) ? 'has a parent itself' : 'is no account of the list or the pool';
    return [{ index, id, issues: [{ path: 'parent', message }] }];
  });
}

/** An id that was in use before begins anew: what was found out then holds nobody. Before the rows are there, so that no process picks one too early. */
async function beginAnew(
  entries: readonly ImportedAccount[],
  { pool, health }: { readonly pool: readonly AccountRecord[] } & Pick<ImportStores, 'health'>,
): Promise<void> {
  const inPool = new Set(pool.map(({ id }) => id));
  const fresh = entries.map(({ account }) => account.id).filter((id) => !inPool.has(id));
  for (const id of (await health.load(fresh)).keys()) await voidHealth(id, health);
}

/** Adds one, or completes one whose import was cut short before its secrets were stored. Whether the row is new. */
async function addOne({ account, next }: ImportedAccount, { accounts, credentials }: ImportStores): Promise<boolean> {
  const isNew = await accounts.add(account);
  if (next !== null && (await credentials.references([account.id])).size === 0) await credentials.replace(account.id, next);
  return isNew;
}

/**
 * Imports a list as JSON has it: all of it, or nothing where any entry is wrong. One process at a time does, so that a list that every process imports at its start is imported once. Rejects as the stores do;
 * then a part may have been added, and the same list completes it.
 */
export async function importAccounts(list: unknown, stores: ImportStores): Promise<Imported> {
  const { entries, problems } = readImport(list);
  if (problems.length > 0) return { added: [], existing: [], problems };
  return stores.exclusively(async () => {
    const pool = await stores.accounts.list();
    const orphans = parentProblems(entries, pool);
    if (orphans.length > 0) return { added: [], existing: [], problems: orphans };
    await beginAnew(entries, { pool, health: stores.health });
    const added: string[] = [];
    const existing: string[] = [];
    // Parents first: at no time is there a shadow without one.
    for (const entry of [...entries].sort((a, b) => Number(a.account.parent !== null) - Number(b.account.parent !== null))) {
      const isNew = await addOne(entry, stores);
      (isNew ? added : existing).push(entry.account.id);
    }
    return { added, existing, problems: [] };
  });
}

/** What is wrong with a list, a line an issue. */
export function problemLines(problems: readonly EntryProblem[]): readonly string[] {
  return problems.flatMap(({ index, id, issues }) =>
    issues.map(({ path, message }) => `entry ${index + 1}${id === null ? '' : ` (${id})`}: ${path === '' ? '' : `${path} `}${message}`),
  );
}

/** Imports the file of `ACCOUNTS_FILE`. Rejects with a `StartError` that says what is wrong, entry by entry, and shows no secret. */
export async function importFile(path: string, stores: ImportStores): Promise<Imported> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new StartError(`ACCOUNTS_FILE: ${path} cannot be read.`);
  });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // The parser's own message shows a piece of the text, which may be a secret.
    throw new StartError(`ACCOUNTS_FILE: ${path} is no JSON.`);
  }
  const imported = await importAccounts(list, stores);
  if (imported.problems.length === 0) return imported;
  throw new StartError(
    `ACCOUNTS_FILE: nothing was imported from ${path}:\n${problemLines(imported.problems)
      .map((one) => `- ${one}`)
      .join('\n')}`,
  );
}
