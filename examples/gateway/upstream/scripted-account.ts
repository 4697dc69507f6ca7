/** One account as the scripted upstream sees it: how often it was asked, and what its next request meets. */
import type { Request } from './read-asked.js';
import { type Scenario, type Step, stepOf } from './scenarios.js';

/** The state of an account's script. */
export interface Script {
  readonly scenario: Scenario;
  /** Requests that its spans have counted. */
  counted: number;
  answered: number;
  readonly windowEnd: number;
}

const WINDOW_MS = 5 * 3_600_000;
const REQUESTS_A_WINDOW = 400;

/** Begins a script; its 5-hour window began two hours ago. */
export function beginScript(scenario: Scenario, now: number): Script {
  return { scenario, counted: 0, answered: 0, windowEnd: now + WINDOW_MS - 2 * 3_600_000 };
}

/** How much of the window is used, 0 to 0.95: a script that wants it spent says so itself. */
export function usedFraction({ answered }: Script): number {
  return Math.min(0.95, 0.1 + answered / REQUESTS_A_WINDOW);
}

/** What this request meets; counts it. */
export function nextStep(script: Script, { model, withCredits }: Pick<Request, 'model' | 'withCredits'>): Step {
  const span = stepOf(script.scenario.spans, script.counted);
  if (span.model !== undefined && !model.includes(span.model)) return { type: 'answer' };
  script.counted += 1;
  return withCredits && span.withCredits !== undefined ? span.withCredits : span.step;
}
