/** Real processes, a real database and a real token server, in short; the long run has thousands of refreshes and dozens of kills. */
import { describe, expect, it } from 'vitest';
import { type RefreshProcessesFigures, runRefreshProcesses } from '../faults-runs/refresh-processes.js';

const WHOLE = { falselyCondemned: 0, brokenChains: 0, accounts: 24 };

/** What every run must have met, to say anything. */
function expectBusy({ refreshes, results }: RefreshProcessesFigures, least: number): void {
  expect(refreshes).toBeGreaterThanOrEqual(least);
  // Processes met at the same account: one was told to wait, or found that another had done it.
  expect((results.busy ?? 0) + (results.stored ?? 0)).toBeGreaterThan(0);
}

describe('six processes that refresh the same accounts', () => {
  it('send no token twice, condemn nobody, and lose nothing, although late 401s come with old snapshots (F1, F2)', async () => {
    const figures = await runRefreshProcesses({ mode: 'family', refreshes: 200 });
    expect(figures).toMatchObject({ ...WHOLE, replays: 0, condemned: 0, healthy: 24 });
    expect(figures.results['stale 401']).toBeGreaterThan(0);
    expectBusy(figures, 200);
  }, 90_000);

  // Most of their time these two wait, so they wait together.
  it.concurrent('killed, with the database too: nobody is condemned falsely, and whoever is lost with a killed process is labelled so (F5, F6, F9, F20)', async () => {
    const figures = await runRefreshProcesses({ mode: 'family', refreshes: 50, workerKills: 6, serverKills: 1 });
    expect(figures).toMatchObject({ ...WHOLE, workerKills: 6, serverKills: 1 });
    expect(figures.condemned).toBeGreaterThan(0);
    expect([figures.labelledLost, figures.lostByKill]).toEqual([figures.condemned, figures.condemned]);
    expect(figures.healthy).toBe(24 - figures.condemned);
    expectBusy(figures, 50);
  }, 90_000);

  it.concurrent('stopped for longer than an attempt lasts, and woken: what was said of their accounts meanwhile heals (F19)', async () => {
    const figures = await runRefreshProcesses({ mode: 'simple', refreshes: 50, pauses: 2, accounts: 8 });
    expect(figures).toMatchObject({ ...WHOLE, accounts: 8, condemned: 0, healthy: 8 });
    // The token of a stopped process was sent again by another, which was refused.
    expect(figures.replays).toBeGreaterThan(0);
    expectBusy(figures, 50);
  }, 90_000);

  it('with the founding bug, a 401 that writes its snapshot back, the same run finds burned families', async () => {
    const figures = await runRefreshProcesses({ mode: 'family', refreshes: 2_000, writesSnapshots: true, mostReplays: 5 });
    expect(figures.replays).toBeGreaterThan(0);
    expect(figures.condemned).toBeGreaterThan(0);
    expect(figures.brokenChains).toBeGreaterThan(0);
  }, 90_000);
});
