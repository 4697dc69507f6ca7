/** What stores need for encryption at rest, so that all of them do it alike. */
import type { SecretCodec, SecretContext } from './ports.js';

/** Secrets as they are: what a store does without a codec. */
export const PLAIN_CODEC: SecretCodec = { seal: (text) => text, open: (sealed) => sealed };

/** What the credentials of an account are sealed for. */
export function credentialsOf(accountId: string): SecretContext {
  return { accountId, purpose: 'credentials' };
}

/** What a cached access token is sealed for. */
export function accessTokenOf(accountId: string): SecretContext {
  return { accountId, purpose: 'access_token' };
}
