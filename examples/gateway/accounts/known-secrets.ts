/** Removes the secrets that this process has handled from texts that leave it. */
import { createRedactor } from 'poolwarden';

/** Knows secrets, and takes them out of texts. */
export interface KnownSecrets {
  /** Remembers the secret of an account. At least the last two of each are kept: an answer may speak of one that was rotated meanwhile. */
  add(accountId: string, secret: string): void;
  /** The text without any of them, and without anything else that has the shape of a credential. For `createEngine({ redact })`, logs and pages. */
  readonly redact: (text: string) => string;
}

/** Secrets with their redactor, which is made when it is needed. */
interface Layer {
  readonly secrets: readonly string[];
  readonly redact: (text: string) => string;
}

const KEPT = 2;
/** Making a redactor takes some 50 µs a secret, and a pool of thousands of accounts has a new one all the time: no layer may be so large that anybody notices. */
const LARGEST_LAYER = 256;
const FORGOTTEN_AT_MOST = 1_024;

function layerOf(secrets: readonly string[]): Layer {
  let redactor: ((text: string) => string) | null = null;
  return {
    secrets,
    redact(text) {
      redactor ??= createRedactor(secrets);
      return redactor(text);
    },
  };
}

/** Adds a secret as the smallest layer, and joins layers of one size as a counter carries: each secret is compiled a few times only, and there are few layers. */
function withSecret(layers: readonly Layer[], secret: string): readonly Layer[] {
  const next = [...layers];
  let last = layerOf([secret]);
  for (let before = next.at(-1); before !== undefined && before.secrets.length <= last.secrets.length; before = next.at(-1)) {
    if (before.secrets.length >= LARGEST_LAYER) break;
    next.pop();
    last = layerOf([...before.secrets, ...last.secrets]);
  }
  return [...next, last];
}

/** Makes an empty one. */
export function createKnownSecrets(): KnownSecrets {
  const secrets = new Map<string, readonly string[]>();
  // Without any secret it still removes what has the shape of one.
  let layers: readonly Layer[] = [layerOf([])];
  let forgotten = 0;

  /** What was forgotten goes on being removed until there is so much of it that starting anew is worth its time. */
  function forget(count: number): void {
    forgotten += count;
    if (forgotten <= FORGOTTEN_AT_MOST + secrets.size) return;
    forgotten = 0;
    layers = [...secrets.values()].flat().reduce(withSecret, [layerOf([])]);
  }
  return {
    add(accountId, secret) {
      const known = secrets.get(accountId) ?? [];
      if (secret === '' || known.includes(secret)) return;
      secrets.set(accountId, [...known, secret].slice(-KEPT));
      layers = withSecret(layers, secret);
      forget(known.length >= KEPT ? 1 : 0);
    },
    redact: (text) => layers.reduce((clean, layer) => layer.redact(clean), text),
  };
}
