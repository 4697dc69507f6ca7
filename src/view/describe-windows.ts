/** Usage windows as bars. */
import type { Account, AccountType } from '../core/account.js';
import type { UsageSample } from '../core/health.js';
import { compareText } from '../core/order.js';
import { currentSessionWindow, usedByStatus } from '../core/session-window.js';
import type { EpochMs } from '../core/time.js';
import type { UsageInfo } from '../core/usage-info.js';
import { isWindowOver, toPercent, usageNow } from '../core/usage-now.js';
import { formatCountdown } from './format-countdown.js';
import type { Tone } from './tone.js';

/** One window, or one model's quota. */
export interface WindowView {
  /** The window (`5h`, `7d` …) or the model. */
  readonly name: string;
  /** The fraction that is used; it may exceed 1. */
  readonly utilization: number;
  /** The rounded percentage, `>999%` above 999. */
  readonly percentText: string;
  /** The bar's length, 0 to 100. */
  readonly bar: number;
  readonly tone: Tone;
  /** When it resets; null where that is unknown, or over. */
  readonly resetAt: EpochMs | null;
  /** The time until then (`formatCountdown`). */
  readonly countdown: string;
}

/** From this percentage on a bar has this tone (behaviour 3.3). */
const TONES: readonly (readonly [fromPercent: number, tone: Tone])[] = [
  [100, 'red'],
  [80, 'amber'],
];
const MAX_PERCENT = 999;

/** The order of the windows that have one; all others follow by name. */
const ORDER: readonly string[] = ['5h', '7d', '30d', '7d_oi', '7d_opus', '7d_sonnet'];

const SESSION = '5h';
/** Accounts that always have a session window. */
const SUBSCRIPTIONS: readonly AccountType[] = ['oauth', 'setup_token'];
/** A window as a bar; once it is over, nothing is used of it any more. Total, pure. */
export function viewWindow(name: string, sample: Pick<UsageSample, 'utilization' | 'resetAt'>, now: EpochMs): WindowView {
  const utilization = Math.max(usageNow(sample, now) || 0, 0);
  const percent = toPercent(utilization);
  const rounded = Math.round(percent);
  return {
    name,
    utilization,
    percentText: rounded > MAX_PERCENT ? `>${MAX_PERCENT}%` : `${rounded}%`,
    bar: Math.min(percent, 100),
    tone: TONES.find(([from]) => percent >= from)?.[1] ?? 'green',
    resetAt: isWindowOver(sample, now) ? null : sample.resetAt,
    countdown: formatCountdown(sample.resetAt, utilization, now),
  };
}

/** The session window: its sample while that speaks of the running one, else what its status says of it. */
function viewSession(account: Account, sample: UsageSample | undefined, now: EpochMs): WindowView {
  const session = currentSessionWindow(account.health, now);
  const isCurrent = sample !== undefined && !isWindowOver(sample, now) && (sample.resetAt ?? session) !== null;
  if (isCurrent && sample.utilization !== null) {
    return viewWindow(SESSION, { utilization: sample.utilization, resetAt: sample.resetAt ?? session?.end ?? null }, now);
  }
  if (session === null) return viewWindow(SESSION, { utilization: 0, resetAt: sample?.resetAt ?? null }, now);
  return viewWindow(SESSION, { utilization: usedByStatus(session.status), resetAt: session.end }, now);
}

/** The newest sample of each window, of the account's own and the quota endpoint's. */
function newest(account: Account, usage: UsageInfo | null): Map<string, UsageSample> {
  const samples = new Map(account.health.usage);
  for (const [name, sample] of usage?.windows ?? []) {
    const own = samples.get(name);
    if (own === undefined || own.sampledAt <= sample.sampledAt) samples.set(name, sample);
  }
  return samples;
}

function rank(name: string): number {
  const index = ORDER.indexOf(name);
  return index === -1 ? ORDER.length : index;
}

function isKnown(sample: UsageSample, now: EpochMs): boolean {
  return sample.resetAt !== null || (usageNow(sample, now) ?? 0) > 0;
}

/** The account's usage windows. A window of which neither use nor reset is known is left out, but the session window of a subscription. Total, pure. */
export function describeWindows(account: Account, usage: UsageInfo | null, now: EpochMs): readonly WindowView[] {
  const samples = newest(account, usage);
  const hasSession = account.platform === 'anthropic' && SUBSCRIPTIONS.includes(account.type);
  const session = hasSession ? [viewSession(account, samples.get(SESSION), now)] : [];
  if (hasSession) samples.delete(SESSION);
  const known = [...samples].filter(([, sample]) => isKnown(sample, now));
  const others = known.map(([name, sample]) => viewWindow(name, sample, now));
  return [...session, ...others].sort((a, b) => rank(a.name) - rank(b.name) || compareText(a.name, b.name));
}

/** The quotas by model that the quota endpoint told, by name. Total, pure. */
export function describeModels(usage: UsageInfo | null, now: EpochMs): readonly WindowView[] {
  const models = [...(usage?.models ?? [])].sort(([a], [b]) => compareText(a, b));
  return models.map(([name, sample]) => viewWindow(name, sample, now));
}
