import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorInFrame } from '../../src/core/stream-error.js';
import { createStreamWatcher } from '../../src/core/stream-watcher.js';
import { evaluate } from '../../src/evaluate.js';
import { account, NOW } from '../support/accounts.js';
import { body, CAPTURES, callerText, damaged, PLATFORMS, reached, runs } from '../support/hostile.js';
import { bytes, CONTENT, ERRORS, HEALTHY, watch } from './streams.js';

/** Texts between and within frames that a careless reader stumbles over. */
const joint: fc.Arbitrary<string> = fc.constantFrom(
  '',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  ': x\n',
  'data:',
  'event: error\n',
  '\ufeff',
  '{',
  '}',
  '"',
  '\\',
  ',',
  ']',
);
const piece: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HEALTHY.map((stream) => stream.body)),
  fc.constantFrom(...ERRORS.map(({ frame }) => frame)),
  fc.constantFrom(...CAPTURES.map((capture) => capture.body)),
  damaged,
  callerText,
);
const stream: fc.Arbitrary<Uint8Array> = fc
  .array(fc.tuple(joint, piece), { minLength: 1, maxLength: 4 })
  .map((parts) => new Uint8Array(Buffer.from(parts.flat().join(''))));
const platform: fc.Arbitrary<string> = fc.constantFrom(...PLATFORMS);

/** Places to cut a stream at: many near each other too, so that characters and CRLF are cut. */
function cutsOf(length: number): fc.Arbitrary<readonly number[]> {
  return fc
    .oneof(
      fc.array(fc.nat({ max: length }), { maxLength: 12 }),
      fc.nat({ max: length }).map((from) => Array.from({ length: 40 }, (_, index) => Math.min(length, from + index))),
    )
    .map((cuts) => [...cuts].sort((a, b) => a - b));
}

describe('splitting a stream', () => {
  it.each([
    ...HEALTHY.map(({ title, platform: on, body: text }) => [title, on, text]),
    ...ERRORS.map(({ title, platform: on, frame }) => [title, on, frame]),
  ])('at any one byte changes nothing: %s', (_title, on = '', text = '') => {
    const whole = bytes(text);
    const expected = watch(on, whole).error;
    for (let cut = 0; cut <= whole.length; cut += 1) expect(watch(on, whole, [cut]).error).toEqual(expected);
    expect(
      watch(
        on,
        whole,
        Array.from(whole, (_, index) => index),
      ).error,
    ).toEqual(expected);
  });

  it('changes nothing, whatever the stream and the places', () => {
    const situations = reached('an error', 'no error', 'a cut within a character', 'a cut within CRLF', 'JSON', 'events');
    fc.assert(
      fc.property(
        platform,
        stream.chain((whole) => fc.tuple(fc.constant(whole), cutsOf(whole.length))),
        (on, [whole, cuts]) => {
          const expected = watch(on, whole).error;
          expect(watch(on, whole, cuts).error).toEqual(expected);
          situations.note(expected === null ? 'no error' : 'an error');
          if (cuts.some((cut) => ((whole[cut] ?? 0) & 0xc0) === 0x80)) situations.note('a cut within a character');
          if (cuts.some((cut) => whole[cut - 1] === 13 && whole[cut] === 10)) situations.note('a cut within CRLF');
          situations.note('[{'.includes(String.fromCharCode(whole.find((byte) => byte > 32) ?? 0)) ? 'JSON' : 'events');
        },
      ),
      { numRuns: runs(700) },
    );
    situations.check();
  });
});

