/** The admin token: made once, shown once, never stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Facts } from '../stores/facts.js';

/** Tells who may administer. */
export interface Authenticator {
  /** Whether the request carries the token, as `Authorization: Bearer`. Takes as long for a wrong one as for the right one. */
  isAdmin(request: IncomingMessage): boolean;
}

const FACT = 'admin_token_sha256';
const TOKEN_BYTES = 32;
const LONGEST_HEADER = 512;
const BEARER = /^bearer +([!-~]+) *$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Digests have one length whatever was sent, and comparing them tells nothing of the token. */
function isToken(given: string, expected: Buffer): boolean {
  return timingSafeEqual(digest(given), expected);
}

/**
 * Opens the authentication. At the very first start of all processes a token is made and given to `announce`; only its SHA-256 is stored. Of processes that start at once, one announces. Rejects as the store
 * does.
 */
export async function openAuthenticator(facts: Facts, announce: (token: string) => void): Promise<Authenticator> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const made = digest(token).toString('hex');
  const stored = await facts.claim(FACT, made);
  if (stored === made) announce(token);
  const expected = Buffer.from(stored, 'hex');
  return {
    isAdmin({ headers: { authorization = '' } }) {
      const [, given = ''] = BEARER.exec(authorization.slice(0, LONGEST_HEADER)) ?? [];
      return isToken(given, expected);
    },
  };
}
