/** The project's captured answers, as exchanges, and how a decision compares with a capture's label. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Action } from '../../src/core/action.js';
import type { Decision, Scope } from '../../src/core/decision.js';
import { defineAccount } from '../../src/core/define-account.js';
import type { Exchange } from '../../src/core/exchange.js';

/** One capture, as `examples/captures/README.md` describes it. */
export interface Capture {
  readonly id: string;
  readonly platform: string;
  readonly accountType: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly source: string;
  readonly meaning: string;
  readonly scope: Exclude<Scope, 'credential'>;
  readonly permanence: 'transient' | 'until_reset' | 'needs_human' | 'permanent';
  readonly resetAt: string | null;
  readonly fidelity: string;
}

const FOLDER = new URL('../../examples/captures/', import.meta.url);

/** All captures, by file and in the order of the files. */
export const CAPTURES: readonly Capture[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as readonly Capture[]);

const RELATIVE = 'relative: ';
/** Where an answer tells no time at all. */
const SOME_TIME = Date.UTC(2026, 4, 1, 12);
const SHORTLY_BEFORE_MS = 3_600_000;

/** What the body says of the time left, where it also states the instant: the two must meet. */
const LEFT: readonly RegExp[] = [
  /"resets_in_seconds":\s{0,4}(\d{1,9})/,
  /"quotaResetDelay":\s{0,4}"(?:(\d{1,4})h)?(?:(\d{1,2})m)?(\d{1,2}(?:\.\d{1,9})?)s"/,
];

function timeLeftMs(body: string): number | null {
  const [inSeconds, goDuration] = LEFT.map((pattern) => pattern.exec(body));
  if (inSeconds !== null && inSeconds !== undefined) return Number(inSeconds[1]) * 1000;
  if (goDuration === null || goDuration === undefined) return null;
  const [hours, minutes, seconds] = goDuration.slice(1).map((text) => Number(text ?? 0));
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

function headerOf({ headers }: Capture, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** When a capture arrived: its Date; else the stated reset less the time left, or shortly before it. */
export function receivedAtOf(capture: Capture): number {
  const date = headerOf(capture, 'date');
  if (date !== undefined) return Date.parse(date);
  if (capture.resetAt === null || capture.resetAt.startsWith(RELATIVE)) return SOME_TIME;
  return Math.round(Date.parse(capture.resetAt) - (timeLeftMs(capture.body) ?? SHORTLY_BEFORE_MS));
}

/** The reset of a capture's label; null where it states none. */
export function resetOf(capture: Capture): number | null {
  if (capture.resetAt === null) return null;
  if (!capture.resetAt.startsWith(RELATIVE)) return Date.parse(capture.resetAt);
  return receivedAtOf(capture) + Number.parseFloat(capture.resetAt.slice(RELATIVE.length)) * 1000;
}

/** Captures that no client's request got, but a request for usage or a profile. */
const ASKED_FOR_USAGE: ReadonlySet<string> = new Set(['anthropic-429-usage-endpoint-retry-after-0']);

/** A capture as the exchange of an ordinary account. */
export function exchangeOf(capture: Capture): Exchange {
  const { id, platform, accountType, status, headers, body } = capture;
  return {
    account: defineAccount({ id: 'captured', platform, type: accountType }),
    model: 'a-model',
    response: { status, headers, body },
    receivedAt: receivedAtOf(capture),
    purpose: ASKED_FOR_USAGE.has(id) ? 'usage' : 'request',
  };
}

/** From narrow to wide. Whose fault it is not comes last: nobody is held for it. */
const WIDTH: Readonly<Record<Scope, number>> = {
  request: 0,
  model: 1,
  credential: 2,
  account: 2,
  organization: 3,
  provider: 4,
  network: 5,
};
/** From soft to hard. */
const HARDNESS = { nothing: 0, transient: 1, until_reset: 2, needs_human: 3, permanent: 3 } as const;

function isHold({ type }: Action): boolean {
  return ['set_rate_limited', 'set_overloaded', 'set_temp_unschedulable', 'set_model_rate_limit'].includes(type);
}

function hardnessOf({ actions, verdict, disposition }: Decision): number {
  const all = disposition.type === 'retry' ? [...actions, ...disposition.otherwise] : actions;
  if (all.some(({ type }) => type === 'set_error')) return HARDNESS.needs_human;
  if (!all.some(isHold)) return HARDNESS.nothing;
  return verdict.resetAt === null ? HARDNESS.transient : HARDNESS.until_reset;
}

/** How a decision compares with a label. */
export interface Comparison {
  readonly scope: 'same' | 'narrower' | 'wider';
  readonly permanence: 'same' | 'softer' | 'harder';
  readonly reset: 'same' | 'none' | 'other';
}

const RESET_TOLERANCE_MS = 2_000;

function compareScope(label: Capture['scope'], scope: Scope): Comparison['scope'] {
  const difference = WIDTH[scope] - WIDTH[label];
  return difference === 0 ? 'same' : difference < 0 ? 'narrower' : 'wider';
}

/** An account can only be held for what it did: a label about anything else wants nothing of it, or a short rest. */
function comparePermanence(capture: Capture, decision: Decision): Comparison['permanence'] {
  const hardness = hardnessOf(decision);
  const isOurs = ['model', 'account', 'organization'].includes(capture.scope) && capture.status >= 400;
  if (!isOurs) return hardness <= HARDNESS.transient ? 'same' : 'harder';
  const wanted = HARDNESS[capture.permanence];
  if (hardness > wanted) return 'harder';
  // Capacity that is waited for, and a limit that states no end, are held for a moment or not at all.
  const least = capture.permanence === 'until_reset' && capture.resetAt === null ? HARDNESS.transient : wanted;
  return hardness >= least || capture.permanence === 'transient' ? 'same' : 'softer';
}

function compareReset(capture: Capture, decision: Decision): Comparison['reset'] {
  const wanted = capture.status >= 400 ? resetOf(capture) : null;
  if (wanted === null) return 'same';
  const { resetAt } = decision.verdict;
  if (resetAt === null) return 'none';
  return Math.abs(resetAt - wanted) <= RESET_TOLERANCE_MS ? 'same' : 'other';
}

/** The difference in words; empty where there is none. */
export function inWords({ scope, permanence, reset }: Comparison): string {
  const words = [scope, permanence, reset === 'same' ? 'same' : `${reset} reset`.replace('none reset', 'no reset')];
  return words.filter((word) => word !== 'same').join(', ');
}

/** Compares a decision with the label of its capture. */
export function compare(capture: Capture, decision: Decision): Comparison {
  // A healthy answer, of which only headers were published, speaks of its account; the decision is about the request.
  const isHealthy = decision.verdict.kind === 'ok' && capture.body === '';
  return {
    scope: isHealthy ? 'same' : compareScope(capture.scope, decision.verdict.scope),
    permanence: comparePermanence(capture, decision),
    reset: compareReset(capture, decision),
  };
}
