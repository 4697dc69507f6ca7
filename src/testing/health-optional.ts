/** Rules for what not every health repository offers: news, forgetting, and cells of a newer version. */
import { compactHealth } from '../core/compact-health.js';
import { type AccountHealth, EMPTY_HEALTH } from '../core/health.js';
import { joinHealth } from '../core/merge-health.js';
import { DAY_MS } from '../core/time.js';
import type { HealthChange } from '../shell/ports.js';
import { handlesOf, needed, newAccount } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import { canonicalText, expectHealth, loadOne, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';
import { clearedHold, modelWrite, patchWith, sampleError, sampleHold, strikeWrite } from './sample-writes.js';
import { waitUntil } from './wait-until.js';

/** What a listener heard of one account, joined as a receiver would. */
function heardOf(changes: readonly HealthChange[], accountId: string): AccountHealth {
  return changes
    .filter((change) => change.accountId === accountId)
    .reduce((health, change) => joinHealth(health, change.health ?? EMPTY_HEALTH), EMPTY_HEALTH);
}

const NEWS_WITHIN_MS = 5_000;

/** Waits for news, as long as the fixture allows. */
function expectNews({ newsWithinMs = NEWS_WITHIN_MS }: HealthFixture, came: () => boolean, what: string): Promise<void> {
  return waitUntil(came, what, newsWithinMs);
}

type Leave = () => Promise<void>;

async function listen({ repository }: HealthFixture, listener: (change: HealthChange) => void): Promise<Leave> {
  return needed(repository.subscribe?.bind(repository), 'subscribe')(listener);
}

async function news(fixture: HealthFixture): Promise<void> {
  const changes: HealthChange[] = [];
  const leave = await listen(fixture, (change) => changes.push(change));
  try {
    const [, writer] = await handlesOf(fixture, 2);
    const accountId = await newAccount(fixture);
    const patches = [patchWith({ cell: 'overload', value: sampleHold(1) }), patchWith(modelWrite('a', 1)), patchWith(modelWrite('a', 2))];
    for (const patch of patches) await writer?.patch(accountId, patch);
    const expected = canonicalText(referenceHealth(patches));
    await expectNews(fixture, () => canonicalText(heardOf(changes, accountId)) === expected, 'news that come to what was written');
  } finally {
    await leave();
  }
}

async function leaving(fixture: HealthFixture): Promise<void> {
  const [gone, there]: [HealthChange[], HealthChange[]] = [[], []];
  const leave = await listen(fixture, (change) => gone.push(change));
  const leaveAtEnd = await listen(fixture, (change) => there.push(change));
  try {
    const accountId = await newAccount(fixture);
    await leave();
    await leave();
    const before = gone.length;
    await fixture.repository.patch(accountId, [modelWrite('a', 1)]);
    await expectNews(fixture, () => heardOf(there, accountId).modelRateLimits.size > 0, 'news to the one who stayed');
    if (gone.length > before) throw mismatch('no news to the one who left', `${gone.length - before}`);
  } finally {
    await leaveAtEnd();
  }
}

async function badListener(fixture: HealthFixture): Promise<void> {
  const changes: HealthChange[] = [];
  const leaveBad = await listen(fixture, () => {
    throw new Error('a listener that throws');
  });
  const leave = await listen(fixture, (change) => changes.push(change));
  try {
    const accountId = await newAccount(fixture);
    await fixture.repository.patch(accountId, [modelWrite('a', 1)]);
    await expectNews(fixture, () => heardOf(changes, accountId).modelRateLimits.size > 0, 'news to the other listener');
  } finally {
    await Promise.all([leaveBad(), leave()]);
  }
}

const LONG_AGO = ARBITRARY_NOW - 30 * DAY_MS;

/** Old and running cells, and some that are never dropped. */
const MIXED = patchWith(
  { cell: 'rateLimit', value: sampleHold(0, { until: LONG_AGO }) },
  { cell: 'overload', value: sampleHold(1) },
  { cell: 'temporary', value: clearedHold(1) },
  { cell: 'modelRateLimits', key: 'old', value: sampleHold(0, { until: LONG_AGO }) },
  modelWrite('running', 1),
  { cell: 'errors', key: 'billing', value: sampleError({ at: LONG_AGO }) },
  { cell: 'usage', key: '5h', value: { utilization: 0.5, resetAt: LONG_AGO, sampledAt: LONG_AGO } },
  { cell: 'usage', key: '7d', value: { utilization: 0.5, resetAt: ARBITRARY_NOW + 1, sampledAt: LONG_AGO } },
  strikeWrite('forbidden', { old: -30 * 86_400 }),
  strikeWrite('undated_rate_limit', { fresh: 0 }),
  { cell: 'refreshRequestedFor', value: 3 },
);

async function forgetting(fixture: HealthFixture): Promise<void> {
  const compact = needed(fixture.compact, 'compact');
  const accountId = await newAccount(fixture);
  await fixture.repository.patch(accountId, MIXED);
  await compact(ARBITRARY_NOW);
  const [stored, kept] = [await loadOne(fixture.repository, accountId), compactHealth(referenceHealth([MIXED]), ARBITRARY_NOW)];
  expectHealth(joinHealth(stored, kept), stored, 'all that may not be forgotten');
  expectHealth(joinHealth(referenceHealth([MIXED]), stored), referenceHealth([MIXED]), 'nothing but what was written');
  expectHealth(stored, kept, 'nothing that may be forgotten');
}

async function forgettingMeanwhile(fixture: HealthFixture): Promise<void> {
  const compact = needed(fixture.compact, 'compact');
  const accountId = await newAccount(fixture);
  await fixture.repository.patch(accountId, MIXED);
  const longer = Array.from({ length: 20 }, (_, index) => patchWith({ cell: 'rateLimit', value: sampleHold(index + 1) }));
  const forget = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) await compact(ARBITRARY_NOW);
  };
  await Promise.all([forget(), ...longer.map((patch) => fixture.repository.patch(accountId, patch))]);
  const expected = compactHealth(referenceHealth([MIXED, ...longer]), ARBITRARY_NOW);
  const stored = await loadOne(fixture.repository, accountId);
  expectHealth(joinHealth(stored, expected), stored, 'all that was written meanwhile');
}

