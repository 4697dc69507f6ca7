/**
 * `npm run bench`: what a decision costs, as ratios within one run. `--json` prints rows; `--check` exits with 1 where a row is above its gate. U is the time of `JSON.parse` of the same
 * run's 331-byte error body. A row above its target is marked `·`, one above its gate `!`. `floor` is what the contract alone costs (floor.ts).
 */
import { spawnSync } from 'node:child_process';
import { type Row, rowsOf } from './cases.js';
import { type Case, measureBytes, measureTimes, warmUp } from './measure.js';

/** Bytes are exact but for a page's rounding. */
const BYTES_MARGIN = 8;

const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=128'];

interface Result {
  readonly name: string;
  readonly unit: string;
  readonly ratio: number;
  readonly target: number;
  readonly gate: number;
  readonly ns: number;
  readonly bytes: number;
  readonly targetBytes: number | null;
  /** What the contract alone costs, in the row's unit and in bytes; null where that is not told. */
  readonly floor: { readonly ratio: number; readonly bytes: number } | null;
  readonly onTarget: boolean;
  readonly ok: boolean;
}

function within(value: number, limit: number | null): boolean {
  return limit === null || value <= limit;
}

/** Bytes of a row: what it allocates, beside what it is compared with where that is a parse. */
function bytesOf(own: Case, { against, targetBytes }: Row): number {
  const bytes = measureBytes(own);
  return Math.max(0, (targetBytes === null || targetBytes === 0 ? bytes : bytes - measureBytes(against)) - BYTES_MARGIN);
}

async function measure(): Promise<readonly Result[]> {
  const target = process.env.BENCH_TARGET ?? new URL('../dist/core.js', import.meta.url).href;
  const rows = rowsOf((await import(target)) as Parameters<typeof rowsOf>[0]);
  for (const row of rows) warmUp(row.case);
  return rows.map((row) => {
    const { name, unit, gate, targetBytes, gateBytes, floor: least } = row;
    const times = measureTimes([row.against, row.case, ...(least === null ? [] : [least])]);
    const timeOf = (one: Case): number => times.get(one.name) ?? Number.NaN;
    const ns = timeOf(row.case);
    const ratio = ns / timeOf(row.against);
    const bytes = bytesOf(row.case, row);
    const floor = least === null ? null : { ratio: timeOf(least) / timeOf(row.against), bytes: bytesOf(least, row) };
    const onTarget = ratio <= row.target && within(bytes, targetBytes);
    return {
      name,
      unit,
      ratio,
      target: row.target,
      gate,
      ns,
      bytes,
      targetBytes,
      floor,
      onTarget,
      ok: ratio <= gate && within(bytes, gateBytes),
    };
  });
}

function mark({ ok, onTarget }: Result): string {
  if (!ok) return '!';
  return onTarget ? ' ' : '·';
}

function print(results: readonly Result[]): void {
  const lines = results.map((result) => {
    const { name, unit, ratio, target, gate, ns, bytes, targetBytes, floor } = result;
    const least = floor === null ? '' : `  floor ${floor.ratio.toFixed(2)} ×, ${floor.bytes} B`;
    const size = targetBytes === null ? `${bytes} B` : `${bytes} B (target ${targetBytes})`;
    const limits = `target ${String(target).padEnd(4)} gate ${String(gate).padEnd(4)}`;
    return `${mark(result)} ${name.padEnd(28)} ${ratio.toFixed(2).padStart(6)} × ${unit.padEnd(17)} ${limits} ${ns.toFixed(0).padStart(6)} ns  ${size}${least}`;
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
