import { describe, expect, it } from 'vitest';
import { createStreamWatcher } from '../../src/core/stream-watcher.js';
import { MEBIBYTE } from '../core/hostile-text.js';
import { bytes, CONTENT, HEALTHY } from './streams.js';

/** What repeats in a stream that takes a careless reader a long time. */
const UNITS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(HEALTHY.map(({ title, body }) => [title, body])),
  letters: 'a',
  'empty lines': '\n',
  'empty data': 'data:\n',
  'lines of data': `data: "error" ${'x'.repeat(50)}\n`,
  'open objects': '{"error":',
  quotes: '"\\"',
  'names of events': 'event: error\n',
  'objects in content': JSON.stringify({ choices: [{ delta: { content: CONTENT } }], error: null }),
};
const PIECES: Readonly<Record<string, number>> = { 'in one piece': Number.POSITIVE_INFINITY, 'in packets': 1_460, 'byte by byte': 1 };
/** Long enough for four times the length to show. */
const LENGTH = MEBIBYTE / 2;
/** Linear is 4, quadratic 16. */
const MOST = 9;

function watchIn(stream: Uint8Array, size: number): void {
  const watcher = createStreamWatcher('openai');
  for (let from = 0; from < stream.length; from += size) watcher.push(stream.subarray(from, Math.min(stream.length, from + size)));
  watcher.end();
}

/** Microseconds of this process's own time, the least of some rounds: a busy machine does not count. */
function least(act: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

describe.each(Object.entries(PIECES))('the time to watch a stream %s', (_title, size) => {
  it.each(Object.entries(UNITS))('grows with its length alone: %s', (_unit, unit) => {
    const long = bytes(unit.repeat(Math.ceil(LENGTH / unit.length)));
    const short = long.subarray(0, long.length / 4);
    watchIn(short, size);
    const floor = 500;
    expect(
      least(() => watchIn(long, size)) /
        Math.max(
          floor,
          least(() => watchIn(short, size)),
        ),
    ).toBeLessThan(MOST);
  });
});
