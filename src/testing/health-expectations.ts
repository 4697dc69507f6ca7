/** Comparing health by what it says. */
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { healthToJson } from '../core/health-json.js';
import { mergeHealth } from '../core/merge-health.js';
import type { HealthPatch } from '../core/patch.js';
import type { HealthRepository } from '../shell/ports.js';
import { mismatch } from './contract-violation.js';

/** The text of health: the same for healths that say the same, whichever store they came from. */
export function canonicalText(health: AccountHealth): string {
  return JSON.stringify(healthToJson(health));
}

/** What some patches come to, by the reference: `mergeHealth`. */
export function referenceHealth(patches: readonly HealthPatch[], before: AccountHealth = EMPTY_HEALTH): AccountHealth {
  return patches.reduce<AccountHealth>(mergeHealth, before);
}

function cellTexts(health: AccountHealth): ReadonlyMap<string, string> {
  return new Map(Object.entries(healthToJson(health)).map(([cell, value]) => [cell, JSON.stringify(value)]));
}

/** Throws where two healths do not say the same, and names the cells that differ. */
export function expectHealth(found: AccountHealth, expected: AccountHealth, what: string): void {
  if (found === expected || canonicalText(found) === canonicalText(expected)) return;
  const [texts, wanted] = [cellTexts(found), cellTexts(expected)];
  const cells = [...new Set([...wanted.keys(), ...texts.keys()])].filter((cell) => texts.get(cell) !== wanted.get(cell));
  const list = (from: ReadonlyMap<string, string>): string => cells.map((cell) => `${cell} ${from.get(cell) ?? 'absent'}`).join(', ');
  throw mismatch(`${what}: ${list(wanted)}`, list(texts));
}

/** The health of one account; empty where the repository has none. */
export async function loadOne(repository: HealthRepository, accountId: string): Promise<AccountHealth> {
  return (await repository.load([accountId])).get(accountId) ?? EMPTY_HEALTH;
}

/** Patches one after another. */
export async function patchAll(repository: HealthRepository, accountId: string, patches: readonly HealthPatch[]): Promise<void> {
  for (const patch of patches) await repository.patch(accountId, patch);
}
