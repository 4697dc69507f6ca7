import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswers, readCaptures } from '../scripts/judge/captures.js';
import { guessAccount } from '../scripts/judge/guess-account.js';
import { InputError } from '../scripts/judge/input-error.js';
import { formatLength } from '../scripts/judge/length.js';
import { readOptions } from '../scripts/judge/options.js';
import { binary, filesUnder, inRoot, root } from '../scripts/lib/project.js';

const PROCESS_MS = 120_000;
const PAGE_WIDTH = 120;

const RAW = [
  'HTTP/1.1 100 Continue',
  '',
  'HTTP/2 429 ',
  'date: Wed, 25 Mar 2026 20:00:00 GMT',
  'content-type: application/json',
  'Anthropic-Ratelimit-Unified-5h-Status: rejected',
  'anthropic-ratelimit-unified-5h-reset: 1774472400',
  '',
  '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account\'s rate limit."}}',
  '',
].join('\r\n');
const CAPTURE = {
  id: 'mine',
  platform: 'openai',
  accountType: 'api_key',
  status: 401,
  headers: {},
  body: { error: { message: 'Incorrect API key provided' } },
};

let folder = '';
const path = (name: string): string => join(folder, name);

interface Run {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A run of a program to its end. */
function runWith(program: string, args: readonly string[], { input = '', env = {} }: Run) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** The command as one bundle, made once: to transpile its modules anew for each run would take longer than all else here. */
function judge(args: readonly string[], run: Run = {}) {
  return runWith(process.execPath, [path('judge.mjs'), ...args], run);
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');
const records = (text: string) => lines(text).map((line) => JSON.parse(line));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolwarden-judge-'));
  buildSync({
    entryPoints: [inRoot('scripts/judge.ts')],
    outfile: path('judge.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    // Where the sources find the captures.
    define: { 'import.meta.dirname': JSON.stringify(inRoot('scripts/lib')) },
  });
  writeFileSync(path('raw.txt'), RAW);
  writeFileSync(path('capture.json'), JSON.stringify(CAPTURE));
  writeFileSync(path('captures.json'), JSON.stringify([CAPTURE, { ...CAPTURE, id: 'other', status: 429 }]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run judge', { timeout: PROCESS_MS }, () => {
  it('is what `npm run judge` runs', () => {
    expect(runWith(binary('tsx'), ['scripts/judge.ts', '--json'], {})).toEqual(judge(['--json']));
  });

  it('prints a table of all captures and the pool', () => {
    const before = filesUnder('examples', '');
    const { status, stdout, stderr } = judge([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines(stdout)[0]).toMatch(/^HTTP +verdict +scope +rule +request +what changes +for$/);
    expect(stdout).toMatch(/\n429 +quota_exhausted +account +anthropic_5h_window_exhausted +fail over +account limited +1h\n/);
    expect(stdout).toMatch(/\n403 +verification_required +account +google_validation_required +fail over +error verification +a person\n/);
    expect(stdout).toMatch(/\n503 +overloaded +model +google_capacity_exhausted +retry, 1s +-\n/);
    expect(stdout).toMatch(/\nThe pool at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/);
    expect(stdout).toMatch(/\nanthropic\/oauth +error +a person +\[Organization disabled\]/);
    expect(lines(stdout).filter((line) => [...line].length > PAGE_WIDTH)).toEqual([]);
    expect(stdout).not.toContain('\u001b');
    expect(filesUnder('examples', '')).toEqual(before);
  });

  it('has its columns aligned', () => {
    const [title = '', ...rest] = lines(judge([]).stdout);
    const at = title.indexOf('request');
    const rows = rest.filter((line) => /^\d{3} /.test(line));
    expect(rows.length).toBeGreaterThan(90);
    expect(rows.filter((row) => row.slice(at - 2, at) !== '  ' || !/^(?:respond|retry|fail over)/.test(row.slice(at)))).toEqual([]);
  });

  it('prints JSON lines of a stable shape, the same each time', () => {
    const first = judge(['--json']);
    expect(first.status).toBe(0);
    expect(judge(['--json'], { env: { TZ: 'Asia/Kolkata' } }).stdout).toBe(first.stdout);
    const all = records(first.stdout);
    const answers = all.filter(({ type }) => type === 'answer');
    const accounts = all.filter(({ type }) => type === 'account');
    expect(answers.length).toBeGreaterThan(90);
    expect(accounts.length).toBeGreaterThan(10);
    expect(answers.length + accounts.length).toBe(all.length);
    const shape = 'type,id,accountId,platform,accountType,model,receivedAt,status,verdict,disposition,actions,events';
    expect(new Set(answers.map((answer) => Object.keys(answer).join()))).toEqual(new Set([shape]));
    expect(Object.keys(answers[0].verdict)).toEqual(['kind', 'scope', 'rule', 'message', 'resetAt', 'exit']);
    const instants = answers.map(({ receivedAt }) => receivedAt);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(Object.keys(accounts[0]).slice(0, 7)).toEqual(['type', 'accountId', 'at', 'status', 'badges', 'blockers', 'until']);
    expect(new Set(accounts.map(({ accountId }) => accountId)).size).toBe(accounts.length);
  });

  it('reads a raw response, guesses whose it is, and takes the Date header as the instant', () => {
    const { status, stdout } = judge([path('raw.txt'), '--json']);
    const [answer, account] = records(stdout);
    expect(status).toBe(0);
    expect(answer).toMatchObject({
      accountId: 'anthropic/oauth',
      status: 429,
      receivedAt: Date.UTC(2026, 2, 25, 20),
      verdict: { rule: 'anthropic_5h_window_exhausted', resetAt: Date.UTC(2026, 2, 25, 21) },
    });
    expect(account).toMatchObject({ status: 'rate_limited', until: Date.UTC(2026, 2, 25, 21) });
    expect(judge([path('raw.txt')]).stdout).toMatch(/anthropic\/oauth.*a guess; --platform and --type say otherwise/);
  });

  it('reads standard input', () => {
    const { status, stdout } = judge(['-', '--json'], { input: JSON.stringify(CAPTURE) });
    expect(status).toBe(0);
    expect(records(stdout)[0]).toMatchObject({ id: 'mine', verdict: { rule: 'authentication_failed' } });
    expect(judge(['-', '--json'], { input: RAW }).status).toBe(0);
  });

  it('reads a capture and an array of captures, several files at once', () => {
    const { status, stdout } = judge([path('capture.json'), path('captures.json'), '--json']);
    expect(status).toBe(0);
    expect(records(stdout).map(({ id }) => id)).toEqual(['mine', 'mine', 'other', undefined]);
    expect(judge([path('capture.json')]).stdout).not.toContain('a guess');
  });

  it('takes platform, type, model and instant from the options', () => {
    const options = ['--platform', 'gemini', '--type', 'api_key', '--model', 'gemini-2.5-flash', '--at', '2026-05-01T12:00:00+02:00'];
    const [answer] = records(judge([path('raw.txt'), '--json', ...options]).stdout);
    expect(answer).toMatchObject({ accountId: 'gemini/api_key', model: 'gemini-2.5-flash', receivedAt: Date.UTC(2026, 4, 1, 10) });
    expect(records(judge([path('raw.txt'), '--json', '--at', '1774468800000']).stdout)[0].receivedAt).toBe(1_774_468_800_000);
  });

  it('explains which rules were asked', () => {
    const { stdout } = judge([path('raw.txt'), '--explain']);
    expect(stdout).toMatch(/✗ anthropic_7d_window_exhausted: exhausted: wanted \["7d"\]/);
    expect(stdout).toMatch(/✓ anthropic_5h_window_exhausted: all conditions hold/);
    expect(lines(stdout).filter((line) => [...line].length > PAGE_WIDTH)).toEqual([]);
    const [answer] = records(judge([path('raw.txt'), '--explain', '--json']).stdout);
    expect(answer.considered.at(-1)).toMatchObject({ rule: 'anthropic_5h_window_exhausted', matched: true });
  });

  it('shows what upstreams and files say without obeying it', () => {
    const hostile = { ...CAPTURE, id: 'a\u001b[2Jb', platform: 'x\u001b]0;y\u0007', body: 'see \u001b[31mred\u202e' };
    const { status, stdout } = judge(['-', '--explain'], { input: JSON.stringify(hostile) });
    expect(status).toBe(0);
    expect(['\u001b', '\u0007', '\u202e'].filter((control) => stdout.includes(control))).toEqual([]);
  });

  it('prints its usage', () => {
    expect(judge(['--help'])).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('Usage: npm run judge -- ') });
  });
});

interface Refusal {
  readonly title: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly status: 1 | 2;
  readonly says: RegExp;
}

/** Refused by the command itself. */
const REFUSALS: readonly Refusal[] = [
  { title: 'an unknown option', args: ['--bogus'], status: 2, says: /Unknown option '--bogus'/ },
  { title: 'an option that needs a file', args: ['--platform', 'openai'], status: 2, says: /--platform speaks of a FILE/ },
  { title: 'a file that is not there', args: ['no-such-file.txt'], status: 1, says: /no-such-file\.txt: there is no such file/ },
  { title: 'a folder', args: ['examples'], status: 1, says: /examples: it is a folder/ },
  { title: 'an empty input', args: ['-'], input: ' \n', status: 1, says: /standard input: it is empty/ },
];

/** Refused by the readers that the command uses. */
const BAD_INPUTS: readonly (readonly [title: string, input: string, says: RegExp])[] = [
  ['an empty array', '[]', /x: there is no capture in it/],
  ['broken JSON', '{"status":', /x: not valid JSON/],
  ['a body alone', '{"error":{}}', /needs "status"/],
  ['a status that is none', '{"status":"429"}', /needs "status"/],
  ['an array of something else', '[1]', /x\[0\]: a capture must be an object/],
  ['headers that are none', '{"status":429,"headers":{"a":{}}}', /header "a" must be a text/],
  ['a list as headers', '{"status":429,"headers":[]}', /"headers" must be an object/],
  ['a status line that is none', 'HTTP/1.1 Oops\n\n', /is not a status line/],
  ['a header line that is none', 'HTTP/1.1 429\nnonsense\n\n', /"nonsense" is not a header line/],
  ['something else', 'hello', /neither a raw HTTP response/],
];

const BAD_OPTIONS: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['-', '--model'], /'--model <value>' argument missing/],
  [['-', '--type', ''], /--type needs a name/],
  [['-', '--at', 'yesterday'], /"yesterday" is not an instant/],
  [['-', '--at', '2026-13-01T00:00:00Z'], /is not an instant/],
];

