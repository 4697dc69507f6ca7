/** Code Assist and Antigravity: `loadCodeAssist` (tier and credits), `retrieveUserQuota` and `fetchAvailableModels` (quotas by model). */

import { isObject, type JsonObject, own, ownList, ownObject, ownText } from '../core/json.js';
import { linkWithoutSecret } from '../core/link-without-secret.js';
import { jsonNumber } from '../core/read-number.js';
import { safeText } from '../core/safe-text.js';
import type { UsageCredits, UsageForbidden } from '../core/usage-info.js';
import { checkLink } from '../core/verification-link.js';
import {
  addFuller,
  addModel,
  noFacts,
  type RawWindow,
  sampleOf,
  tierOf,
  type UsageContext,
  type UsageFacts,
  WINDOW_MS,
} from './usage-facts.js';

const MAX_ITEMS = 1_024;
const MAX_CREDITS = 16;
const SESSION = '5h';
/** The models whose quota stands for the account's 5-hour window, the first that is there. Source: sub2api. */
const SESSION_MODELS: readonly string[] = ['claude-sonnet-4-20250514', 'claude-sonnet-4', 'gemini-2.5-pro'];

/**
 * A quota's use out of what remains of it. Google's JSON leaves zeros out, so that a quota which has a reset and no rest is used up. The percentage of what is stated, so that the
 * steps are those of every sample.
 */
function quotaOf(quota: JsonObject): RawWindow {
  const resetAt = own(quota, 'resetTime');
  const stated = own(quota, 'remainingFraction');
  const isOmitted = stated === undefined && typeof resetAt === 'string' && resetAt !== '';
  const remaining = isOmitted ? 0 : jsonNumber(stated);
  return { percent: remaining === null ? null : (1 - remaining) * 100, resetAt, lengthMs: WINDOW_MS.model };
}

function readModels(root: JsonObject, facts: UsageFacts, context: UsageContext): void {
  for (const [name, model] of Object.entries(ownObject(root, 'models') ?? {}).slice(0, MAX_ITEMS)) {
    const quota = isObject(model) ? ownObject(model, 'quotaInfo') : null;
    if (quota !== null) addModel(facts.models, name, sampleOf(quotaOf(quota), context));
  }
  const session = SESSION_MODELS.map((name) => facts.models.get(name)).find((sample) => sample !== undefined);
  if (session !== undefined) addFuller(facts.windows, SESSION, session);
}

function readBuckets(root: JsonObject, facts: UsageFacts, context: UsageContext): void {
  for (const bucket of ownList(root, 'buckets').slice(0, MAX_ITEMS)) {
    if (isObject(bucket)) addModel(facts.models, own(bucket, 'modelId'), sampleOf(quotaOf(bucket), context));
  }
}

/** Amounts are whole numbers in text, and zero is left out. */
function creditsOf(tier: JsonObject | null): readonly UsageCredits[] {
  const offered = tier === null ? [] : ownList(tier, 'availableCredits').slice(0, MAX_CREDITS);
  return offered.filter(isObject).map((credit) => ({
    type: safeText(ownText(credit, 'creditType') ?? ''),
    amount: jsonNumber(own(credit, 'creditAmount')) ?? 0,
    minimum: jsonNumber(own(credit, 'minimumCreditAmountForUsage')) ?? 0,
  }));
}

/** An account without any tier, which its owner has to verify first: no error for Google, but nothing can be sent. */
function verificationOf(root: JsonObject, { clean, verificationHosts }: UsageContext): UsageForbidden | null {
  const tiers = ownList(root, 'ineligibleTiers').slice(0, MAX_CREDITS).filter(isObject);
  const tier = tiers.find((one) => own(one, 'reasonCode') === 'VALIDATION_REQUIRED');
  if (tier === undefined || ownObject(root, 'currentTier') !== null) return null;
  const url = ownText(tier, 'validationUrl');
  const reason = clean(ownText(tier, 'validationErrorMessage') ?? ownText(tier, 'reasonMessage') ?? 'VALIDATION_REQUIRED');
  return { type: 'validation', reason, link: url === null ? null : linkWithoutSecret(checkLink(url, verificationHosts)) };
}

/** What one of Google's answers says; which endpoint it came from shows in its fields. Total, pure. */
export function readGoogleUsage(root: JsonObject, context: UsageContext): UsageFacts {
  const facts = noFacts();
  readModels(root, facts, context);
  readBuckets(root, facts, context);
  const paid = ownObject(root, 'paidTier');
  const current = ownObject(root, 'currentTier');
  const tier = tierOf(own(paid ?? {}, 'id')) ?? tierOf(own(current ?? {}, 'id'));
  return { ...facts, tier, credits: creditsOf(paid), forbidden: verificationOf(root, context) };
}
