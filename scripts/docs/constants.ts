import { KEPT_MS } from '../../src/core/compact-health.js';
import { CAPACITY_ATTEMPTS, CAPACITY_WAIT_MS, SHORT_WAIT_MS } from '../../src/core/course.js';
import { CREDITS_EXHAUSTED_WORDS, CREDITS_HOLD_MS } from '../../src/core/credits.js';
import { MAX_MODEL_CELLS, MAX_STRIKES } from '../../src/core/health.js';
import { MODEL_FAMILIES } from '../../src/core/model-keys.js';
import { DEFAULT_SETTINGS, SETTING_RANGES, type SettingRange } from '../../src/core/policy.js';
import { MAX_BODY_BYTES } from '../../src/core/read-body.js';
import { SAMPLE_LIFETIME_MS } from '../../src/core/scheduling-threshold.js';
import { kindOfStatus } from '../../src/core/status-kind.js';
import { STATUS_OF_ERROR } from '../../src/core/stream-status.js';
import { CEILINGS, MIN_HOLD_MS } from '../../src/core/until.js';
import { DEFAULT_VERIFICATION_HOSTS } from '../../src/core/verification-link.js';
import { CODEX_WINDOWS } from '../../src/providers/openai-limits.js';
import { formatLength } from '../judge/length.js';
import { code, markdownTable } from './markdown-table.js';

/** What each ceiling bounds. */
const CEILING_NOTES: Readonly<Record<keyof typeof CEILINGS, string>> = {
  stated: 'Retry-After, RetryInfo, `quotaResetDelay`, `resets_at`, a length in a sentence',
  week: 'the reset of a weekly window, and the aggregate reset',
  session: 'the reset of the 5-hour window, and the aggregate reset that speaks of it',
  date: 'monthly and spend windows, and a date in words',
};

function lengths(): string {
  return markdownTable(
    ['what', 'length'],
    [
      ...Object.entries(CEILINGS).map(([name, ms]) => [
        `longest hold by ${CEILING_NOTES[name as keyof typeof CEILINGS]}`,
        formatLength(ms),
      ]),
      ['shortest hold', formatLength(MIN_HOLD_MS)],
      ['AI credits used up', formatLength(CREDITS_HOLD_MS)],
      ['a stated wait below this is waited for with the same account: Antigravity', formatLength(SHORT_WAIT_MS.antigravity)],
      ['the same, every other platform', formatLength(SHORT_WAIT_MS.others)],
      [`wait for capacity, while the attempt is below ${CAPACITY_ATTEMPTS}`, formatLength(CAPACITY_WAIT_MS)],
      ['a sample older than this pauses nothing', formatLength(SAMPLE_LIFETIME_MS)],
      ['`compactHealth` keeps what is over for', formatLength(KEPT_MS)],
    ],
  );
}

function counts(): string {
  return markdownTable(
    ['what', 'at most'],
    [
      ['bytes of a body that are read', String(MAX_BODY_BYTES)],
      ['model limits of an account', String(MAX_MODEL_CELLS)],
      ['strikes kept of a kind', String(MAX_STRIKES)],
    ],
  );
}

function windows(): string {
  const codex = CODEX_WINDOWS.map(({ name, upToMinutes, ceilingMs }) => [
    code(name),
    Number.isFinite(upToMinutes) ? `${upToMinutes} min` : 'any longer one',
    formatLength(ceilingMs),
  ]);
  const families = MODEL_FAMILIES.map(({ window, key, word }) => [code(window), code(key), code(word)]);
  return `Codex windows by their length:

${markdownTable(['window', 'length up to', 'longest hold'], codex)}

Anthropic's windows of one model family:

${markdownTable(['window', 'key of its limit', 'models whose name contains'], families)}`;
}

function settings(): string {
  const defaultOf = (path: SettingRange): unknown =>
    path.split('.').reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], DEFAULT_SETTINGS);
  const rows = Object.entries(SETTING_RANGES).map(([path, { min, max }]) => {
    const value = defaultOf(path as SettingRange);
    return [code(path), typeof value === 'number' ? String(value) : 'none', `${min} to ${max}`];
  });
  return markdownTable(['setting', 'default', 'range'], rows);
}

function listed(texts: readonly string[]): string {
  return texts.map((text) => `- ${code(text)}`).join('\n');
}

/** What each status means where no rule says more, as lines of a list. */
function statusKinds(): string {
  const byKind = new Map<string, number[]>();
  for (let status = 400; status <= 599; status += 1) {
    const kind = kindOfStatus(status);
    byKind.set(kind, [...(byKind.get(kind) ?? []), status]);
  }
  const lines = [...byKind]
    .filter(([kind]) => kind !== 'unknown' && kind !== 'upstream_error')
    .map(([kind, statuses]) => `- ${code(kind)}: ${statuses.join(', ')}`);
  return [...lines, `- ${code(kindOfStatus(500))}: every other 5xx`, `- ${code(kindOfStatus(499))}: every other 4xx`].join('\n');
}

/** The constants behind the rules, each table read from where the code reads it. */
export function constantsText(): string {
  return `## What the status alone says

The kind of a verdict "by status":

${statusKinds()}

## Errors inside a stream

An answer of status 200 whose first event is an error is judged under the status that the error has elsewhere:

${markdownTable(
  ['type or code', 'status'],
  [...STATUS_OF_ERROR].map(([error, status]) => [code(error), String(status)]),
)}

## Constants

${lengths()}

${counts()}

A stated end that lies in the past or beyond its ceiling counts as absent: the next weaker source decides, and the event \`reset_out_of_bounds\` says so.

## Windows

${windows()}

## Settings

[policy.md](policy.md) says what each one does.

${settings()}

## Lists

An answer to a request with credits that says one of these has found the credits used up:

${listed(CREDITS_EXHAUSTED_WORDS)}

Verification links on these hosts are trusted:

${listed(DEFAULT_VERIFICATION_HOSTS)}
`;
}
