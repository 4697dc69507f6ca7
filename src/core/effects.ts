/** What each effect of a rule does: one function an effect, all of them through the actions of the contract. */
import { type Account, credentialOwner } from './account.js';
import type { Action } from './action.js';
import { CREDITS_HOLD_MS } from './credits.js';
import { act, type DecisionContext, report, textOf } from './decision-context.js';
import { CREDITS_KEY, type ErrorKind } from './health.js';
import { holdCredential, holdTemporarily, limit, setModelLimit } from './holds.js';
import { postedRevision } from './reading.js';
import type { Effect } from './rule.js';
import { addStrike, strikesWithin } from './strikes.js';
import { cleanText } from './text.js';
import { MINUTE_MS } from './time.js';

type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>;

/** How long an account rests where a body that did not parse would have cost it more. */
const SOFTENED_MINUTES = 10;

/** The account that an error is about: the credential's owner for a refused credential, else the account itself. */
function errorTarget({ account, signal }: DecisionContext, kind: ErrorKind): Account {
  return kind === 'credential' && signal.status === 401 ? credentialOwner(account) : account;
}

/** The message of the stored error of a kind, while it counts. */
function storedMessage(target: Account, kind: ErrorKind, credentialRevision: number): string | null {
  const stored = target.health.errors.get(kind);
  return stored !== undefined && stored.at > 0 && stored.credentialRevision === credentialRevision ? stored.message : null;
}

function setError(context: DecisionContext, kind: ErrorKind, message: string, hasLink: boolean): void {
  const { exchange, signal, rule } = context;
  const target = errorTarget(context, kind);
  const credentialRevision = kind === 'credential' ? (postedRevision(exchange) ?? -1) : -1;
  const link = hasLink ? signal.link : null;
  const text = cleanText(link === null ? message : `${message} | validation_url: ${link.url}`);
  if (storedMessage(target, kind, credentialRevision) === text) return;
  act(context, {
    type: 'set_error',
    accountId: target.id,
    kind,
    message: text,
    link,
    rule: rule.id,
    at: signal.receivedAt,
    generation: target.health.errors.get(kind)?.generation ?? 0,
    credentialRevision,
  });
}

/** Drops the cached access token of an OAuth account. */
function invalidateToken(context: DecisionContext): void {
  const owner = credentialOwner(context.account);
  if (owner.type !== 'oauth') return;
  act(context, { type: 'invalidate_token', accountId: owner.id, credentialRevision: postedRevision(context.exchange) ?? -1 });
}

/** A body that begins like JSON and does not parse proves nothing: a rest instead of an error. */
function soften(context: DecisionContext, kind: ErrorKind, detail: string): void {
  report(context, 'durable_softened', `${kind}: ${detail}`);
  if (kind === 'credential') holdCredential(context, SOFTENED_MINUTES, detail);
  else holdTemporarily(context, SOFTENED_MINUTES, detail);
}

function applyError(context: DecisionContext, effect: EffectOf<'error'>): void {
  const message = textOf(context, effect.title, effect.missing);
  if (effect.invalidate === true) invalidateToken(context);
  if (context.signal.body === 'broken') soften(context, effect.kind, message);
  else setError(context, effect.kind, message, effect.link === true);
}

/** A 401 says that this revision is refused: nothing of the credential is written, only that it wants a refresh. */
function refuseCredential(context: DecisionContext, minutes: number, detail: string): void {
  const owner = credentialOwner(context.account);
  const revision = postedRevision(context.exchange);
  if (owner.type === 'oauth') invalidateToken(context);
  holdCredential(context, minutes, detail);
  if (owner.type === 'oauth' && revision !== null && owner.health.refreshRequestedFor < revision) {
    act(context, { type: 'request_refresh', accountId: owner.id, credentialRevision: revision });
  }
}

function applyAuthentication(context: DecisionContext, { title, missing }: EffectOf<'authentication'>): void {
  refuseCredential(context, context.settings.oauth401CooldownMinutes, textOf(context, title, missing));
}

function applyOverload(context: DecisionContext): void {
  const { account, settings, signal, rule } = context;
  const { enabled, cooldownMinutes } = settings.overload;
  if (!enabled) {
    report(context, 'overload_ignored', `status ${signal.status}: the overload cooldown is switched off`);
    return;
  }
  const until = signal.receivedAt + cooldownMinutes * MINUTE_MS;
  const stored = account.health.overload;
  context.until = until;
  if (stored !== null && stored.until >= until) return;
  act(context, {
    type: 'set_overloaded',
    accountId: account.id,
    until,
    rule: rule.id,
    kind: 'overload',
    detail: `overloaded (${signal.status})`,
    generation: stored?.generation ?? 0,
    credentialRevision: -1,
  });
}

function applyStrikes(context: DecisionContext, effect: EffectOf<'strikes'>): void {
  const { account, settings, signal } = context;
  const { threshold, windowMinutes, cooldownMinutes } = settings.forbiddenStrikes;
  const message = textOf(context, effect.title, effect.missing);
  const evidenceId = addStrike(context, effect.kind, account.health.temporary?.until ?? 0);
  const count = strikesWithin(account, effect.kind, { since: signal.receivedAt - windowMinutes * MINUTE_MS, except: evidenceId }) + 1;
  if (count < threshold || signal.body === 'broken') {
    const counted = effect.pausedTitle.replace('{count}', String(count)).replace('{threshold}', String(threshold));
    holdTemporarily(context, cooldownMinutes, counted + message);
  } else {
    setError(context, effect.kind, `${message} | consecutive_403=${count}/${threshold}`, false);
  }
}

function applyTemporaryRule(context: DecisionContext): void {
  const { account, signal } = context;
  const own = account.settings.temporaryRules[signal.temporaryRule];
  if (own === undefined) return;
  const detail = textOf(
    context,
    `temporary rule ${signal.temporaryRule} (${signal.status}): `,
    `temporary rule ${signal.temporaryRule} (${signal.status})`,
  );
  if (signal.status === 401) {
    refuseCredential(context, own.durationMinutes, detail);
  } else if (signal.model !== null) {
    const until = signal.receivedAt + own.durationMinutes * MINUTE_MS;
    setModelLimit(context, { model: signal.model, until, kind: 'temporary', detail: cleanText(detail) });
  } else {
    holdTemporarily(context, own.durationMinutes, detail);
  }
}

/** Marks the credits as used up, for five hours. */
export function markCredits(context: DecisionContext): void {
  const until = context.signal.receivedAt + CREDITS_HOLD_MS;
  setModelLimit(context, { model: CREDITS_KEY, until, kind: 'credits', detail: 'AI credits used up' });
}

/** Applies a rule's effect to the decision in the making. */
export function applyEffect(context: DecisionContext): void {
  const { effect } = context.rule.then;
  switch (effect.type) {
    case 'none':
      break;
    case 'limit':
      limit(context, effect);
      break;
    case 'overload':
      applyOverload(context);
      break;
    case 'error':
      applyError(context, effect);
      break;
    case 'pause':
      holdTemporarily(context, effect.minutes, textOf(context, effect.title, effect.missing));
      break;
    case 'authentication':
      applyAuthentication(context, effect);
      break;
    case 'strikes':
      applyStrikes(context, effect);
      break;
    case 'temporary_rule':
      applyTemporaryRule(context);
      break;
    case 'credits':
      markCredits(context);
      break;
    default:
      effect satisfies never;
  }
}

/** Actions that a person would have to lift. */
export function isDurable(action: Action): boolean {
  return action.type === 'set_error';
}
