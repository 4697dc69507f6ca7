/** The admin token: the configured one, or one that is made once and shown once. Neither is ever stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Facts } from '../stores/facts.js';

/** Tells who may administer. */
export interface Authenticator {
  /** Whether the request carries the token, as `Authorization: Bearer`. Takes as long for a wrong one as for the right one. */
  isAdmin(request: IncomingMessage): boolean;
  /** Looks for a new token no more. */
  close(): void;
}

/** What an authenticator is made of. */
export interface AuthenticatorOptions {
  readonly facts: Facts;
  /** The configured one. Null: that of the store. */
  readonly token: string | null;
  /** Given the token of the store when it is made. */
  readonly announce: (token: string) => void;
}

const FACT = 'admin_token_sha256';
const TOKEN_BYTES = 32;
const LONGEST_HEADER = 512;
/** How long a token that was replaced may still be taken. */
const LOOK_MS = 2_000;
const BEARER = /^bearer +([!-~]+) *$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Digests have one length whatever was sent, and comparing them tells nothing of the token. */
function isToken(given: string, expected: Buffer): boolean {
  return timingSafeEqual(digest(given), expected);
}

function newToken(): { readonly token: string; readonly stored: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, stored: digest(token).toString('hex') };
}

/** Makes a new token, which replaces the one of the store: every process takes it within seconds, and the old one no more. Rejects as the store does. */
export async function renewAdminToken(facts: Facts): Promise<string> {
  const { token, stored } = newToken();
  await facts.replace(FACT, stored);
  return token;
}

/** The digest of the store's token, which is followed until `stop`. A store that does not answer changes nothing. */
async function followStored(facts: Facts, announce: (token: string) => void): Promise<{ expected: () => Buffer; stop: () => void }> {
  const { token, stored: made } = newToken();
  const found = await facts.claim(FACT, made);
  if (found === made) announce(token);
  let expected = Buffer.from(found, 'hex');
  const look = async (): Promise<void> => {
    const stored = await facts.read(FACT);
    if (stored !== null) expected = Buffer.from(stored, 'hex');
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  return { expected: () => expected, stop: () => clearInterval(timer) };
}

/**
 * Opens the authentication. With a configured token the store is not asked, and what it holds stays. Else a token is made at the very first start of all processes and given to `announce`; only its SHA-256 is
 * stored. Of processes that start at once, one announces. Rejects as the store does.
 */
export async function openAuthenticator({ facts, token, announce }: AuthenticatorOptions): Promise<Authenticator> {
  const configured = token === null ? null : digest(token);
  const { expected, stop } =
    configured === null ? await followStored(facts, announce) : { expected: () => configured, stop: () => undefined };
  return {
    isAdmin({ headers: { authorization = '' } }) {
      const [, given = ''] = BEARER.exec(authorization.slice(0, LONGEST_HEADER)) ?? [];
      return isToken(given, expected());
    },
    close: stop,
  };
}
