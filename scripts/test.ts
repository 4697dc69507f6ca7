/**
 * The one command that proves a working tree: lint and format, types, build, every test in every time zone.
 * It runs all stages even after a failure, ends non-zero if one failed, and closes with one plain line of counts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, runVisibly } from './lib/project.js';

interface Stage {
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const STAGES: readonly Stage[] = [
  { title: 'lint and format', program: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { title: 'types', program: 'tsc', args: ['--noEmit', '-p', '.'] },
  { title: 'build', program: 'tsup', args: [] },
];

function runStage(stage: Stage): boolean {
  const startedAt = performance.now();
  const ok = runVisibly(binary(stage.program), stage.args) === 0;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${stage.title} (${seconds} s)`);
  return ok;
}

function readCounts(path: string): Counts {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const count = (name: string): number => Number(report[name] ?? 0);
    return { passed: count('numPassedTests'), failed: count('numFailedTests'), skipped: count('numPendingTests') + count('numTodoTests') };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function runTests(): { readonly ok: boolean; readonly counts: Counts } {
  const folder = mkdtempSync(join(tmpdir(), 'poolwarden-test-'));
  const report = join(folder, 'report.json');
  // What runs under load is part of `npm run test:faults`.
  const args = ['run', '--project=!load', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ok = runStage({ title: 'tests', program: 'vitest', args });
  const counts = readCounts(report);
  rmSync(folder, { recursive: true, force: true });
  return { ok: ok && counts.passed > 0, counts };
}

const failedStages = STAGES.filter((stage) => !runStage(stage)).length;
const { ok, counts } = runTests();
// A test file that cannot even be loaded fails the run and counts no failed test.
const failed = failedStages + (ok ? 0 : Math.max(1, counts.failed));
console.log(`${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
