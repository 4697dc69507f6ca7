/** Getting a new token on the request path: ask, wait for others, or go on with what there is. */
import type { Account } from '../core/account.js';
import type { Action } from '../core/action.js';
import { type EpochMs, SECOND_MS } from '../core/time.js';
import type { Refresher } from './outcome.js';
import type { Pause } from './pause.js';
import { stableJitter } from './stable-jitter.js';
import { ENDPOINT_RETRY_MS, explainFailure, type Failure } from './token-provider-failure.js';
import { MANDATORY_WINDOW_MS, type RequestPolicy, WAIT_STEP_MS } from './token-provider-policy.js';
import { noToken, type TokenResult } from './token-provider-result.js';
import { isUsable, type TokenSource, type TokenView } from './token-provider-source.js';

/** What renewing needs of the provider around it. Nothing here rejects. */
export interface RenewalTools {
  readonly refresher: Refresher;
  readonly source: TokenSource;
  readonly now: () => EpochMs;
  readonly pause: Pause;
  /** A token out of the cache; null: none that serves. */
  readonly serveFromCache: (account: Account) => Promise<TokenResult | null>;
  /** Serves a token, and caches it. */
  readonly serve: (account: Account, view: TokenView, via: 'stored' | 'refreshed') => Promise<TokenResult>;
  /** Serves a token whose refresh is due. After a failure, of which these are the actions, it is cached for a short while; not while others are at it. */
  readonly serveExisting: (account: Account, view: TokenView, actions: readonly Action[] | 'busy') => Promise<TokenResult>;
  /** What a failure means for the account's health; it is being carried out. */
  readonly failed: (account: Account, failure: Failure, policy: RequestPolicy) => readonly Action[];
}

/** One renewal. */
export interface Renewal {
  readonly account: Account;
  readonly existing: TokenView;
  readonly policy: RequestPolicy;
}

/** Revisions that are followed when the store keeps moving on to ones that do not serve. */
const MOST_ADOPTIONS = 3;

/** Failures that say nothing of the endpoint or the token: whatever the platform's policy, a token that is still good serves. */
const NOT_THE_ENDPOINT: ReadonlySet<Failure['type']> = new Set(['unavailable', 'missing', 'aborted']);

async function settle(failure: Failure, { account, existing, policy }: Renewal, tools: RenewalTools): Promise<TokenResult> {
  const actions = tools.failed(account, failure, policy);
  const mayServe = NOT_THE_ENDPOINT.has(failure.type) || policy.whenFailed === 'use_existing';
  if (mayServe && isUsable(account, existing, tools.now())) return tools.serveExisting(account, existing, actions);
  const { reason, retryAfterMs } = explainFailure(failure);
  return noToken(reason, retryAfterMs, actions);
}

/** Whether the token must be replaced before it is used, if that can be done in time. */
function isMandatory({ account, existing }: Renewal, now: EpochMs): boolean {
  return !isUsable(account, existing, now) || (existing.expiresAt !== null && existing.expiresAt - now <= MANDATORY_WINDOW_MS);
}

/** What the other process has brought by now; null: nothing that serves. */
async function look({ account, existing }: Renewal, tools: RenewalTools): Promise<TokenResult | null> {
  const cached = await tools.serveFromCache(account);
  if (cached !== null) return cached;
  const found = await tools.source.find(account.id);
  if (typeof found === 'string' || found.revision <= existing.revision) return null;
  return isUsable(account, found, tools.now()) ? tools.serve(account, found, 'stored') : null;
}

/** Another process is at it: one step of waiting, or none. null: ask again. */
async function waitForOther(
  renewal: Renewal,
  tools: RenewalTools,
  options: { readonly step: number; readonly signal: AbortSignal },
): Promise<TokenResult | null> {
  const { account, existing, policy } = renewal;
  const mandatory = isMandatory(renewal, tools.now());
  if (!mandatory && policy.whenBusy === 'use_existing') return tools.serveExisting(account, existing, 'busy');
  await tools.pause(stableJitter(WAIT_STEP_MS, [account.id, existing.revision, options.step]), options.signal);
  const appeared = await look(renewal, tools);
  return appeared === null && !mandatory ? tools.serveExisting(account, existing, 'busy') : appeared;
}

/** Asks until there is an answer or the signal ends it; `busy` tells the caller what it was waiting for then. */
async function pursue(first: Renewal, tools: RenewalTools, time: { readonly signal: AbortSignal; busy: boolean }): Promise<TokenResult> {
  let renewal = first;
  let adoptions = 0;
  for (let step = 0; !time.signal.aborted; step += 1) {
    const { account, existing } = renewal;
    const outcome = await tools.refresher.refresh({ accountId: account.id, platform: account.platform, revision: existing.revision });
    time.busy = outcome.type === 'busy';
    if (outcome.type === 'busy') {
      const waited = await waitForOther(renewal, tools, { step, signal: time.signal });
      if (waited !== null) return waited;
    } else if ('credentials' in outcome) {
      const view = tools.source.remember(account.id, outcome);
      if (isUsable(account, view, tools.now())) return tools.serve(account, view, outcome.type === 'adopted' ? 'stored' : 'refreshed');
      adoptions += 1;
      if (outcome.type !== 'adopted' || adoptions > MOST_ADOPTIONS) return noToken('refresh_failed', ENDPOINT_RETRY_MS);
      renewal = { ...renewal, existing: view };
    } else {
      return settle(outcome, renewal, tools);
    }
  }
  return noToken('refresh_failed', SECOND_MS);
}

/**
 * A new token, or what the platform's policy gives instead, within the policy's time. The refresh itself goes on when that is over. Never rejects.
 */
export async function renew(renewal: Renewal, tools: RenewalTools): Promise<TokenResult> {
  const { account, existing, policy } = renewal;
  const ended = new AbortController();
  const time = { signal: ended.signal, busy: false };
  const late = tools.pause(policy.timeoutMs, ended.signal).then((): Promise<TokenResult> | TokenResult => {
    if (ended.signal.aborted) return noToken('gave_up', null);
    if (!time.busy) return settle({ type: 'timeout', revision: existing.revision }, renewal, tools);
    if (isUsable(account, existing, tools.now())) return tools.serveExisting(account, existing, 'busy');
    return noToken('busy', SECOND_MS);
  });
  try {
    return await Promise.race([pursue(renewal, tools, time), late]);
  } finally {
    ended.abort();
  }
}
