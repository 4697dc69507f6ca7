import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../../src/core/stream-buffer.js';
import { createStreamWatcher } from '../../src/core/stream-watcher.js';
import { evaluate } from '../../src/evaluate.js';
import { account, NOW } from '../support/accounts.js';
import { CAPTURES } from '../support/captures.js';
import { bytes, ERRORS, HEALTHY, watch } from './streams.js';

const PLATFORMS: readonly string[] = ['anthropic', 'openai', 'gemini', 'antigravity'];
/** A healthy stream that an error may follow, event for event. */
const BEFORE: Readonly<Record<string, string>> = Object.fromEntries(
  HEALTHY.filter(({ body }) => !'[{'.includes(body.charAt(0))).map(({ platform, body }) => [platform, body]),
);

describe('a stream watcher', () => {
  it.each(HEALTHY)('finds nothing in $title', ({ platform, body }) => {
    expect(watch(platform, bytes(body)).error).toBeNull();
    expect(watch('elsewhere', bytes(body)).error).toBeNull();
  });

  it.each(ERRORS)('finds $title at once, and again behind a healthy stream', ({ platform, frame, status }) => {
    const alone = createStreamWatcher(platform).push(bytes(frame));
    expect(alone).toMatchObject({ status });
    const behind = createStreamWatcher(platform);
    expect(behind.push(bytes(BEFORE[platform] ?? ''))).toBeNull();
    expect(behind.push(bytes(frame))).toEqual(alone);
  });

  it.each(ERRORS)('what it returns of $title is judged as in the middle of a stream', ({ platform, frame, status }) => {
    const response = createStreamWatcher(platform).push(bytes(frame));
    if (response === null) throw new Error('no error');
    const decision = evaluate({ account: account({ platform }), model: 'a-model', response, receivedAt: NOW, phase: 'mid_stream' });
    expect(decision.disposition.type).toBe('respond');
    expect(decision.verdict.signal?.status).toBe(status);
    expect(decision.verdict.kind).not.toBe('ok');
  });

  it('returns an error once, and looks at nothing behind it', () => {
    const watcher = createStreamWatcher('anthropic');
    const frame = bytes(ERRORS[0]?.frame ?? '');
    expect(watcher.push(frame)).toMatchObject({ status: 529 });
    expect(watcher.push(frame)).toBeNull();
    expect(watcher.end()).toBeNull();
  });

  it.each([
    'data: {"error":{"code":503}}',
    'data: {"error":{"code":503}}\r',
    'event: error\ndata: {"code":503}\n',
    '{"error":{"code":503}}',
  ])('finds at the end what nothing ended: %j', (text) => {
    expect(watch('openai', bytes(text)).error).toMatchObject({ status: 503 });
  });

  it('does not wait for the blank line', () => {
    expect(createStreamWatcher('gemini').push(bytes('data: {"error":{"code":503}}\n'))).toMatchObject({ status: 503 });
  });

  it('does not wait for the end of an array', () => {
    const watcher = createStreamWatcher('gemini');
    expect(watcher.push(bytes('[{"candidates":[{"a":"}"}]}\n'))).toBeNull();
    expect(watcher.push(bytes(',\n{"error":{"code":503,"status":"UNAVAILABLE"}'))).toBeNull();
    expect(watcher.push(bytes('}'))).toMatchObject({ status: 503, body: '{"error":{"code":503,"status":"UNAVAILABLE"}}' });
  });

  it.each(['C:\\', '\\\\', '"', '\\"', '{', '}', '"}'])('finds an error behind the text %j', (text) => {
    const array = `[${JSON.stringify({ text })},{"error":{"code":503}}]`;
    expect(watch('gemini', bytes(array)).error).toMatchObject({ status: 503 });
  });

  it('skips blanks and a byte order mark before the first frame, in any pieces', () => {
    const stream = bytes('\ufeff\r\n  [{"a":1}\n,{"error":{"code":503}}\n]');
    expect(watch('gemini', stream, [1, 2, 3, 4, 5, 6]).error).toMatchObject({ status: 503 });
    expect(watch('gemini', bytes('\ufeffdata: {"error":{"code":503}}\n\n'), [1, 2]).error).toMatchObject({ status: 503 });
  });

  it('gives the headers that a frame carries in itself', () => {
    const capture = CAPTURES.find(({ id }) => id === 'codex-429-ws-usage-limit-plus-headers-in-body');
    const { error } = watch('openai', bytes(capture?.body ?? ''));
    expect(error).toMatchObject({
      status: 429,
      headers: { 'X-Codex-Primary-Used-Percent': '100', 'X-Codex-Secondary-Used-Percent': '80' },
    });
    if (error === null) return;
    const { actions } = evaluate({
      account: account({ platform: 'openai' }),
      model: null,
      response: error,
      receivedAt: 1_777_922_696_000,
      phase: 'mid_stream',
    });
    expect(actions.map(({ type }) => type)).toEqual(['set_rate_limited', 'record_usage']);
  });

  it('what an envelope says comes before what its message repeats', () => {
    const echoed = JSON.stringify({ type: 'error', error: { type: 'authentication_error' } });
    const frame = { error: { type: 'invalid_request_error', message: `Unknown model: ${echoed}` } };
    expect(watch('openai', bytes(`data: ${JSON.stringify(frame)}\n\n`)).error?.status).toBe(400);
    const wrapped = { error: { message: JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }) } };
    expect(watch('gemini', bytes(`data: ${JSON.stringify(wrapped)}\n\n`)).error?.status).toBe(429);
  });

  it('names of events count only on the platforms that have them', () => {
    const frame = bytes('event: error\ndata: {"note":"x"}\n\n');
    expect(watch('anthropic', frame).error).toMatchObject({ status: 500 });
    expect(watch('elsewhere', frame).error).toMatchObject({ status: 500 });
    expect(watch('gemini', frame).error).toBeNull();
    expect(watch('anthropic', bytes('event: response.failed\ndata: {"note":"x"}\n\n')).error).toBeNull();
  });

  it.each([
    { title: 'data: {"error":null}', stream: 'data: {"error":null}\n\n' },
    { title: 'an empty error', stream: 'data: {"error":{}}\n\ndata: {"error":""}\n\ndata: {"error":[]}\n\n' },
    { title: 'an event without data', stream: 'event: error\n\nevent: error\n: x\n\n' },
    { title: 'a name of the event before', stream: 'event: error\n\ndata: {"a":1}\n\n' },
    { title: 'nothing', stream: '' },
    { title: 'blanks', stream: ' \r\n\r\n' },
    { title: 'a web page', stream: '<html>"error" {"error":{"code":1}}</html>\n\n' },
    { title: 'braces in a text of JSON', stream: '["{\\"error\\":{\\"code\\":503}}"]' },
    { title: 'an object that never ends', stream: '{"a":{"error":{"code":503}}' },
  ])('finds nothing in $title', ({ stream }) => {
    expect(watch('elsewhere', bytes(stream)).error).toBeNull();
  });
});

