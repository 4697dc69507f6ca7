import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Row {
  readonly name: string;
  readonly ratio: number;
  readonly gate: number;
  readonly bytes: number;
  readonly ok: boolean;
}

/** One run of `npm run bench` as data. */
function bench(): readonly Row[] {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'bench/index.ts', '--json'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Row[];
}

it('no decision costs more than its gate', { timeout: 180_000 }, () => {
  let above: readonly Row[] = [];
  // A busy moment of the machine may spoil one run; a slower library spoils them all.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const rows = bench();
    expect(rows.length).toBeGreaterThanOrEqual(15);
    above = rows.filter(({ ok }) => !ok);
    if (above.length === 0) break;
  }
  expect(above.map(({ name, ratio, gate, bytes }) => `${name}: ${ratio.toFixed(2)} > ${gate}, ${bytes} B`)).toEqual([]);
});
