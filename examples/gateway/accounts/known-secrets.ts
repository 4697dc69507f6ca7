/** Removes the secrets that this process has handled from texts that leave it. */
import { createRedactor } from 'poolwarden';

/** Knows secrets, and takes them out of texts. */
export interface KnownSecrets {
  /** Remembers the secret of an account. The last four of each are kept: an answer may speak of one that was rotated meanwhile. */
  add(accountId: string, secret: string): void;
  /** The text without any of them, and without anything else that has the shape of a credential. For `createEngine({ redact })`, logs and pages. */
  readonly redact: (text: string) => string;
}

const KEPT = 4;

/** Makes an empty one. */
export function createKnownSecrets(): KnownSecrets {
  const secrets = new Map<string, readonly string[]>();
  let redactor: ((text: string) => string) | null = null;
  return {
    add(accountId, secret) {
      const known = secrets.get(accountId) ?? [];
      if (secret === '' || known.includes(secret)) return;
      secrets.set(accountId, [...known, secret].slice(-KEPT));
      redactor = null;
    },
    redact(text) {
      redactor ??= createRedactor([...secrets.values()].flat());
      return redactor(text);
    },
  };
}
