/** Holds: each one only where it says more than the account's own snapshot already does. */
import { credentialOwner } from './account.js';
import { act, type DecisionContext, report } from './decision-context.js';
import type { Hold } from './health.js';
import { CREDITS_KEY, type HoldKind, MAX_MODEL_CELLS } from './health.js';
import { nextPacificMidnight } from './pacific-midnight.js';
import { postedRevision } from './reading.js';
import type { Effect, UntilSource } from './rule.js';
import type { Signal } from './signal.js';
import { addStrike, strikesWithin } from './strikes.js';
import { cleanText, isModelKey } from './text.js';
import { type EpochMs, MINUTE_MS, SECOND_MS } from './time.js';
import { hasRefusedEnd, statedEnd } from './until.js';

/** Repeated 429s without a reset count for ten minutes, and double the wait up to five. */
const REPEAT_WINDOW_MS: number = 10 * MINUTE_MS;
const LONGEST_FALLBACK_SECONDS = 300;
/** The strike kind of a 429 that states no reset. */
export const UNDATED_STRIKE = 'undated_rate_limit';

type LimitEffect = Extract<Effect, { readonly type: 'limit' }>;

/** Whether the snapshot holds at least as long already, under the same generation and revision. */
function isCovered(stored: Hold | null | undefined, until: EpochMs, credentialRevision: number): boolean {
  return stored !== null && stored !== undefined && stored.until >= until && stored.credentialRevision === credentialRevision;
}

/** A temporary hold of the account. */
export function holdTemporarily(context: DecisionContext, minutes: number, detail: string): void {
  const { account, signal, rule } = context;
  const until = signal.receivedAt + minutes * MINUTE_MS;
  const stored = account.health.temporary;
  context.until = until;
  if (isCovered(stored, until, -1)) return;
  act(context, {
    type: 'set_temp_unschedulable',
    accountId: account.id,
    cell: 'temporary',
    until,
    rule: rule.id,
    kind: 'temporary',
    detail: cleanText(detail),
    generation: stored?.generation ?? 0,
    credentialRevision: -1,
  });
}

/** A hold of the credential revision that was posted; of the account where the gateway keeps no revisions. */
export function holdCredential(context: DecisionContext, minutes: number, detail: string): void {
  const owner = credentialOwner(context.account);
  const revision = postedRevision(context.exchange);
  const cell = revision === null ? 'temporary' : 'authentication';
  const until = context.signal.receivedAt + minutes * MINUTE_MS;
  const stored = owner.health[cell];
  context.until = until;
  if (isCovered(stored, until, revision ?? -1)) return;
  act(context, {
    type: 'set_temp_unschedulable',
    accountId: owner.id,
    cell,
    until,
    rule: context.rule.id,
    kind: 'temporary',
    detail: cleanText(detail),
    generation: stored?.generation ?? 0,
    credentialRevision: revision ?? -1,
  });
}

/** Why a model cannot have a hold of its own: its name, a name that stands for the credits, or too many others. null: it can. */
function refusal({ model, kind }: { readonly model: string; readonly kind: HoldKind }, signal: Signal, others: number): string | null {
  // The signal's own name was looked at before: an unusable one is empty.
  if (model === signal.model ? model === '' : !isModelKey(model)) return 'not a usable model name';
  if (model === CREDITS_KEY && kind !== 'credits') return 'the name stands for the credits';
  return others >= MAX_MODEL_CELLS ? `${others} model limits already` : null;
}

/** A hold of one model, unless its name cannot be a key or there are too many. */
export function setModelLimit(
  context: DecisionContext,
  hold: { readonly model: string; readonly until: EpochMs; readonly kind: HoldKind; readonly detail: string },
): void {
  const { account, rule, signal } = context;
  const cells = account.health.modelRateLimits;
  const stored = cells.get(hold.model);
  const refused = refusal(hold, signal, stored === undefined ? cells.size : 0);
  if (refused !== null) {
    report(context, 'model_key_refused', refused);
    return;
  }
  if (hold.model !== CREDITS_KEY) context.until = hold.until;
  if (isCovered(stored, hold.until, stored?.credentialRevision ?? -1)) return;
  act(context, {
    type: 'set_model_rate_limit',
    accountId: account.id,
    model: hold.model,
    until: hold.until,
    rule: rule.id,
    kind: hold.kind,
    detail: hold.detail,
    generation: stored?.generation ?? 0,
  });
}

function setRateLimited(context: DecisionContext, until: EpochMs, kind: HoldKind): void {
  const { account, rule, signal } = context;
  const stored = account.health.rateLimit;
  // A limit of the shared plan is its parent's affair and says nothing of a shadow's own quota.
  if (account.parent !== null) return;
  context.until = until;
  if (isCovered(stored, until, -1)) return;
  act(context, {
    type: 'set_rate_limited',
    accountId: account.id,
    until,
    rule: rule.id,
    kind,
    detail: `${rule.id} (${signal.status})`,
    generation: stored?.generation ?? 0,
    credentialRevision: -1,
  });
}

/** The model that a limit is about: the rule's own key, else the request's model; null: the account. */
function limitedModel({ signal }: DecisionContext, effect: LimitEffect): string | null {
  if (effect.on === 'account') return null;
  return effect.key ?? signal.model;
}

/** Seconds after a 429 that states no reset: the settings', doubled for each other burst of the last ten minutes. null: switched off. */
function fallbackUntil(context: DecisionContext, model: string | null): EpochMs | null {
  const { account, settings, signal } = context;
  const { enabled, cooldownSeconds } = settings.rateLimitFallback;
  if (!enabled) {
    report(context, 'rate_limit_ignored', `status ${signal.status} without a reset: the fallback cooldown is switched off`);
    return null;
  }
  const shown = model === null ? account.health.rateLimit : account.health.modelRateLimits.get(model);
  const evidenceId = addStrike(context, UNDATED_STRIKE, shown?.until ?? 0);
  const earlier = strikesWithin(account, UNDATED_STRIKE, { since: signal.receivedAt - REPEAT_WINDOW_MS, except: evidenceId });
  const doubled = earlier === 0 ? cooldownSeconds : cooldownSeconds * 2 ** earlier;
  const seconds = Math.min(doubled, Math.max(LONGEST_FALLBACK_SECONDS, cooldownSeconds));
  return signal.receivedAt + seconds * SECOND_MS;
}

function endOf(context: DecisionContext, source: UntilSource, model: string | null): EpochMs | null {
  const { signal, verdict } = context;
  if (source === 'fallback') {
    if (hasRefusedEnd(signal)) report(context, 'reset_out_of_bounds', 'the stated reset is past or implausibly far away');
    return fallbackUntil(context, model);
  }
  if (source === 'daily' && nextPacificMidnight(signal.receivedAt) === null) report(context, 'time_zone_missing', 'held for 24 hours');
  return verdict.resetAt ?? statedEnd(source, signal);
}

/** The hold of a rule with a `limit`: of the model where it is known and the rule says so, else of the account. */
export function limit(context: DecisionContext, effect: LimitEffect): void {
  const model = limitedModel(context, effect);
  if (model === null && effect.on === 'model_only') return;
  const until = endOf(context, effect.until, model);
  if (until === null) return;
  const { rule, signal } = context;
  if (model === null) setRateLimited(context, until, effect.kind);
  else setModelLimit(context, { model, until, kind: effect.kind, detail: `${rule.id} (${signal.status})` });
}
