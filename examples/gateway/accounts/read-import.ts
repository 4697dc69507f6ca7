/** A list of accounts as a person hands it in: checked entry by entry. */
import { defineAccount, PolicyError, type PolicyErrorIssue } from 'poolwarden';
import type { NextCredentials } from 'poolwarden/refresh';
import * as z from 'zod';
import type { NewAccount } from './account-table.js';
import { issuesOf, readCredentials } from './read-credentials.js';

/** An account that can be added. Null: its parent has the credentials. */
export interface ImportedAccount {
  readonly account: NewAccount;
  readonly next: NextCredentials | null;
}

/** What is wrong with one entry. `index` counts from 0; `id` where the entry has a usable one. */
export interface EntryProblem {
  readonly index: number;
  readonly id: string | null;
  readonly issues: readonly PolicyErrorIssue[];
}

/** A list that was read: what is right in it, and what is not. */
export interface ReadImport {
  readonly entries: readonly ImportedAccount[];
  readonly problems: readonly EntryProblem[];
}

const MOST_ENTRIES = 10_000;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

const line = (error: string): z.ZodType<string> => z.string({ error }).trim().min(1, { error }).max(256, { error });
const lineOrNull = (error: string): z.ZodType<string | null> =>
  z
    .union([line(error), z.null()], { error })
    .optional()
    .transform((value) => value ?? null);

const entrySchema = z.strictObject(
  {
    id: z
      .string({ error: 'is missing, or no text' })
      .regex(ID, { error: 'must be 1 to 128 letters, digits, points, colons, dashes and underscores' }),
    label: line('must be a text of 1 to 256 characters').optional(),
    platform: z.enum(['anthropic', 'openai', 'gemini', 'antigravity'], { error: 'must be anthropic, openai, gemini or antigravity' }),
    type: z.enum(['oauth', 'setup_token', 'api_key'], { error: 'must be oauth, setup_token or api_key' }),
    // It stands in a header of ChatGPT's.
    organization: lineOrNull('must be a text of 1 to 256 characters, or null').refine((value) => value === null || /^[!-~]+$/.test(value), {
      error: 'must have neither blanks nor special characters',
    }),
    parent: lineOrNull('must be the id of another account, or null'),
    project: lineOrNull('must be a text of 1 to 256 characters, or null'),
    settings: z.record(z.string(), z.json(), { error: 'must be an object' }).default({}),
    enabled: z.boolean({ error: 'must be true or false' }).default(true),
    credentials: z.unknown().optional(),
  },
  { error: 'must be an object' },
);

type Entry = z.output<typeof entrySchema>;

function settingIssues({ id, platform, type, settings }: Entry): readonly PolicyErrorIssue[] {
  if ('enabled' in settings) return [{ path: 'settings.enabled', message: 'stands beside the settings, and not in them' }];
  try {
    defineAccount({ id, platform, type, settings });
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
}

function kindIssues({ id, platform, type, parent, credentials }: Entry): readonly PolicyErrorIssue[] {
  return [
    ...(type === 'setup_token' && platform !== 'anthropic' ? [{ path: 'type', message: 'setup tokens are of Anthropic only' }] : []),
    ...(platform === 'antigravity' && type !== 'oauth' ? [{ path: 'type', message: 'Antigravity takes oauth only' }] : []),
    ...(parent === id ? [{ path: 'parent', message: 'must be another account' }] : []),
    ...(parent !== null && credentials !== undefined
      ? [{ path: 'credentials', message: 'an account with a parent has none of its own' }]
      : []),
  ];
}

/** One entry: what can be added, or what is wrong with it. Pure. */
function readEntry(value: unknown): ImportedAccount | readonly PolicyErrorIssue[] {
  const read = entrySchema.safeParse(value);
  if (!read.success) return issuesOf(read.error);
  const { credentials, label, ...facts } = read.data;
  const secrets = facts.parent === null ? readCredentials(facts, credentials) : { next: null };
  const issues = [...settingIssues(read.data), ...kindIssues(read.data), ...('issues' in secrets ? secrets.issues : [])];
  if (issues.length > 0 || 'issues' in secrets) return issues;
  return { account: { ...facts, label: label ?? facts.id }, next: secrets.next };
}

function idOf(value: unknown): string | null {
  const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' && ID.test(id) ? id : null;
}

/** Reads a list: every entry is checked by itself, and an id that comes twice is a problem of the second. No message shows a secret. Total, pure. */
export function readImport(value: unknown): ReadImport {
  const isList = Array.isArray(value) && value.length <= MOST_ENTRIES;
  if (!isList)
    return {
      entries: [],
      problems: [{ index: 0, id: null, issues: [{ path: '', message: `must be a list of at most ${MOST_ENTRIES} accounts` }] }],
    };
  const entries: ImportedAccount[] = [];
  const problems: EntryProblem[] = [];
  const seen = new Set<string>();
  for (const [index, one] of value.entries()) {
    const read = readEntry(one);
    const id = idOf(one);
    const isRepeated = id !== null && seen.has(id);
    if (id !== null) seen.add(id);
    if (isRepeated) problems.push({ index, id, issues: [{ path: 'id', message: 'stands in the list twice' }] });
    else if ('account' in read) entries.push(read);
    else problems.push({ index, id, issues: read });
  }
  return { entries, problems };
}
