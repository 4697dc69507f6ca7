export { hostileTextArbitrary as hostileText } from '../../src/testing/hostile-text.js';

/** 1 MiB, the length up to which time has to grow with the length alone. */
export const MEBIBYTE = 1_048_576;

function fastest(read: (text: string) => unknown, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    read(text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** How many times as long `size` characters of a repeated text take as a quarter of them: about 4 where time grows with the length, 16 where it grows with its square. */
export function timeRatio(read: (text: string) => unknown, unit: string, size: number = MEBIBYTE / 4): number {
  const text = unit.repeat(Math.ceil(size / unit.length));
  const floor = 0.5;
  return fastest(read, text) / Math.max(floor, fastest(read, text.slice(0, size / 4)));
}
