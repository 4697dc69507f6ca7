/** ChatGPT's `/backend-api/wham/usage`: the windows of the plan, those of single models, and credits. */
import { isObject, type JsonObject, own, ownList, ownObject, ownText } from '../core/json.js';
import { jsonNumber } from '../core/read-number.js';
import type { UsageCredits } from '../core/usage-info.js';
import { CODEX_WINDOWS } from '../providers/openai-limits.js';
import { addFuller, addModel, noFacts, type RawWindow, sampleOf, tierOf, type UsageContext, type UsageFacts } from './usage-facts.js';

const WINDOWS: readonly string[] = ['primary_window', 'secondary_window'];
const MAX_FAMILIES = 64;
/** The type of the credits that ChatGPT's plans sell. */
const CODEX_CREDITS = 'codex';

/** The name of a window, and what is said of it. Its length alone names it: which one is called primary differs by plan. null: no window, or one without a length. */
function readWindow(window: JsonObject | null): { readonly name: string; readonly raw: RawWindow } | null {
  const seconds = window === null ? null : jsonNumber(own(window, 'limit_window_seconds'));
  if (window === null || seconds === null || seconds <= 0) return null;
  const name = CODEX_WINDOWS.find(({ upToMinutes }) => seconds <= upToMinutes * 60)?.name ?? '30d';
  const percent = own(window, 'used_percent');
  return {
    name,
    raw: { percent, resetAt: own(window, 'reset_at'), resetAfter: own(window, 'reset_after_seconds'), lengthMs: seconds * 1000 },
  };
}

function windowsOf(limit: JsonObject | null): readonly { readonly name: string; readonly raw: RawWindow }[] {
  return limit === null ? [] : WINDOWS.map((name) => readWindow(ownObject(limit, name))).filter((window) => window !== null);
}

/** The balance, where it is a number. Without a bound there is none to tell. */
function creditsOf(root: JsonObject): readonly UsageCredits[] {
  const credits = ownObject(root, 'credits');
  const amount = credits === null ? null : jsonNumber(own(credits, 'balance'));
  return amount === null || amount < 0 || own(credits ?? {}, 'unlimited') === true ? [] : [{ type: CODEX_CREDITS, amount, minimum: 0 }];
}

/** What ChatGPT's usage endpoint says. A further family's limit is a quota by model: its fuller window. Total, pure. */
export function readOpenaiUsage(root: JsonObject, context: UsageContext): UsageFacts {
  const facts = noFacts();
  for (const { name, raw } of windowsOf(ownObject(root, 'rate_limit'))) addFuller(facts.windows, name, sampleOf(raw, context));
  for (const family of ownList(root, 'additional_rate_limits').slice(0, MAX_FAMILIES)) {
    if (!isObject(family)) continue;
    const name = ownText(family, 'limit_name') ?? ownText(family, 'metered_feature');
    for (const { raw } of windowsOf(ownObject(family, 'rate_limit'))) addModel(facts.models, name, sampleOf(raw, context));
  }
  return { ...facts, tier: tierOf(own(root, 'plan_type')), credits: creditsOf(root) };
}