describe('content', () => {
  it('is never an error, whatever words and forms are in it', () => {
    const situations = reached('events', 'an array', 'has "error"', 'has a frame');
    const text = fc.oneof(callerText, damaged, fc.constantFrom(CONTENT, ...ERRORS.map(({ frame }) => frame)), fc.string());
    fc.assert(
      fc.property(
        platform,
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.nat({ max: 4 }),
        fc.boolean(),
        (on, texts, style, isArray) => {
          const objects = texts.map((said) => JSON.stringify(contentOf(style, said)));
          const whole = isArray ? `[${objects.join(',\r\n')}]` : objects.map((object) => `event: ping\ndata: ${object}\n\n`).join('');
          expect(watch(on, bytes(whole)).error).toBeNull();
          situations.note(isArray ? 'an array' : 'events');
          if (texts.some((said) => said.includes('"error"'))) situations.note('has "error"');
          if (texts.some((said) => said.includes('data: {'))) situations.note('has a frame');
        },
      ),
      { numRuns: runs(500) },
    );
    situations.check();
  });

  /** How upstreams carry what a model said. */
  function contentOf(style: number, said: string): object {
    const styles = [
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: said } },
      { type: 'response.output_text.delta', delta: said, error: null },
      { choices: [{ delta: { content: said, tool_calls: [{ function: { arguments: said } }] } }], error: null },
      { candidates: [{ content: { parts: [{ text: said }, { functionCall: { args: { error: said, [said]: { error: said } } } }] } }] },
      { response: { candidates: [{ content: { parts: [{ text: said }] } }] }, traceId: said },
    ];
    return styles[style % styles.length] ?? {};
  }
});

describe('a watcher', () => {
  it('never throws, finds the same again, and what it finds can be judged', () => {
    const situations = reached('an error', 'bytes that are not UTF-8');
    fc.assert(
      fc.property(platform, fc.oneof(stream, body.map(asBytes), fc.uint8Array({ maxLength: 300 })), (on, whole) => {
        const { error, watcher } = watch(on, whole);
        expect(watch(on, whole).error).toEqual(error);
        if (!Buffer.from(Buffer.from(whole).toString()).equals(Buffer.from(whole))) situations.note('bytes that are not UTF-8');
        if (error === null) return;
        situations.note('an error');
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect(error.status).toBeLessThanOrEqual(599);
        expect([watcher.push(whole), watcher.end()]).toEqual([null, null]);
        const asked = {
          account: account({ platform: on }),
          model: 'a-model',
          response: error,
          receivedAt: NOW,
          phase: 'mid_stream' as const,
        };
        expect(evaluate(asked).disposition.type).toBe('respond');
      }),
      { numRuns: runs(700) },
    );
    situations.check();
  });

  function asBytes(value: unknown): Uint8Array {
    return value instanceof Uint8Array ? value : bytes(typeof value === 'string' ? value : '');
  }

  it('sees the same errors as a decision about a whole answer of status 200', () => {
    const situations = reached('an error', 'no error');
    fc.assert(
      fc.property(platform, fc.oneof(damaged, callerText, fc.constantFrom(...CAPTURES.map((capture) => capture.body))), (on, text) => {
        if (!/^[ \n]{0,20}\{/.test(text) || text.length > 4_000) return;
        const decision = evaluate({
          account: account({ platform: on }),
          model: null,
          response: { status: 200, headers: {}, body: text },
          receivedAt: NOW,
        });
        const statusSeen = decision.verdict.signal?.status ?? 200;
        const error = errorInFrame({ name: null, data: text }, []);
        // An error without any words is none for a decision.
        if (error !== null && statusSeen === 200) expect(decision.verdict.signal?.message ?? null).toBeNull();
        else expect(error === null).toBe(statusSeen === 200);
        situations.note(error === null ? 'no error' : 'an error');
      }),
      { numRuns: runs(500) },
    );
    situations.check();
  });
});

describe('the state of a watcher', () => {
  /** Bytes that a watcher still holds after a stream, as far as they can be seen: what it found is not counted. */
  function heapAfter(push: (watcher: ReturnType<typeof createStreamWatcher>) => void): number {
    const watchers = Array.from({ length: 20 }, () => createStreamWatcher('openai'));
    const before = process.memoryUsage();
    for (const watcher of watchers) push(watcher);
    const after = process.memoryUsage();
    expect(watchers.every((watcher) => watcher.end() === null)).toBe(true);
    return (after.arrayBuffers - before.arrayBuffers) / watchers.length;
  }

  it('is no larger than a frame, however long a line, an event or an object goes on', () => {
    const chunk = new Uint8Array(16_384).fill(120);
    const endless = (begin: string) => (watcher: ReturnType<typeof createStreamWatcher>) => {
      watcher.push(bytes(begin));
      for (let round = 0; round < 64; round += 1) watcher.push(chunk);
    };
    for (const begin of ['data: ', '{"a":"', 'x', 'data: a\ndata: ']) expect(heapAfter(endless(begin))).toBeLessThan(200_000);
  });
});
