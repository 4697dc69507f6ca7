/** Access tokens for the request path. */
import { type Account, credentialOwner } from '../core/account.js';
import type { EpochMs } from '../core/time.js';
import { type ApplyActions, containApply } from './contain-apply.js';
import { needsRefresh } from './needs-refresh.js';
import type { Refresher } from './outcome.js';
import { type Pause, pause as waitByTimer } from './pause.js';
import type { AccessTokenCache, CredentialRepository } from './ports.js';
import { containTokenCache, leastRevision } from './token-provider-cache.js';
import { failureActions } from './token-provider-failure.js';
import { cachedUntil, cachedUntilAfterFailure, REQUEST_WINDOW_MS, type RequestPolicy, requestPolicy } from './token-provider-policy.js';
import { type RenewalTools, renew } from './token-provider-renewal.js';
import { noToken, type TokenResult } from './token-provider-result.js';
import { createTokenSource, isUsable, STORE_RETRY_MS, type TokenView } from './token-provider-source.js';

/** What a token provider is made of. */
export interface TokenProviderOptions {
  readonly credentials: Pick<CredentialRepository, 'read'>;
  readonly refresher: Refresher;
  /** Without it, each request reads the store. */
  readonly cache?: AccessTokenCache;
  /** Carries out what a failed refresh means for an account's health: `engine.apply`. Without it, the host carries out the `actions` of the results. */
  readonly apply?: ApplyActions;
  /** Policies by platform, in place of `REQUEST_POLICIES` or beside them. */
  readonly policies?: Readonly<Record<string, RequestPolicy>>;
  /** Default: the clock of this machine. */
  readonly now?: () => EpochMs;
  /** Default: the timers of the platform. */
  readonly pause?: Pause;
}

/** Gives access tokens to requests. */
export interface TokenProvider {
  /**
   * The access token of an account, or of its parent where that owns the credential; renewed first where it is due. Requests that want the same share one way to it. Never rejects. A caller whose
   * signal is aborted stops waiting, and stops nobody else.
   */
  accessToken(account: Account, options?: { readonly signal?: AbortSignal }): Promise<TokenResult>;
}

/** Whether a request must ask for a new token first. An access token that is missing is due where one can be had. */
function isDue(account: Account, { token, revision, expiresAt, refreshable }: TokenView, now: EpochMs): boolean {
  if (token === null) return refreshable;
  const isNear = account.health.refreshRequestedFor >= revision || (expiresAt !== null && expiresAt - now <= REQUEST_WINDOW_MS);
  // Asked for less than the window; a platform with a longer one of its own has the background for it.
  return isNear && needsRefresh({ ...account, credential: { revision, expiresAt, refreshable } }, { now, windowMs: REQUEST_WINDOW_MS + 1 });
}

function tokenOf(
  { token, revision, expiresAt }: TokenView,
  facts: Pick<Extract<TokenResult, { type: 'token' }>, 'via' | 'actions'>,
): TokenResult {
  return token === null ? noToken('missing', null, facts.actions) : { type: 'token', token, revision, expiresAt, ...facts };
}

/** The ways in which the parts of a provider serve a token. */
function createTools(options: TokenProviderOptions): RenewalTools {
  const { refresher, now = Date.now, pause = waitByTimer } = options;
  const cache = containTokenCache(options.cache, now);
  const source = createTokenSource(options, { pause, now });
  const apply = containApply(options.apply);

  const serve: RenewalTools['serve'] = async (account, view, via) => {
    await cache.put(account, view, cachedUntil(view.expiresAt, now()));
    return tokenOf(view, { via, actions: [] });
  };
  return {
    refresher,
    now,
    pause,
    source,
    serve,
    async serveFromCache(account) {
      const cached = await cache.get(account);
      return (
        cached && { type: 'token', token: cached.token, revision: cached.credentialRevision, expiresAt: null, via: 'cache', actions: [] }
      );
    },
    async serveExisting(account, view, actions) {
      if (actions !== 'busy') await cache.put(account, view, cachedUntilAfterFailure(view.expiresAt, now()));
      return tokenOf(view, { via: 'existing', actions: actions === 'busy' ? [] : actions });
    },
    failed(account, failure, policy) {
      const actions = failureActions(account, failure, { now: now(), policy });
      // Not waited for: a request has no use for it.
      apply(actions);
      return actions;
    },
  };
}

/** One way to a token, for all who want it now. */
async function resolve(account: Account, tools: RenewalTools, policy: RequestPolicy): Promise<TokenResult> {
  const cached = await tools.serveFromCache(account);
  if (cached !== null) return cached;
  const found = await tools.source.find(account.id);
  if (found === 'missing') return noToken('missing', null);
  if (found === 'unreachable') return noToken('store_unavailable', STORE_RETRY_MS);
  if (isDue(account, found, tools.now())) return renew({ account, existing: found, policy }, tools);
  if (found.token === null) return noToken('missing', null);
  return isUsable(account, found, tools.now()) ? tools.serve(account, found, 'stored') : noToken('refused', null);
}

/** What it was waiting for, or the end of the caller's patience. */
async function unlessAborted(result: Promise<TokenResult>, signal: AbortSignal): Promise<TokenResult> {
  if (signal.aborted) return noToken('gave_up', null);
  const settled = new AbortController();
  const gaveUp = new Promise<TokenResult>((done) => {
    signal.addEventListener('abort', () => done(noToken('gave_up', null)), { signal: settled.signal });
  });
  return Promise.race([result, gaveUp]).finally(() => settled.abort());
}

/**
 * Makes a token provider. A token comes from the cache, else from the store; one that ends soon, or that a 401 named, is renewed first, with what the platform's policy says for the case that another
 * process is at it or that it fails. While the store or the endpoint is down, a token that is still good serves.
 *
 * @example const result = await tokens.accessToken(account);
 */
export function createTokenProvider(options: TokenProviderOptions): TokenProvider {
  const tools = createTools(options);
  const flights = new Map<string, Promise<TokenResult>>();

  function join(account: Account): Promise<TokenResult> {
    // Whoever knows of a later 401 must not be given the token that it named.
    const key = `${leastRevision(account)} ${account.id}`;
    const running = flights.get(key);
    if (running !== undefined) return running;
    const flight = resolve(account, tools, requestPolicy(account.platform, options.policies)).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  return {
    accessToken(account, { signal } = {}) {
      const flight = join(credentialOwner(account));
      return signal === undefined ? flight : unlessAborted(flight, signal);
    },
  };
}
