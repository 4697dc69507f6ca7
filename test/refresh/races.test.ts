import { describe, expect, it, onTestFinished } from 'vitest';
import { RACES, RACES_WITH_FOUNDING_BUG, raceRefresh } from '../faults-runs/race-refresh.js';
import type { Situation } from '../faults-runs/race-world.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_500);
/** Reached by at least one race in a hundred. */
const USUAL: readonly Situation[] = ['refreshed', 'busy', 'stale', 'conflict', 'alternate', 'orphan', 'ambiguous', 'abort', 'pending'];
/** Reached at all. */
const RARE: readonly Situation[] = ['condemned'];

function catchUnhandled(): readonly unknown[] {
  const caught: unknown[] = [];
  const note = (error: unknown): number => caught.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
  });
  return caught;
}

describe('the executor, under any order of arrivals and answers', () => {
  it('property: rolls nothing back, loses no answer, condemns nobody falsely, and leaves nothing pending (I2, I4, I6, F1-F8, F18, F19, F21)', async () => {
    const unhandled = catchUnhandled();
    const { failure, runs, situations } = await raceRefresh(RACES, { runs: RUNS });
    expect(failure).toBeNull();
    expect(runs).toBe(RUNS);
    for (const situation of USUAL) expect(situations.get(situation) ?? 0, situation).toBeGreaterThanOrEqual(RUNS / 100);
    for (const situation of RARE) expect(situations.get(situation) ?? 0, situation).toBeGreaterThan(0);
    expect(unhandled).toEqual([]);
  }, 120_000);

  it.each([1, 2, 3, 4, 5])('finds the founding bug in less than 2,000 races: a 401 writes back what it saw (seed %i)', async (seed) => {
    const { failure } = await raceRefresh(RACES_WITH_FOUNDING_BUG, { runs: 1_999, seed });
    expect(failure).toMatch(/rollback to \d/);
  });
});
