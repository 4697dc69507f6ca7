/** The subscription tier, by the many names that upstreams give it. */

/** A tier as it can be compared; empty where none is given. */
export type Tier = 'ULTRA' | 'PRO' | 'FREE' | 'UNKNOWN' | '';

/** In this order: a name may have two of the words. */
const WORDS: readonly (readonly [word: string, tier: Tier])[] = [
  ['ultra', 'ULTRA'],
  ['pro', 'PRO'],
  ['free', 'FREE'],
];

/** The only tiers that are shown: what other names mean is not known well enough (behaviour 6.6). */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['free-tier', 'Free'],
  ['g1-pro-tier', 'Pro'],
  ['g1-ultra-tier', 'Ultra'],
]);

/**
 * A raw tier name, normalised by the words in it, whatever their case. Total, pure. Source: behaviour 6.4.
 *
 * @example normalizeTier('g1-ultra-tier') // 'ULTRA'
 */
export function normalizeTier(raw: string): Tier {
  if (raw === '') return '';
  const lowerCase = raw.toLowerCase();
  return WORDS.find(([word]) => lowerCase.includes(word))?.[1] ?? 'UNKNOWN';
}

/** The label of a raw tier; null for every tier that has none. Total, pure. */
export function tierLabel(raw: string | null): string | null {
  return raw === null ? null : (LABELS.get(raw.trim().toLowerCase()) ?? null);
}
