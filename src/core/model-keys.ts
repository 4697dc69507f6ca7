/** Which model limits of an account apply to a request. */
import { type Account, type Platform, resolveModel } from './account.js';
import { CREDITS_KEY, type Hold } from './health.js';

/** Models that share a weekly window of their own. */
export interface ModelFamily {
  /** The window's name in headers and samples. */
  readonly window: string;
  /** The key of the family's limit. */
  readonly key: string;
  /** Names with this word belong to it. */
  readonly word: string;
}

/** Every family that Anthropic counts apart (design section 5, windows by length). */
export const MODEL_FAMILIES: readonly ModelFamily[] = [
  { window: '7d_oi', key: 'claude-fable-5', word: 'fable' },
  { window: '7d_opus', key: 'claude-opus', word: 'opus' },
  { window: '7d_sonnet', key: 'claude-sonnet', word: 'sonnet' },
];

interface SharedKey {
  readonly key: string;
  /** null: every platform. */
  readonly platform: Platform | null;
  readonly matches: (lowerCaseName: string) => boolean;
}

/** Keys that stand for more than one model (behaviour 5.7 and 4.2). */
const SHARED_KEYS: readonly SharedKey[] = [
  ...MODEL_FAMILIES.map(({ key, word }) => ({ key, platform: null, matches: (name: string) => name.includes(word) })),
  { key: 'antigravity:gemini', platform: 'antigravity', matches: (name) => name.startsWith('gemini-') },
  { key: 'openai:image_generation', platform: 'openai', matches: (name) => name.includes('gpt-image') || name.startsWith('dall-e') },
];

/**
 * The keys of `modelRateLimits` that apply to a requested model: the upstream's name for it first, then those it shares with others. The credits'
 * key is none of them, whatever a caller names its model. Total, pure.
 *
 * @example modelKeys(account, 'claude-opus-4-6') // ['claude-opus-4-6', 'claude-opus']
 */
export function modelKeys(account: Account, model: string): readonly string[] {
  const name = resolveModel(account, model);
  const keys = name === CREDITS_KEY ? [] : [name];
  const lowerCase = name.toLowerCase();
  for (const { key, platform, matches } of SHARED_KEYS) {
    if ((platform === null || platform === account.platform) && key !== name && matches(lowerCase)) keys.push(key);
  }
  return keys;
}

/**
 * The limits that apply to a requested model, by their keys, whether they are over or not. A family's key may be a model's name too: that this one
 * does not exist says nothing of its family. Total, pure.
 */
export function modelLimits(account: Account, model: string): ReadonlyMap<string, Hold> {
  const limits = new Map<string, Hold>();
  const stored = account.health.modelRateLimits;
  const name = resolveModel(account, model);
  for (const key of modelKeys(account, model)) {
    const hold = stored.get(key);
    if (hold !== undefined && (key === name || hold.kind !== 'unavailable')) limits.set(key, hold);
  }
  return limits;
}