/** The refusal of a function that must refuse. */
function refusalOf(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('npm run judge refuses', { timeout: PROCESS_MS }, () => {
  it.each(REFUSALS)('$title', ({ args, input, status, says }) => {
    const run = judge(args, input === undefined ? {} : { input });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(says) });
    expect(lines(run.stderr).length).toBe(1);
  });

  it.each(BAD_INPUTS)('%s', (_title, input, says) => {
    expect(refusalOf(() => readAnswers(input, 'x'))).toMatchObject({ exitCode: 1, message: expect.stringMatching(says) });
  });

  it.each(BAD_OPTIONS)('the options %j', (args, says) => {
    expect(refusalOf(() => readOptions(args))).toMatchObject({ exitCode: 2, message: expect.stringMatching(says) });
  });
});

describe('lengths of time', () => {
  it.each([
    [0, '0s'],
    [1, '1s'],
    [479.4, '1s'],
    [59_001, '60s'],
    [60_000, '1m'],
    [61_001, '1m 2s'],
    [3_600_000, '1h'],
    [6_420_001, '1h 48m'],
    [86_400_000, '1d'],
    [470_000_000, '5d 11h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatLength(ms)).toBe(text);
  });
});

describe('whose answer it looks like', () => {
  const captures = readCaptures().filter(({ platform }) => ['anthropic', 'openai', 'gemini', 'antigravity'].includes(platform ?? ''));

  it('is right about the platform of most captures, and never names a wrong type where it names the windows', () => {
    const right = captures.filter((capture) => guessAccount(capture).platform === capture.platform);
    expect(captures.length).toBeGreaterThan(60);
    expect(right.length / captures.length).toBeGreaterThan(0.7);
    const withWindows = captures.filter(({ headers }) => Object.keys(headers).some((name) => /unified|x-codex/i.test(name)));
    expect(withWindows.length).toBeGreaterThan(3);
    for (const capture of withWindows)
      expect(guessAccount(capture)).toEqual({ platform: capture.platform, accountType: capture.accountType });
  });
});
