/** Encryption of secrets at rest: AES-256-GCM with a fresh nonce for each text. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { SecretCodec, SecretContext } from 'poolwarden/refresh';

/** A codec, and the name of its key. */
export interface KeyedCodec extends SecretCodec {
  /** Tells keys apart and reveals nothing of them. */
  readonly keyId: string;
}

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The name of a key: the beginning of a digest that is used for nothing else. */
function nameKey(key: Uint8Array): string {
  return createHash('sha256').update('gateway secret key id\0').update(key).digest('hex').slice(0, 16);
}

/** What is authenticated beside the text: as JSON, so that no two are written alike. */
function associated(header: string, { purpose, accountId }: SecretContext): Buffer {
  return Buffer.from(JSON.stringify([header, purpose, accountId]));
}

function encrypt(text: string, key: Uint8Array, data: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(data);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypt(sealed: string, key: Uint8Array, data: Buffer): string {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('A stored secret is cut short.');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(data).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    // The cause says nothing more.
    throw new Error('A stored secret does not open: it was changed, or was sealed for another account or purpose.');
  }
}

/**
 * Makes a codec. A sealed text is `v1.<key id>.<nonce, ciphertext and tag>`; what stands before the second point, the account and the purpose are authenticated with it. `open` throws where the text was changed, was
 * sealed with another key, or stands where it does not belong; no message shows any of it. Throws a `RangeError` for a key that has not 32 bytes.
 */
export function createSecretCodec(key: Uint8Array): KeyedCodec {
  if (key.length !== KEY_BYTES) throw new RangeError(`The secret key must have ${KEY_BYTES} bytes.`);
  const keyId = nameKey(key);
  const header = `${VERSION}.${keyId}`;
  return {
    keyId,
    seal: (text, context) => `${header}.${encrypt(text, key, associated(header, context))}`,
    open(sealed, context) {
      const [version, sealedWith, rest = ''] = sealed.split('.');
      if (version !== VERSION) throw new Error('A stored secret has an unknown form: it is no text that the gateway has sealed.');
      if (sealedWith !== keyId) throw new Error(`A stored secret was sealed with another key than GATEWAY_SECRET_KEY (${keyId}).`);
      return decrypt(rest, key, associated(header, context));
    },
  };
}
