/**
 * `npm run bench`: what a decision costs, as ratios within one run. `--json` prints rows; `--check` exits with 1 where a row is above its limit (with a margin for a
 * busy machine). U is the time of `JSON.parse` of the same run's 331-byte error body.
 */
import { spawnSync } from 'node:child_process';
import { rowsOf } from './cases.js';
import { measureBytes, measureTimes } from './measure.js';

/** Above a limit by more than this is a failure under `--check`: shared machines are noisy. */
const MARGIN = 1.35;
/** Bytes are exact but for a page's rounding. */
const BYTES_MARGIN = 8;

const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=128'];

interface Result {
  readonly name: string;
  readonly unit: string;
  readonly ratio: number;
  readonly most: number;
  readonly ns: number;
  readonly bytes: number;
  readonly mostBytes: number | null;
  readonly ok: boolean;
}

async function measure(): Promise<readonly Result[]> {
  const target = process.env.BENCH_TARGET ?? new URL('../dist/core.js', import.meta.url).href;
  const rows = rowsOf((await import(target)) as Parameters<typeof rowsOf>[0]);
  return rows.map((row) => {
    const times = measureTimes([row.against, row.case]);
    const ns = times.get(row.case.name) ?? Number.NaN;
    const ratio = ns / (times.get(row.against.name) ?? Number.NaN);
    const own = measureBytes(row.case);
    const bytes = row.mostBytes === null || row.mostBytes === 0 ? own : own - measureBytes(row.against);
    const ok = ratio <= row.most * MARGIN && (row.mostBytes === null || bytes <= row.mostBytes + BYTES_MARGIN);
    return { name: row.name, unit: row.unit, ratio, most: row.most, ns, bytes, mostBytes: row.mostBytes, ok };
  });
}

function print(results: readonly Result[]): void {
  const lines = results.map(({ name, unit, ratio, most, ns, bytes, mostBytes, ok }) => {
    const size = mostBytes === null ? `${bytes} B` : `${bytes} B (≤ ${mostBytes})`;
    return `${ok ? ' ' : '!'} ${name.padEnd(32)} ${ratio.toFixed(3).padStart(7)} × ${unit.padEnd(18)} ≤ ${String(most).padEnd(5)} ${ns.toFixed(0).padStart(7)} ns  ${size}`;
  });
  process.stdout.write(`${lines.join('\n')}\n`);
}

const args = process.argv.slice(2);
if (globalThis.gc === undefined) {
  const again = spawnSync(process.execPath, [...FLAGS, ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exitCode = again.status ?? 1;
} else {
  const results = await measure();
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(results)}\n`);
  else print(results);
  if (args.includes('--check') && results.some(({ ok }) => !ok)) process.exitCode = 1;
}