/** Cells as a newer version might have them. */
const UNKNOWN: readonly (readonly [cell: string, text: string])[] = [
  ['quotaScopes', '0000000003 {"a.b":"it\'s"}'],
  ['zeta', ''],
  ['constructor', 'null'],
];

async function unknownCells(fixture: HealthFixture): Promise<void> {
  const storeUnknownCell = needed(fixture.storeUnknownCell?.bind(fixture), 'storeUnknownCell');
  const accountId = await newAccount(fixture);
  await fixture.repository.patch(accountId, [modelWrite('a', 1)]);
  for (const [cell, text] of UNKNOWN) await storeUnknownCell(accountId, cell, text);
  const expected = { ...referenceHealth([[modelWrite('a', 1)]]), unknown: new Map(UNKNOWN) };
  expectHealth(await loadOne(fixture.repository, accountId), expected, 'the cells of a newer version');
  const more = [modelWrite('a', 2), modelWrite('b', 1)];
  const after = referenceHealth([more], expected);
  expectHealth(await fixture.repository.patch(accountId, more), after, 'an answer with the cells of a newer version');
  expectHealth(await loadOne(fixture.repository, accountId), after, 'the cells of a newer version after a patch');
  await fixture.compact?.(ARBITRARY_NOW);
  expectHealth(await loadOne(fixture.repository, accountId), after, 'the cells of a newer version after forgetting');
}

/** News, forgetting, and cells of a newer version. */
export const OPTIONAL_RULES: readonly HealthRule[] = [
  { name: 'a subscriber hears what others write, as often as it may be told', needs: 'subscribe', holds: news },
  { name: 'one who leaves hears nothing any more, and may leave twice', needs: 'subscribe', holds: leaving },
  { name: 'a listener that throws harms neither the writer nor other listeners', needs: 'subscribe', holds: badListener },
  { name: 'what counts is never forgotten, and what is long over is', needs: 'compact', holds: forgetting },
  { name: 'what is written while others forget is kept', needs: 'compact', holds: forgettingMeanwhile },
  { name: 'cells of a newer version are kept as they came', needs: 'unknown_cells', holds: unknownCells },
];
