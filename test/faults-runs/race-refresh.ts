/** Many races, each from its own seed: the figures. */
import * as fc from 'fast-check';
import { type Course, type RaceAction, type RacePlan, runRace, type Situation } from './race-world.js';

const process = fc.nat({ max: 2 });
const refresh: fc.Arbitrary<RaceAction> = process.map((index) => ({ type: 'refresh', process: index }));
const others: fc.Arbitrary<RaceAction> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<RaceAction>({ type: 'expire' }) },
  { weight: 1, arbitrary: process.map((index): RaceAction => ({ type: 'drain', process: index })) },
  { weight: 1, arbitrary: fc.constant<RaceAction>({ type: 'sign_in' }) },
);
const stale: fc.Arbitrary<RaceAction> = process.map((index) => ({ type: 'stale_401', process: index }));
const course: fc.Arbitrary<Course> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Course>('ok') },
  { weight: 1, arbitrary: fc.constant<Course>('not_done') },
  { weight: 1, arbitrary: fc.constant<Course>('unanswered') },
);

function plans(action: fc.Arbitrary<RaceAction>): fc.Arbitrary<RacePlan> {
  return fc.record({
    server: fc.constantFrom('simple', 'family', 'grace', 'last_wins'),
    actions: fc.array(action, { minLength: 4, maxLength: 16 }),
    courses: fc.array(course, { maxLength: 12 }),
  });
}

/** The races of the shipped protocol. */
export const RACES: fc.Arbitrary<RacePlan> = plans(fc.oneof({ weight: 5, arbitrary: refresh }, { weight: 1, arbitrary: others }));
/** The same races beside a 401 handler that writes back what it saw. */
export const RACES_WITH_FOUNDING_BUG: fc.Arbitrary<RacePlan> = plans(
  fc.oneof({ weight: 4, arbitrary: refresh }, { weight: 1, arbitrary: stale }, { weight: 1, arbitrary: others }),
);

/** What was seen. `failure`: the schedule, seed and path of the first race that went wrong. */
export interface RaceFigures {
  readonly runs: number;
  readonly seconds: number;
  readonly situations: ReadonlyMap<Situation, number>;
  readonly failure: string | null;
}

/** Runs races until one goes wrong, at most `runs`. */
export async function raceRefresh(
  races: fc.Arbitrary<RacePlan>,
  { runs, seed }: { readonly runs: number; readonly seed?: number },
): Promise<RaceFigures> {
  const startedAt = performance.now();
  const situations = new Map<Situation, number>();
  const property = fc.asyncProperty(fc.scheduler(), races, async (scheduler, plan) => {
    const { situations: reached, wrong } = await runRace(scheduler, plan);
    for (const situation of reached) situations.set(situation, (situations.get(situation) ?? 0) + 1);
    if (wrong !== null) throw new Error(`${wrong}\n${scheduler}`);
  });
  const details = await fc.check(property, { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) });
  const failure = details.failed
    ? `seed ${details.seed}, path ${details.counterexamplePath}: ${String(details.errorInstance)}\n${JSON.stringify(details.counterexample?.[1])}`
    : null;
  return { runs: details.numRuns, seconds: Math.round((performance.now() - startedAt) / 100) / 10, situations, failure };
}
