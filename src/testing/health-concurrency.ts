/** Rules: several callers at once, as several gateways are. */
import fc from 'fast-check';
import { CLEARED, HOLD_CELLS, MAX_STRIKES } from '../core/health.js';
import { mergeHealth } from '../core/merge-health.js';
import type { HealthPatch } from '../core/patch.js';
import type { HealthRepository } from '../shell/ports.js';
import { handlesOf, newAccount } from './contract-test.js';
import { healthPatchArbitrary } from './health-arbitraries.js';
import { expectHealth, loadOne, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { cellName, clears } from './health-laws.js';
import { checkProperty, type Note, type PropertyOptions } from './property.js';
import { modelWrite, patchWith, sampleHold, strikeWrite, usageWrite } from './sample-writes.js';

const CALLERS = 4;
const WRITES = 32;

/** Patches at once, shared out among the handles; then what is stored has to be their join. */
async function expectAll(fixture: HealthFixture, patches: readonly HealthPatch[]): Promise<void> {
  const handles = await handlesOf(fixture, CALLERS);
  const accountId = await newAccount(fixture);
  await Promise.all(patches.map((patch, index) => handles[index % CALLERS]?.patch(accountId, patch)));
  expectHealth(await loadOne(fixture.repository, accountId), referenceHealth(patches), `all of ${patches.length} patches at once`);
}

function times<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: WRITES }, (_, index) => make(index));
}

async function differentCells(fixture: HealthFixture): Promise<void> {
  const holds = HOLD_CELLS.map((cell) => patchWith({ cell, value: sampleHold(1) }));
  await expectAll(fixture, [...times((index) => patchWith(modelWrite(`model-${index}`, index + 1))), ...holds]);
}

async function oneCell(fixture: HealthFixture): Promise<void> {
  // In an order in which neither the first nor the last is the greatest.
  await expectAll(
    fixture,
    times((index) => patchWith({ cell: 'rateLimit', value: sampleHold(((index * 7) % WRITES) + 1) })),
  );
  await expectAll(
    fixture,
    times((index) => patchWith(usageWrite({ utilization: index / 100, resetAt: null, sampledAt: ((index * 7) % WRITES) + 1 }))),
  );
}

async function evidence(fixture: HealthFixture): Promise<void> {
  await expectAll(
    fixture,
    times((index) => patchWith(strikeWrite('forbidden', { [`e${index % (MAX_STRIKES - 2)}`]: index }))),
  );
  await expectAll(
    fixture,
    times((index) => patchWith(strikeWrite('forbidden', { [`e${index}`]: index }))),
  );
}

async function clearedMeanwhile(fixture: HealthFixture): Promise<void> {
  const late = times((index) => patchWith({ cell: 'rateLimit', value: sampleHold(index + 1) }));
  const clear = patchWith({ cell: 'rateLimit', value: { ...sampleHold(0), generation: 1, until: 0, rule: CLEARED, kind: 'temporary' } });
  await expectAll(fixture, [...late.slice(0, WRITES / 2), clear, ...late.slice(WRITES / 2)]);
}

async function otherHandle(fixture: HealthFixture): Promise<void> {
  const [first, second] = await handlesOf(fixture, 2);
  const accountId = await newAccount(fixture);
  const [one, two] = [patchWith({ cell: 'overload', value: sampleHold(1) }), patchWith(modelWrite('gemini-3-pro', 2))];
  await first?.load([accountId]);
  await second?.patch(accountId, one);
  await first?.patch(accountId, two);
  for (const handle of [first, second]) {
    if (handle !== undefined) expectHealth(await loadOne(handle, accountId), referenceHealth([one, two]), 'the writes of both');
  }
}

interface Step {
  readonly patch: HealthPatch;
  readonly caller: number;
  /** Steps of one caller are taken in this order. */
  readonly priority: number;
  readonly repeated: boolean;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    patch: healthPatchArbitrary,
    caller: fc.integer({ min: 0, max: CALLERS - 1 }),
    priority: fc.integer({ min: 0, max: 99 }),
    repeated: fc.boolean(),
  }),
  { minLength: 1, maxLength: 50, size: 'max' },
);

const LONG_SEQUENCE = 40;

const SITUATIONS = {
  meets: 'patches of different callers meet in one cell',
  clears: 'a clear among others',
  repeats: 'a repeated patch',
  isLong: `${LONG_SEQUENCE} patches and more`,
} as const;

async function take(handle: HealthRepository | undefined, accountId: string, own: readonly Step[]): Promise<void> {
  for (const { patch, repeated } of own.toSorted((a, b) => a.priority - b.priority)) {
    const image = await handle?.patch(accountId, patch);
    if (image !== undefined) expectHealth(mergeHealth(image, patch), image, 'an answer with what was written');
    if (repeated) await handle?.patch(accountId, patch);
  }
}

/** Whether two callers write to one cell. */
function callersMeet(sequence: readonly Step[]): boolean {
  const writers = new Map<string, number>();
  return sequence.some(({ patch, caller }) =>
    patch.map(cellName).some((cell) => {
      const first = writers.get(cell) ?? caller;
      writers.set(cell, first);
      return first !== caller;
    }),
  );
}

function noteSequence(sequence: readonly Step[], note: Note): void {
  if (callersMeet(sequence)) note(SITUATIONS.meets);
  if (sequence.length > 1 && sequence.some(({ patch }) => clears(patch))) note(SITUATIONS.clears);
  if (sequence.some(({ repeated }) => repeated)) note(SITUATIONS.repeats);
  if (sequence.length >= LONG_SEQUENCE) note(SITUATIONS.isLong);
}

async function randomSequences(fixture: HealthFixture, options: PropertyOptions): Promise<void> {
  const handles = await handlesOf(fixture, CALLERS);
  const check = async (sequence: readonly Step[], note: Note): Promise<void> => {
    noteSequence(sequence, note);
    const accountId = await newAccount(fixture);
    const stepsOf = (caller: number): readonly Step[] => sequence.filter((step) => step.caller === caller);
    await Promise.all(handles.map((handle, caller) => take(handle, accountId, stepsOf(caller))));
    const expected = referenceHealth(sequence.map(({ patch }) => patch));
    expectHealth(await loadOne(fixture.repository, accountId), expected, 'what all patches come to');
  };
  await checkProperty({ cases: steps, situations: Object.values(SITUATIONS) }, check, options);
}

/** Several callers at once. */
export const CONCURRENCY_RULES: readonly HealthRule[] = [
  { name: 'what another process wrote stays', holds: otherHandle },
  { name: 'patches of different cells at once lose nothing', holds: differentCells },
  { name: 'of patches of one cell at once the greatest stays', holds: oneCell },
  { name: 'evidence that comes at once is united', holds: evidence },
  { name: 'a clear among patches at once stays', holds: clearedMeanwhile },
  { name: 'any patches, in any order, from several callers at once, come to what the reference says', holds: randomSequences },
];
