/** The runs of the reference gateway: processes of it on shared stores, under load, while processes and stores are killed; and what it adds to a request. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, run } from '../lib/project.js';
import { type FaultResult, type FaultRun, unmet } from './fault-run.js';

/** The tests of the load project, as a run of its own: their figures are printed by the tests. */
function runLoadTests(): FaultResult {
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-load-'));
  const path = join(folder, 'report.json');
  try {
    const outcome = run(binary('vitest'), ['run', '--project=load', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`]);
    process.stdout.write(outcome.stdout.replace(/^/gm, '  '));
    const report = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, number>>;
    const figures = { tests: report.numTotalTests ?? 0, passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0 };
    return {
      figures,
      wrong: [
        ...unmet(figures, { tests: { atLeast: 5 }, passed: { exactly: figures.tests } }),
        ...(outcome.status === 0 ? [] : [outcome.stderr]),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The runs. */
export const GATEWAY_RUNS: readonly FaultRun[] = [
  {
    name: 'gateway',
    what: 'two gateways on one PostgreSQL and one Redis under load, kills of a gateway and of the stores, and the latency they add',
    run: runLoadTests,
  },
];
