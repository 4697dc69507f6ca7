/**
 * `npm run test:faults`: the long runs that try to break the stores and the refresh protocol. Prints the figures of each, and exits with 1 where one is not as it must be.
 * Names of runs as arguments run only those; `--list` names them.
 */
import type { FaultRun } from './faults/fault-run.js';
import { GATEWAY_RUNS } from './faults/gateway-runs.js';
import { REFRESH_RUNS } from './faults/refresh-runs.js';
import { STORE_RUNS } from './faults/store-runs.js';

const RUNS: readonly FaultRun[] = [...REFRESH_RUNS, ...STORE_RUNS, ...GATEWAY_RUNS];

/** `wrongCells` as `wrong cells`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

async function report({ name, what, run }: FaultRun): Promise<boolean> {
  console.log(`${name}: ${what}`);
  const startedAt = performance.now();
  try {
    const { figures, wrong } = await run();
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(
      `  ${Object.entries({ ...figures, seconds })
        .map(([figure, value]) => `${words(figure)} ${value}`)
        .join(', ')}`,
    );
    for (const sentence of wrong) console.log(`  WRONG ${sentence}`);
    return wrong.length === 0;
  } catch (error) {
    console.log(`  FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return false;
  }
}

function chosen(names: readonly string[]): readonly FaultRun[] {
  const unknown = names.filter((name) => !RUNS.some((run) => run.name === name));
  if (unknown.length > 0) throw new Error(`no such run: ${unknown.join(', ')}; there are ${RUNS.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? RUNS : RUNS.filter(({ name }) => names.includes(name));
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--list')) {
    for (const { name, what } of RUNS) console.log(`${name.padEnd(24)} ${what}`);
    return 0;
  }
  let failed = 0;
  const runs = chosen(args);
  for (const run of runs) if (!(await report(run))) failed += 1;
  console.log(`${runs.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// Said outright: an exit hook of the embedded PostgreSQL would end the process with 0, whatever `exitCode` says.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  },
);
