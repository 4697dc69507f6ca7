/** Secrets as a person hands them in: checked, and put into the form in which they are stored. */
import type { Account, PolicyErrorIssue } from 'poolwarden';
import type { NextCredentials } from 'poolwarden/refresh';
import * as z from 'zod';

/** Credentials that can be stored, or what is wrong with them. No message shows a value. */
export type ReadCredentials = { readonly next: NextCredentials } | { readonly issues: readonly PolicyErrorIssue[] };

const LONGEST_SECRET = 16_384;
/** Above this, a number is milliseconds: in seconds it would be the year 5138. */
const LEAST_MS = 1e11;

const secret = z
  .string({ error: 'is missing, or no text' })
  .trim()
  .min(1, { error: 'must not be blank', abort: true })
  .max(LONGEST_SECRET, { error: `must have at most ${LONGEST_SECRET} characters` })
  // What cannot stand in a header cannot be sent.
  .regex(/^[\x21-\x7e]+$/, { error: 'must have neither blanks nor special characters' });
const END = 'must be a date like 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970';
const instant = z
  .union([z.iso.datetime({ offset: true, error: END }), z.number({ error: END }).nonnegative().max(8.64e15)], { error: END })
  .transform((value) => (typeof value === 'string' ? Date.parse(value) : Math.round(value < LEAST_MS ? value * 1_000 : value)));

const OPTIONS = { error: 'must be an object' };
const schemas = {
  api_key: z.strictObject({ api_key: secret }, OPTIONS),
  setup_token: z.strictObject({ setup_token: secret, expires_at: instant.nullish() }, OPTIONS),
  /** Whatever else a sign-in gave (`scope`, `id_token`) is kept beside it. */
  oauth: z
    .object(
      {
        access_token: secret.optional(),
        refresh_token: secret.optional(),
        client_id: secret.optional(),
        client_secret: secret.optional(),
        expires_at: instant.nullish(),
      },
      OPTIONS,
    )
    .catchall(z.json())
    .refine((value) => value.access_token !== undefined || value.refresh_token !== undefined, {
      error: 'must have an access_token or a refresh_token',
    }),
} as const;

function isKnown(type: string): type is keyof typeof schemas {
  return Object.hasOwn(schemas, type);
}

function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? `has a field that is not known: ${issue.keys.join(', ')}` : issue.message;
}

/** Issues as the gateway shows them: where, and what. Pure. */
export function issuesOf(error: z.ZodError, prefix: readonly PropertyKey[] = []): readonly PolicyErrorIssue[] {
  return error.issues.map((issue) => ({ path: [...prefix, ...issue.path].join('.'), message: messageOf(issue) }));
}

const GOOGLE: readonly string[] = ['gemini', 'antigravity'];

/** Google renews a token only for the client that it was given to; the others' clients are known. */
function lacksClient({ platform, type }: Kind, given: object): boolean {
  return GOOGLE.includes(platform) && type === 'oauth' && 'refresh_token' in given && !('client_id' in given);
}

/** What decides which credentials an account has. */
type Kind = Pick<Account, 'platform' | 'type'>;

/**
 * Reads the credentials of an account of this kind: `{ api_key }`, `{ setup_token }`, or what an OAuth sign-in gave, with at least one of `access_token` and `refresh_token`; for Google with the `client_id` of a
 * `refresh_token`. Total, pure.
 */
export function readCredentials(kind: Kind, value: unknown): ReadCredentials {
  const { type } = kind;
  if (!isKnown(type)) return { issues: [{ path: 'type', message: 'must be oauth, setup_token or api_key' }] };
  const read = schemas[type].safeParse(value);
  if (!read.success) return { issues: issuesOf(read.error, ['credentials']) };
  if (lacksClient(kind, read.data))
    return { issues: [{ path: 'credentials.client_id', message: 'is missing: Google needs it to renew the token' }] };
  const { expires_at: expiresAt, ...credentials } = read.data as { readonly expires_at?: number | null };
  return { next: { credentials, expiresAt: expiresAt ?? null } };
}
