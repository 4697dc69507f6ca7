/** Credentials as texts, sealed and open. */
import { isObject, parseJson } from '../../core/json.js';
import type { EpochMs } from '../../core/time.js';
import { isRefreshable } from '../../refresh/is-refreshable.js';
import type { Credentials, NextCredentials, SecretCodec } from '../../refresh/ports.js';
import { credentialsOf, PLAIN_CODEC } from '../../refresh/secret-codec.js';
import { hexDigest } from '../../shell/hex-digest.js';

/** What is stored of credentials: all of it text. */
export interface SealedCredentials {
  readonly expires: string;
  readonly refreshable: string;
  readonly secret: string;
  /** SHA-256 of the open text: tells whether two sealed texts say the same, for a seal may differ each time. */
  readonly fingerprint: string;
}

/** Seals and opens the credentials of accounts. */
export interface CredentialText {
  seal(accountId: string, next: NextCredentials): Promise<SealedCredentials>;
  /** Rejects where the text cannot be opened or is no JSON object. The error says nothing of it. */
  open(accountId: string, stored: Pick<SealedCredentials, 'secret' | 'expires'>): Promise<NextCredentials>;
}

/** An instant from its text; null where it is empty. */
export function instantOf(text: string): EpochMs | null {
  return text === '' ? null : Number(text);
}

/** Credentials as texts, with this codec. */
export function credentialText(codec: SecretCodec = PLAIN_CODEC): CredentialText {
  async function parse(accountId: string, secret: string): Promise<unknown> {
    try {
      return parseJson(await codec.open(secret, credentialsOf(accountId)));
    } catch {
      // What a codec throws may quote what it was given.
      return undefined;
    }
  }
  return {
    async seal(accountId, { credentials, expiresAt }) {
      const text = JSON.stringify(credentials);
      const [secret, fingerprint] = await Promise.all([codec.seal(text, credentialsOf(accountId)), hexDigest('SHA-256', text)]);
      const refreshable = isRefreshable(credentials) ? '1' : '0';
      return { expires: expiresAt === null ? '' : String(expiresAt), refreshable, secret, fingerprint };
    },
    async open(accountId, { secret, expires }) {
      const credentials = await parse(accountId, secret);
      if (!isObject(credentials))
        throw new Error('stored credentials cannot be read: the codec does not open them, or they are no JSON object');
      return { credentials: credentials as Credentials, expiresAt: instantOf(expires) };
    },
  };
}
