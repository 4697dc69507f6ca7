/** Gives requests their secrets, and keeps OAuth tokens alive behind them. */
import type { Account, Action, Engine, EpochMs, Saved } from 'poolwarden';
import {
  createBackgroundRefresher,
  createRefresher,
  createTokenExchange,
  createTokenProvider,
  type TokenExchange,
  type TokenProvider,
} from 'poolwarden/refresh';
import type { TokenUrls } from '../config.js';
import type { Authorization, Authorizer } from '../proxy/authorizer.js';
import type { Stores } from '../stores/open-stores.js';
import type { Observer } from '../telemetry/observer.js';
import { credentialHeaders } from './credential-headers.js';
import type { Directory, GatewayAccount } from './gateway-account.js';
import type { KnownSecrets } from './known-secrets.js';
import { reportProgress, reportRefresh } from './refresh-notices.js';
import { createStaticSecrets, type StaticSecrets } from './static-secrets.js';
import { wakeOnRefusal } from './wake-on-refusal.js';

/** What an authorizer is made of. */
export interface AuthorizerOptions {
  readonly stores: Pick<Stores, 'credentials' | 'tokens'>;
  readonly directory: Directory;
  /** Carries out what failed refreshes mean. */
  readonly engine: Pick<Engine, 'apply'>;
  readonly tokenUrls: TokenUrls;
  /** Told every secret that is given out, so that none of them leaves in a text. */
  readonly secrets: KnownSecrets;
  readonly observe?: Observer;
  /** Default: the token endpoints of `tokenUrls`. */
  readonly exchange?: TokenExchange;
  readonly now?: () => EpochMs;
}

/** An authorizer with a background refresher, which runs until `close`. */
export interface LiveAuthorizer extends Authorizer {
  /** Starts no refresh any more, and waits until what is under way is stored. */
  close(): Promise<void>;
}

const STORE_RETRY_MS = 1_000;

function exchangeWith({ anthropic, openai, google }: TokenUrls): TokenExchange {
  return createTokenExchange({
    endpoints: {
      anthropic: { url: anthropic, body: 'json' },
      openai: { url: openai, body: 'json' },
      gemini: { url: google, body: 'form' },
      antigravity: { url: google, body: 'form' },
    },
  });
}

/** What the engine writes is seen by the next pick at once, and not only when the store tells of it. */
function applyThrough({ engine, directory }: AuthorizerOptions): (actions: readonly Action[]) => Promise<Saved> {
  return async (actions) => {
    const saved = await engine.apply(actions);
    directory.takeHealth(saved.health);
    return saved;
  };
}

function unavailable(reason: string, retryAt: EpochMs | null): Authorization {
  return { type: 'unavailable', reason, retryAt, actions: [] };
}

interface Sources {
  readonly tokens: TokenProvider;
  readonly statics: StaticSecrets;
  readonly secrets: KnownSecrets;
  readonly now: () => EpochMs;
}

function authorized(
  account: Account,
  { secret, revision }: { readonly secret: string; readonly revision: number },
  known: KnownSecrets,
): Authorization {
  known.add(account.id, secret);
  return { type: 'authorized', headers: credentialHeaders(account, secret), credentialRevision: revision };
}

async function withToken(account: Account, { tokens, secrets, now }: Sources): Promise<Authorization> {
  const result = await tokens.accessToken(account);
  if (result.type === 'token') return authorized(account, { secret: result.token, revision: result.revision }, secrets);
  // What the failure means for the account's health is carried out by the provider.
  return unavailable(result.reason, result.retryAfterMs === null ? null : now() + result.retryAfterMs);
}

async function withSecret(account: Account, { statics, secrets, now }: Sources): Promise<Authorization> {
  try {
    const found = await statics.read(account);
    return found === null ? unavailable('missing', null) : authorized(account, found, secrets);
  } catch {
    return unavailable('store_unavailable', now() + STORE_RETRY_MS);
  }
}

/**
 * Makes an authorizer and starts its background refresher. API keys and setup tokens are read once for each revision; OAuth tokens come from the cache or the store, and are renewed first where that is
 * due. `authorize` never rejects; its `actions` are empty, since what a failed refresh means is carried out here.
 *
 * @example const authorizer = createAuthorizer({ stores, directory, engine, secrets, tokenUrls: config.tokenUrls });
 */
export function createAuthorizer(options: AuthorizerOptions): LiveAuthorizer {
  const { stores, directory, secrets, observe = () => undefined, now = Date.now } = options;
  const { credentials, tokens: cache } = stores;
  const exchange = options.exchange ?? exchangeWith(options.tokenUrls);
  const apply = applyThrough(options);
  const refresher = createRefresher({ credentials, exchange, tokens: cache, onReport: reportRefresh(observe, now) });
  const sources: Sources = {
    tokens: createTokenProvider({ credentials, refresher, cache, apply, now }),
    statics: createStaticSecrets(credentials),
    secrets,
    now,
  };
  const background = createBackgroundRefresher({
    accounts: () => directory.accounts().map(({ account }) => account),
    refresher,
    apply,
    onProgress: reportProgress(observe, now),
    now,
  });
  background.start();
  const stopWaking = wakeOnRefusal(directory, background);
  return {
    authorize({ account }: GatewayAccount) {
      const owner = account.parent ?? account;
      return owner.type === 'oauth' ? withToken(account, sources) : withSecret(owner, sources);
    },
    async close() {
      stopWaking();
      await background.stop();
    },
  };
}
