/** Rules: what becomes of two writes that meet in one cell, in either order. Each is a few patches, and the reference says what they come to. */
import { ERROR_KINDS, MAX_GENERATION, MAX_STRIKES } from '../core/health.js';
import type { HealthPatch } from '../core/patch.js';
import { MAX_INSTANT } from '../core/time.js';
import { newAccount } from './contract-test.js';
import { expectHealth, loadOne, patchAll, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';
import {
  clearedHold,
  HOLD_PLACES,
  type HoldPlace,
  holdWrite,
  patchWith,
  sampleError,
  sampleHold,
  strikeWrite,
  usageWrite,
} from './sample-writes.js';

/** Patches that are applied as they stand, and backwards to another account. */
type Scenario = readonly HealthPatch[];

function atEveryPlace(scenario: (place: HoldPlace) => Scenario): readonly Scenario[] {
  return HOLD_PLACES.map(scenario);
}

/** One model or cell, and holds that meet in it. */
function holds(...values: readonly ReturnType<typeof sampleHold>[]): readonly Scenario[] {
  return atEveryPlace((place) => values.map((value) => patchWith(holdWrite(place, value))));
}

function strikes(...pieces: readonly (readonly [seconds: Readonly<Record<string, number>>, generation?: number])[]): Scenario {
  return pieces.map(([seconds, generation]) => patchWith(strikeWrite('forbidden', seconds, generation)));
}

function usage(...samples: readonly (readonly [utilization: number | null, resetAt: number | null, sampledAt: number])[]): Scenario {
  return samples.map(([utilization, resetAt, sampledAt]) => patchWith(usageWrite({ utilization, resetAt, sampledAt })));
}

/** `e0` to `e<count-1>`, each a second after the one before. */
function evidence(count: number, firstSecond: number = 0): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`e${firstSecond + index}`, firstSecond + index]));
}

const errorsOfEveryKind: Scenario = ERROR_KINDS.flatMap((key, index) => [
  patchWith({ cell: 'errors', key, value: sampleError({ at: ARBITRARY_NOW + index, message: key }) }),
  patchWith({ cell: 'errors', key, value: sampleError({ at: ARBITRARY_NOW + index + 1, message: `later ${key}` }) }),
]);

const clearedError = sampleError({ generation: 1, at: 0, rule: 'cleared', message: '' });

const sessionWindow: Scenario = [
  patchWith({ cell: 'sessionWindow.header', value: { observedAt: ARBITRARY_NOW, end: ARBITRARY_NOW + 9_000 } }),
  patchWith({ cell: 'sessionWindow.header', value: { observedAt: ARBITRARY_NOW + 1, end: ARBITRARY_NOW + 5_000 } }),
  patchWith({ cell: 'sessionWindow.status', value: { observedAt: ARBITRARY_NOW, status: 'rejected' } }),
  patchWith({ cell: 'sessionWindow.status', value: { observedAt: ARBITRARY_NOW, status: 'allowed' } }),
  patchWith({ cell: 'sessionWindow.predicted', value: { start: ARBITRARY_NOW } }),
  patchWith({ cell: 'sessionWindow.predicted', value: { start: ARBITRARY_NOW - 1 } }),
];

/** Names and words that order differently by language, by length, or without punctuation. */
const sameEnd = [
  sampleHold(1, { rule: 'rule-' }),
  sampleHold(1, { rule: 'rule.' }),
  sampleHold(1, { rule: 'rule:1' }),
  sampleHold(1, { rule: 'rule_a' }),
  sampleHold(1, { rule: 'rule_a', detail: 'Ä' }),
  sampleHold(1, { rule: 'rule_a', detail: 'z' }),
  sampleHold(1, { rule: 'rule_a', kind: 'overload' }),
];

const bounds: readonly Scenario[] = [
  ...holds(sampleHold(0, { generation: MAX_GENERATION, credentialRevision: MAX_GENERATION, until: MAX_INSTANT })),
  ...holds(sampleHold(0, { until: ARBITRARY_NOW + 1 }), sampleHold(0, { until: ARBITRARY_NOW + 2 })),
  ...holds(sampleHold(0, { until: 999 }), sampleHold(0, { until: 1_000 })),
  usage([100, MAX_INSTANT, MAX_INSTANT]),
  usage([0.0001, 1, 1]),
];

