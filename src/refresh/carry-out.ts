/** Carrying out one effect of an attempt: its answer, as the next event. */
import type { AttemptEffect, EffectOf } from './attempt-effect.js';
import type { AttemptEvent } from './attempt-event.js';
import type { Pause } from './pause.js';
import type { CredentialRepository, ExchangeRequest, ExchangeResult, TokenExchange } from './ports.js';

/** What effects are carried out with. */
export interface RefreshTools {
  readonly credentials: CredentialRepository;
  readonly exchange: TokenExchange;
  readonly pause: Pause;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly isStopping: () => boolean;
}

/** Whose attempt it is. */
export interface AttemptOwner {
  readonly accountId: string;
  readonly platform: string;
  readonly nonce: string;
}

/** An effect that is answered by an event. */
export type AnsweredEffect = Exclude<AttemptEffect, { readonly type: 'done' | 'report' | 'invalidate' }>;

/** An effect that asks the store, and is answered by it. */
export type StoreEffect = Exclude<AnsweredEffect, { readonly type: 'post' | 'wait' | 'release' }>;

/** One step of the store. Rejects where the store does. */
async function askStore(effect: StoreEffect, { accountId, nonce }: AttemptOwner, tools: RefreshTools): Promise<AttemptEvent> {
  const { credentials, elapsed, isStopping } = tools;
  switch (effect.type) {
    case 'begin': {
      const result = await credentials.begin(accountId, effect.revision, { nonce, ttlMs: effect.ttlMs });
      return { type: 'begun', result, elapsedMs: elapsed(), isStopping: isStopping() };
    }
    case 'commit':
      return { type: 'committed', result: await credentials.commit(accountId, effect.revision, nonce, effect.next) };
    case 'keep_alternate':
      await credentials.keepAlternate(accountId, effect.revision, effect.next);
      return { type: 'alternate_kept' };
    case 'read':
      return { type: 'was_read', stored: await credentials.read(accountId) };
    case 'promote_alternate': {
      const promoted = await credentials.promoteAlternate(accountId, effect.revision, nonce);
      return { type: 'promoted', revision: promoted?.revision ?? null };
    }
    case 'condemn':
      return { type: 'condemned', isDone: await credentials.condemn(accountId, effect.revision, nonce, effect.code) };
    default:
      return effect satisfies never;
  }
}

/** An exchange that breaks its promise and rejects, or throws, may have sent the token all the same. */
async function askEndpoint(exchange: TokenExchange, request: ExchangeRequest): Promise<ExchangeResult> {
  try {
    return await exchange(request);
  } catch (error) {
    return { kind: 'ambiguous', error };
  }
}

/** Posts the token once. The endpoint's time is limited by the signal; `overdue` is told of an exchange that does not heed it, and whose answer still counts when it comes. */
async function post(
  { credentials, timeoutMs, overdueMs }: EffectOf<'post'>,
  {
    owner,
    tools,
    overdue,
  }: { readonly owner: AttemptOwner; readonly tools: RefreshTools; readonly overdue: (event: AttemptEvent) => void },
): Promise<AttemptEvent> {
  const { accountId, platform } = owner;
  const { pause, elapsed, exchange } = tools;
  const [timeIsOver, answered] = [new AbortController(), new AbortController()];
  const unlessAnswered = (act: () => void) => (): void => {
    if (!answered.signal.aborted) act();
  };
  pause(timeoutMs, answered.signal).then(
    unlessAnswered(() => timeIsOver.abort(new DOMException('the token endpoint took too long', 'TimeoutError'))),
  );
  pause(overdueMs, answered.signal).then(unlessAnswered(() => overdue({ type: 'overdue', elapsedMs: elapsed() })));
  const result = await askEndpoint(exchange, { accountId, platform, credentials, signal: timeIsOver.signal });
  answered.abort();
  return { type: 'posted', result, elapsedMs: elapsed() };
}

/** Carries an effect out and returns its answer. Never rejects: a store that does is `store_failed`. */
export async function carryOut(
  effect: AnsweredEffect,
  context: { readonly owner: AttemptOwner; readonly tools: RefreshTools; readonly overdue: (event: AttemptEvent) => void },
): Promise<AttemptEvent> {
  const { owner, tools } = context;
  try {
    switch (effect.type) {
      case 'post':
        return await post(effect, context);
      case 'wait':
        await tools.pause(effect.delayMs);
        return { type: 'waited' };
      case 'release':
        await tools.credentials.release(owner.accountId, owner.nonce);
        return { type: 'released' };
      default:
        return await askStore(effect, owner, tools);
    }
  } catch (error) {
    return effect.type === 'release' ? { type: 'released' } : { type: 'store_failed', error };
  }
}
