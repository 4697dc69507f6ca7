/** Measuring in one run: ratios of medians of interleaved samples, and bytes of the heap between two collections. */

/** Something to measure; `at` rotates the inputs, so that nothing can be folded into a constant. */
export interface Case {
  readonly name: string;
  readonly run: (at: number) => unknown;
}

const ROUNDS = 41;
const SAMPLE_NS = 2_000_000;
const WARM_UP_NS = 250_000_000;

/** What a run returned last: something has to look at it, or it may never be computed. */
let sink: unknown = null;

function spin(run: Case['run'], times: number): number {
  const start = process.hrtime.bigint();
  for (let at = 0; at < times; at += 1) sink = run(at);
  return Number(process.hrtime.bigint() - start);
}

/**
 * Runs a case until it is compiled, and tells how many runs make a sample. All cases of a library are warmed up before the first is measured: on a busy machine the compiler is late, and one that runs
 * uncompiled takes ten times as long; and a gateway meets all of them too.
 */
export function warmUp({ run }: Case): number {
  let times = 64;
  let spent = 0;
  let last = 1;
  while (spent < WARM_UP_NS) {
    last = spin(run, times);
    spent += last;
    if (last < SAMPLE_NS) times *= 2;
  }
  return Math.max(1, Math.round((times * SAMPLE_NS) / last));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Nanoseconds of one run of each case: the cases take turns, so that a busy moment of the machine meets them all. */
export function measureTimes(cases: readonly Case[]): ReadonlyMap<string, number> {
  const times = cases.map(warmUp);
  const samples = cases.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    cases.forEach((one, at) => {
      const count = times[at] ?? 1;
      samples[at]?.push(spin(one.run, count) / count);
    });
  }
  return new Map(cases.map(({ name }, at) => [name, median(samples[at] ?? [])]));
}

const COUNTED = 4_000;

/** Bytes that one run allocates: exact where nothing is collected in between (needs --expose-gc and a large nursery). */
export function measureBytes({ run }: Case): number {
  const collect = globalThis.gc;
  if (collect === undefined) return Number.NaN;
  spin(run, 2_000);
  const found: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    collect();
    const before = process.memoryUsage().heapUsed;
    spin(run, COUNTED);
    found.push((process.memoryUsage().heapUsed - before) / COUNTED);
  }
  // A collection in between shows as a loss, and other work of the process only adds: the least of the rest is the case's own.
  const own = found.filter((bytes) => bytes >= 0);
  return Math.round(Math.min(...own, own.length === 0 ? Number.NaN : Number.POSITIVE_INFINITY));
}

/** The last thing that was computed; for the eyes of the optimiser only. */
export function lastResult(): unknown {
  return sink;
}
