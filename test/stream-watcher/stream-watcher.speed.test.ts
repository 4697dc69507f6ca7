import { describe, expect, it } from 'vitest';
import { createStreamWatcher } from '../../src/core/stream-watcher.js';
import { timeRatio } from '../core/hostile-text.js';
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
/** Linear is 4, quadratic 16. */
const MOST = 9;

function watchIn(size: number): (text: string) => void {
  return (text) => {
    const stream = bytes(text);
    const watcher = createStreamWatcher('openai');
    for (let from = 0; from < stream.length; from += size) watcher.push(stream.subarray(from, Math.min(stream.length, from + size)));
    watcher.end();
  };
}

describe.each(Object.entries(PIECES))('the time to watch a stream %s', (_title, size) => {
  it.each(Object.entries(UNITS))('grows with its length alone: %s', (_unit, unit) => {
    expect(timeRatio(watchIn(size), unit)).toBeLessThan(MOST);
  });
});