const bySamples: readonly Scenario[] = [
  usage([0.9, null, ARBITRARY_NOW], [0.1, null, ARBITRARY_NOW + 1]),
  usage([null, null, ARBITRARY_NOW], [0, null, ARBITRARY_NOW]),
  usage([0.5, null, ARBITRARY_NOW], [0.4, 0, ARBITRARY_NOW]),
  usage([null, null, ARBITRARY_NOW]),
];

/** Rules by name. The order of the rules is from what is broken most often to what is broken least. */
const JOINS: Readonly<Record<string, readonly Scenario[]>> = {
  'the longer hold stays, whichever comes first': holds(sampleHold(5), sampleHold(1), sampleHold(3)),
  'of holds with one end the same one stays, whichever comes first': holds(...sameEnd),
  'a hold of a later generation counts, also where it is shorter': holds(sampleHold(5), sampleHold(1, { generation: 1 })),
  'a hold on a later credential revision counts, also where it is shorter': holds(
    sampleHold(5, { credentialRevision: 1 }),
    sampleHold(1, { credentialRevision: 2 }),
  ),
  'a clear voids what it saw, and also what comes late': holds(sampleHold(5), clearedHold(1), sampleHold(9)),
  'after a clear a new hold counts, also where it is shorter': holds(sampleHold(5), clearedHold(1), sampleHold(1, { generation: 1 })),
  'clearing twice, or what was never held, is clearing once': holds(clearedHold(1), clearedHold(1)),
  'errors of every kind are kept beside each other, each the latest': [errorsOfEveryKind],
  'a cleared error stays cleared': [
    [
      patchWith({ cell: 'errors', key: 'billing', value: sampleError() }),
      patchWith({ cell: 'errors', key: 'billing', value: clearedError }),
      patchWith({ cell: 'errors', key: 'billing', value: sampleError({ at: ARBITRARY_NOW + 9 }) }),
    ],
  ],
  'evidence that is repeated counts once': [strikes([{ a: 1 }], [{ a: 1 }]), strikes([{ a: 1 }], [{ a: 3 }], [{ a: 2 }])],
  'evidence of one generation is united': [strikes([{ a: 1 }], [{ b: 1 }], [{ c: 2, a: 2 }])],
  'the newest evidence is kept, of one instant that with the greatest id': [
    strikes([evidence(MAX_STRIKES)], [evidence(MAX_STRIKES, 8)]),
    strikes([Object.fromEntries(Object.keys(evidence(MAX_STRIKES)).map((id) => [id, 1]))], [{ f: 1, a: 1, e9x: 1 }]),
  ],
  'evidence of an older generation adds nothing to a later one': [strikes([{ a: 5 }], [{}, 1], [{ b: 1 }, 1], [{ c: 9 }])],
  'of usage the newest sample stays, and what is not known stays unknown': bySamples,
  'the session window keeps its header, status and guess apart': [sessionWindow],
  'the highest requested revision stays': [
    [3, 0, 2].map((value) => patchWith({ cell: 'refreshRequestedFor', value })),
    [patchWith({ cell: 'refreshRequestedFor', value: 0 })],
  ],
  'numbers are kept exactly, to the millisecond and at their bounds': bounds,
};

async function expectScenario(fixture: HealthFixture, patches: Scenario): Promise<void> {
  const expected = referenceHealth(patches);
  const forward = await newAccount(fixture);
  await patchAll(fixture.repository, forward, patches);
  expectHealth(await loadOne(fixture.repository, forward), expected, 'after the patches');
  const backward = await newAccount(fixture);
  await patchAll(fixture.repository, backward, patches.toReversed());
  expectHealth(await loadOne(fixture.repository, backward), expected, 'after the patches in reverse');
}

/** What becomes of writes that meet in one cell. */
export const JOIN_RULES: readonly HealthRule[] = Object.entries(JOINS).map(([name, scenarios]) => ({
  name,
  async holds(fixture) {
    for (const scenario of scenarios) await expectScenario(fixture, scenario);
  },
}));
