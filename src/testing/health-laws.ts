/** Rules: the laws of the join, over random patches. */
import fc from 'fast-check';
import { type AccountHealth, CLEARED, EMPTY_HEALTH } from '../core/health.js';
import { joinHealth, mergeHealth } from '../core/merge-health.js';
import type { CellWrite, HealthPatch } from '../core/patch.js';
import { toPatches } from '../core/to-patches.js';
import { actionArbitrary } from './action-arbitraries.js';
import { newAccount } from './contract-test.js';
import { healthPatchArbitrary } from './health-arbitraries.js';
import { expectHealth, loadOne, patchAll, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { checkProperty, type Note } from './property.js';

interface Pair {
  readonly history: readonly HealthPatch[];
  readonly first: HealthPatch;
  readonly second: HealthPatch;
}

const pairs: fc.Arbitrary<Pair> = fc.record({
  history: fc.array(healthPatchArbitrary, { maxLength: 2 }),
  first: healthPatchArbitrary,
  second: healthPatchArbitrary,
});

/** The cell of a write as a text: the same for writes that meet. */
export function cellName(write: CellWrite): string {
  return 'key' in write ? `${write.cell} ${write.key}` : write.cell;
}

/** Whether two patches write to one cell. */
function meets(first: HealthPatch, second: HealthPatch): boolean {
  return first.some((a) => second.some((b) => cellName(a) === cellName(b)));
}

/** Whether a patch clears something. */
export function clears(patch: HealthPatch): boolean {
  return patch.some(({ value }) => typeof value === 'object' && 'rule' in value && value.rule === CLEARED);
}

const SITUATIONS = {
  meets: 'two patches meet in one cell',
  clears: 'one of them clears',
  strikes: 'one of them adds evidence',
  adds: 'the second changes what the first left',
} as const;

function notePair({ history, first, second }: Pair, note: Note): void {
  if (meets(first, second)) note(SITUATIONS.meets);
  if (clears(first) || clears(second)) note(SITUATIONS.clears);
  if (first.some(({ cell }) => cell === 'strikes')) note(SITUATIONS.strikes);
  const before = referenceHealth([...history, first]);
  if (mergeHealth(before, second) !== before) note(SITUATIONS.adds);
}

/** What a store has after some patches, each account on its own. */
async function after(fixture: HealthFixture, patches: readonly HealthPatch[]): Promise<AccountHealth> {
  const accountId = await newAccount(fixture);
  await patchAll(fixture.repository, accountId, patches);
  return loadOne(fixture.repository, accountId);
}

/** A law about a history and two patches that follow it. */
function law(name: string, check: (fixture: HealthFixture, pair: Pair) => Promise<void>): HealthRule {
  return {
    name,
    holds: (fixture, options) =>
      checkProperty(
        { cases: pairs, situations: Object.values(SITUATIONS) },
        async (pair, note) => {
          notePair(pair, note);
          await check(fixture, pair);
        },
        options,
      ),
  };
}

async function expectInflation(fixture: HealthFixture, { history, first, second }: Pair): Promise<void> {
  const accountId = await newAccount(fixture);
  let before: AccountHealth = EMPTY_HEALTH;
  for (const patch of [...history, first, second]) {
    await fixture.repository.patch(accountId, patch);
    const now = await loadOne(fixture.repository, accountId);
    expectHealth(joinHealth(before, now), now, 'nothing less than before');
    expectHealth(mergeHealth(now, patch), now, 'nothing less than what was written');
    before = now;
  }
}

function without(health: AccountHealth, patch: HealthPatch): AccountHealth {
  const written = new Set(patch.map(cellName));
  const keep = <K extends string, V>(cell: string, map: ReadonlyMap<K, V>): ReadonlyMap<K, V> =>
    new Map([...map].filter(([key]) => !written.has(`${cell} ${key}`)));
  const one = <V>(cell: string, value: V | null): V | null => (written.has(cell) ? null : value);
  const { header, status, predicted } = health.sessionWindow;
  return {
    errors: keep('errors', health.errors),
    rateLimit: one('rateLimit', health.rateLimit),
    overload: one('overload', health.overload),
    temporary: one('temporary', health.temporary),
    authentication: one('authentication', health.authentication),
    modelRateLimits: keep('modelRateLimits', health.modelRateLimits),
    sessionWindow: {
      header: one('sessionWindow.header', header),
      status: one('sessionWindow.status', status),
      predicted: one('sessionWindow.predicted', predicted),
    },
    usage: keep('usage', health.usage),
    strikes: keep('strikes', health.strikes),
    refreshRequestedFor: written.has('refreshRequestedFor') ? -1 : health.refreshRequestedFor,
    unknown: health.unknown,
  };
}

async function expectOtherCells(fixture: HealthFixture, { history, first, second }: Pair): Promise<void> {
  const accountId = await newAccount(fixture);
  await patchAll(fixture.repository, accountId, [...history, first]);
  const before = await loadOne(fixture.repository, accountId);
  await fixture.repository.patch(accountId, second);
  const now = await loadOne(fixture.repository, accountId);
  expectHealth(without(now, second), without(before, second), 'the other cells as they were');
}

async function expectOtherAccounts(fixture: HealthFixture, { history, first, second }: Pair): Promise<void> {
  const [accountId, other] = [await newAccount(fixture), await newAccount(fixture)];
  await patchAll(fixture.repository, accountId, [...history, first]);
  const before = await loadOne(fixture.repository, accountId);
  await patchAll(fixture.repository, other, [second]);
  expectHealth(await loadOne(fixture.repository, accountId), before, 'the account as it was');
  expectHealth(await loadOne(fixture.repository, other), referenceHealth([second]), 'the other account with its own');
}

const actionsLaw: HealthRule = {
  name: 'patches of actions are kept as they are, whatever the upstream and the caller named and worded',
  holds: (fixture, options) =>
    checkProperty(
      { cases: fc.array(actionArbitrary, { minLength: 1, maxLength: 8 }), situations: ['a model', 'an error'] },
      async (actions, note) => {
        const patch = toPatches(actions.map((action) => ({ ...action, accountId: 'a' }))).get('a') ?? [];
        if (patch.some(({ cell }) => cell === 'modelRateLimits')) note('a model');
        if (patch.some(({ cell }) => cell === 'errors')) note('an error');
        expectHealth(await after(fixture, [patch]), referenceHealth([patch]), 'what was written');
      },
      options,
    ),
};

/** The laws of the join. */
export const LAW_RULES: readonly HealthRule[] = [
  law('a patch is kept as it was written', async (fixture, { first }) => {
    expectHealth(await after(fixture, [first]), referenceHealth([first]), 'what was written');
  }),
  law('the same patch twice is the patch once', async (fixture, { history, first }) => {
    const once = await after(fixture, [...history, first]);
    expectHealth(await after(fixture, [...history, first, first]), once, 'the same as once');
  }),
  law('two patches may come in either order', async (fixture, { history, first, second }) => {
    const forward = await after(fixture, [...history, first, second]);
    expectHealth(await after(fixture, [...history, second, first]), forward, 'the same in the other order');
  }),
  law('two patches in one are the same as one after the other', async (fixture, { history, first, second }) => {
    const apart = await after(fixture, [...history, first, second]);
    expectHealth(await after(fixture, [...history, [...first, ...second]]), apart, 'the same together');
  }),
  law('a patch never takes anything away', expectInflation),
  law('a patch changes no cell that it does not name', expectOtherCells),
  law('a patch changes no other account', expectOtherAccounts),
  actionsLaw,
];