describe('frames of all lengths', () => {
  const padded = (length: number): string => {
    const frame = (text: string): string => JSON.stringify({ error: { code: 503, message: text } });
    return frame('x'.repeat(length - frame('').length));
  };
  const largest = MAX_FRAME_BYTES - 'data: '.length;

  it('the largest line is read, and one byte more is skipped', () => {
    expect(watch('openai', bytes(`data: ${padded(largest)}\n\n`)).error).toMatchObject({ status: 503 });
    expect(watch('openai', bytes(`data: ${padded(largest + 1)}\n\n`)).error).toBeNull();
    expect(watch('openai', bytes(`data: ${padded(largest)}\n\n`), [9, 40_000]).error).toMatchObject({ status: 503 });
    expect(watch('openai', bytes(`data: ${padded(largest + 1)}\n\n`), [9, 40_000]).error).toBeNull();
    expect(watch('gemini', bytes(`[${padded(MAX_FRAME_BYTES)}]`)).error).toMatchObject({ status: 503 });
    expect(watch('gemini', bytes(`[${padded(MAX_FRAME_BYTES + 1)}]`)).error).toBeNull();
  });

  it('an event over lines is as bounded as a line', () => {
    const event = (lines: number): Uint8Array =>
      bytes(`data: {"error":{"code":503,"all":[\n${`data: "${'x'.repeat(1_000)}",\n`.repeat(lines)}data: 0]}}\n\n`);
    expect(watch('gemini', event(60)).error).toMatchObject({ status: 503 });
    expect(watch('gemini', event(70)).error).toBeNull();
  });

  it('an event that is named an error is one, also where its data was skipped', () => {
    expect(watch('openai', bytes(`event: response.failed\ndata: ${padded(MAX_FRAME_BYTES)}\n\n`)).error).toEqual({
      status: 500,
      headers: {},
      body: null,
    });
  });

  it('what follows a skipped frame is read', () => {
    const events = `data: ${padded(3 * MAX_FRAME_BYTES)}\n\ndata: {"error":{"code":429}}\n\n`;
    expect(watch('openai', bytes(events)).error).toMatchObject({ status: 429 });
    expect(watch('openai', bytes(events), [10, MAX_FRAME_BYTES + 3, 2 * MAX_FRAME_BYTES]).error).toMatchObject({ status: 429 });
    const objects = `[${padded(3 * MAX_FRAME_BYTES)},{"error":{"code":429}}]`;
    expect(watch('gemini', bytes(objects), [10, MAX_FRAME_BYTES + 3, 2 * MAX_FRAME_BYTES]).error).toMatchObject({ status: 429 });
  });
});

describe('captured answers', () => {
  const streams = CAPTURES.map((capture) => ({ ...capture, error: watch(capture.platform, bytes(capture.body)).error }));

  it('no success is an error, but for the one that has one inside', () => {
    const successes = streams.filter(({ status }) => status < 300);
    expect(successes.length).toBeGreaterThan(6);
    expect(successes.filter(({ error }) => error !== null).map(({ id, error }) => [id, error?.status])).toEqual([
      ['codex-200-sse-server-is-overloaded', 503],
    ]);
  });

  it('an error in JSON is found with the status that it had, where its words tell it', () => {
    const found = streams.filter(({ platform, status, error }) => PLATFORMS.includes(platform) && status >= 400 && error !== null);
    expect(found.length).toBeGreaterThan(35);
    const other = found.filter(({ status, error }) => error?.status !== status);
    expect(other.map(({ id, error }) => [id, error?.status])).toEqual([
      ['anthropic-token-400-invalid-grant-expired', 500],
      ['google-token-400-invalid-grant-revoked', 500],
      ['openai-token-401-refresh-token-reused', 400],
      ['codex-401-detail-could-not-parse-token', 500],
    ]);
  });
});
