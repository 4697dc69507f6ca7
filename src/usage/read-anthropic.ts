/** Anthropic's `/api/oauth/usage`, in both forms: a field for each window, and a list of limits. Percent, where its headers have fractions. */
import { isObject, type JsonObject, own, ownList, ownObject, ownText } from '../core/json.js';
import { addFuller, addModel, noFacts, sampleOf, type UsageContext, type UsageFacts, WINDOW_MS } from './usage-facts.js';

/** The fields of the flat form, and the windows that headers name so. */
const FIELDS: readonly (readonly [field: string, window: string, lengthMs: number])[] = [
  ['five_hour', '5h', WINDOW_MS['5h']],
  ['seven_day', '7d', WINDOW_MS['7d']],
  ['seven_day_opus', '7d_opus', WINDOW_MS['7d']],
  ['seven_day_sonnet', '7d_sonnet', WINDOW_MS['7d']],
  ['seven_day_overage_included', '7d_oi', WINDOW_MS['7d']],
];
/** The kinds of limits that speak of the whole account. */
const KINDS: ReadonlyMap<string, readonly [window: string, lengthMs: number]> = new Map([
  ['session', ['5h', WINDOW_MS['5h']]],
  ['weekly_all', ['7d', WINDOW_MS['7d']]],
]);
const SCOPED = 'weekly_scoped';
/** A word of a model's display name, and the window of that family. */
const FAMILIES: readonly (readonly [word: string, window: string])[] = [
  ['opus', '7d_opus'],
  ['sonnet', '7d_sonnet'],
  ['fable', '7d_oi'],
];
const MAX_LIMITS = 64;

function readFlat(root: JsonObject, facts: UsageFacts, context: UsageContext): void {
  for (const [field, window, lengthMs] of FIELDS) {
    const stated = ownObject(root, field);
    if (stated === null || facts.windows.has(window)) continue;
    const percent = own(stated, 'utilization');
    addFuller(facts.windows, window, sampleOf({ percent, resetAt: own(stated, 'resets_at'), lengthMs }, context));
  }
}

/** A limit of some models: their family's window where it is a known one, else a quota of the model as it is called. */
function readScoped(limit: JsonObject, facts: UsageFacts, context: UsageContext): void {
  const scope = ownObject(limit, 'scope');
  const model = scope === null ? null : ownObject(scope, 'model');
  const name = model === null ? null : (ownText(model, 'display_name') ?? ownText(model, 'id'));
  if (name === null) return;
  const sample = sampleOf({ percent: own(limit, 'percent'), resetAt: own(limit, 'resets_at'), lengthMs: WINDOW_MS['7d'] }, context);
  const family = FAMILIES.find(([word]) => name.toLowerCase().includes(word));
  if (family === undefined) addModel(facts.models, name, sample);
  else addFuller(facts.windows, family[1], sample);
}

function readWhole(limit: JsonObject, facts: UsageFacts, context: UsageContext): void {
  const whole = KINDS.get(ownText(limit, 'kind') ?? '');
  if (whole === undefined) return;
  const [window, lengthMs] = whole;
  addFuller(facts.windows, window, sampleOf({ percent: own(limit, 'percent'), resetAt: own(limit, 'resets_at'), lengthMs }, context));
}

/** The windows of Anthropic's usage endpoint. Where an answer has both forms, the list counts. Total, pure. */
export function readAnthropicUsage(root: JsonObject, context: UsageContext): UsageFacts {
  const facts = noFacts();
  for (const limit of ownList(root, 'limits').slice(0, MAX_LIMITS)) {
    if (!isObject(limit)) continue;
    if (own(limit, 'kind') === SCOPED) readScoped(limit, facts, context);
    else readWhole(limit, facts, context);
  }
  readFlat(root, facts, context);
  return facts;
}
