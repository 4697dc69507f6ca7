import { defineAccount, type EpochMs, readSignal } from 'poolwarden';
import { type Answer, headerOf, type Placed } from './answer.js';
import { guessAccount } from './guess-account.js';
import type { JudgeOptions } from './options.js';

/** The model that is asked for where nothing says another; other platforms: none. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['anthropic', 'claude-sonnet-4-5'],
  ['openai', 'gpt-5'],
  ['gemini', 'gemini-2.5-pro'],
  ['antigravity', 'gemini-3-pro'],
]);

const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

type Undated = Omit<Placed, 'receivedAt'>;

function whose(answer: Answer, options: JudgeOptions): Undated {
  const guess = guessAccount(answer);
  const platform = options.platform ?? answer.platform ?? guess.platform;
  const type = options.type ?? answer.accountType;
  return {
    answer,
    platform,
    accountType: type ?? guess.accountType,
    isGuess: type === null || (options.platform ?? answer.platform) === null,
    model: options.model ?? answer.model ?? MODELS.get(platform) ?? null,
  };
}

/** The wait that a body states beside its absolute reset, else an hour: so long before the reset did the answer come. */
function waitOf({ answer, platform, accountType, model }: Undated, resetAt: EpochMs): number {
  const account = defineAccount({ id: answer.id, platform, type: accountType });
  const { status, headers, body } = answer;
  return readSignal({ account, model, response: { status, headers, body }, receivedAt: resetAt - HOUR_MS }).bodyLimits?.delayMs ?? HOUR_MS;
}

/** When an answer came, as far as it says itself: its Date header, else shortly before the reset of its label. */
function ownInstant(undated: Undated): EpochMs | null {
  const date = Date.parse(headerOf(undated.answer, 'date') ?? '');
  if (!Number.isNaN(date)) return date;
  const resetAt = Date.parse(undated.answer.resetAt ?? '');
  return Number.isNaN(resetAt) ? null : resetAt - Math.ceil(waitOf(undated, resetAt));
}

/**
 * Gives each answer its account and its instant, in time order. Those that name no instant follow the latest one that does, a second apart; where none
 * does, they came at `now`.
 */
export function placeAnswers(answers: readonly Answer[], options: JudgeOptions, now: EpochMs): readonly Placed[] {
  const undated = answers.map((answer) => whose(answer, options));
  const instants = undated.map((one) => options.at ?? ownInstant(one));
  const known = instants.filter((instant) => instant !== null);
  let next = known.length === 0 ? now - SECOND_MS : Math.max(...known);
  const placed = undated.map((one, at) => {
    const own = instants[at] ?? null;
    if (own === null) next += SECOND_MS;
    return { ...one, receivedAt: own ?? next };
  });
  return placed.sort((a, b) => a.receivedAt - b.receivedAt);
}
