/** Countdowns and badges follow the clock, and the clock rests while it has nothing to do. */

import type { Page } from 'playwright-core';
import { type AccountView, formatCountdown } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import { accountStatus } from '../../../src/core/account-status.js';
import { type AccountFacts, account, accountError, hold, NOW, policyOf, sample } from '../../support/accounts.js';
import { row } from './sample-pool.js';
import { usePages } from './use-pages.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const pages = usePages();

/** What the page's own modules export. */
interface Countdown {
  readonly formatCountdown: typeof formatCountdown;
}
interface ViewNow {
  readonly statusNow: (view: AccountView, now: number) => string;
}

const using = (used: number, resetAt: number | null): AccountFacts => ({
  platform: 'openai',
  health: { usage: new Map([['5h', sample(used, resetAt)]]) },
});
const countdown = (page: Page): Promise<string | null> => page.locator('.countdown').first().textContent();
const statusOf = async (page: Page, id: string): Promise<string> =>
  (await page.locator(`tr[data-id=${id}] .status-line`).textContent()) ?? '';

/** Remembers the page's running timers that are the clock's. */
async function watchTimers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const running = new Set<number>();
    Object.assign(window, { ticking: () => running.size });
    const { setTimeout: set, clearTimeout: clear } = window;
    window.setTimeout = ((work: () => void, wait: number) => {
      const id = set(() => {
        running.delete(id);
        work();
      }, wait);
      if (work.name === 'tick') running.add(id);
      return id;
    }) as typeof window.setTimeout;
    window.clearTimeout = (id) => {
      running.delete(Number(id));
      clear(id);
    };
  });
}

const ticking = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { ticking(): number }).ticking());

/** Hides the tab, or shows it again. */
function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

describe('the text of a countdown', () => {
  it('is the one of poolwarden, for every length of time, used or not', async () => {
    const left = [
      null,
      Number.NaN,
      -DAY,
      -1,
      0,
      1,
      SECOND,
      MINUTE - 1,
      MINUTE,
      59 * MINUTE + 59_999,
      HOUR - 1,
      HOUR,
      90 * MINUTE,
      DAY - 1,
      DAY,
      DAY + HOUR - 1,
      3 * DAY + 4 * HOUR + 59 * MINUTE,
      400 * DAY,
    ];
    const cases = left.flatMap((one) => [0, 0.4, 1.2, -1].map((used) => [one === null ? null : NOW + one, used] as const));
    const { page } = await pages.open();
    const countdownModule = await page.evaluateHandle<Countdown>("import('/page/countdown.js')");
    const texts = await countdownModule.evaluate(
      (module: Countdown, { all, now }) => all.map(([resetAt, used]) => module.formatCountdown(resetAt, used, now)),
      { all: cases, now: NOW },
    );
    expect(texts).toEqual(cases.map(([resetAt, used]) => formatCountdown(resetAt, used, NOW)));
    expect(new Set(texts).size).toBe(12);
  });
});

describe('the status as time goes on', () => {
  it('is the one of poolwarden, whichever holds end first', async () => {
    const ends = [NOW + MINUTE, NOW + HOUR, NOW + 2 * HOUR];
    const facts: readonly AccountFacts[] = ends.flatMap((rate) =>
      ends.flatMap((over) =>
        ends.map((pause) => ({
          health: {
            rateLimit: hold(rate),
            overload: hold(over, { kind: 'overload' as const }),
            temporary: hold(pause, { kind: 'temporary' as const }),
          },
        })),
      ),
    );
    const all = [
      ...facts,
      { settings: { enabled: false }, health: { rateLimit: hold(NOW + MINUTE) } },
      { health: { temporary: hold(NOW + MINUTE), errors: new Map([['custom', accountError()]] as const) } },
    ];
    const times = [NOW, NOW + MINUTE, NOW + 90 * MINUTE, NOW + 3 * HOUR];
    const { page } = await pages.open();
    const viewModule = await page.evaluateHandle<ViewNow>("import('/page/view-now.js')");
    const shown = await viewModule.evaluate(
      (module: ViewNow, { views, at }) => views.map((view) => at.map((now) => module.statusNow(view, now))),
      { views: all.map((one) => row('a1', one).view), at: times },
    );
    const expected = all.map((one) => times.map((now) => accountStatus(account(one), now, policyOf({}))));
    expect(shown).toEqual(expected);
    expect(new Set(expected.flat())).toEqual(new Set(['active', 'rate_limited', 'overloaded', 'temp_unschedulable', 'disabled', 'error']));
  });
});

describe('the clock', () => {
  it('ticks every 60 s, down to "pending refresh", and is right to the instant at an end', async () => {
    const { page } = await pages.open({ accounts: [row('a1', using(0.42, NOW + 62 * MINUTE + 30 * SECOND))] }, { pausedAt: NOW });
    expect(await countdown(page)).toBe('1h 2m');
    await page.clock.runFor(59 * SECOND);
    expect(await countdown(page)).toBe('1h 2m');
    await page.clock.runFor(SECOND);
    expect(await countdown(page)).toBe('1h 1m');
    await page.clock.runFor(2 * MINUTE);
    expect(await countdown(page)).toBe('59m');
    await page.clock.runFor(59 * MINUTE + 29 * SECOND);
    expect(await countdown(page)).toBe('0m');
    await page.clock.runFor(SECOND + 1);
    expect(await countdown(page)).toBe('pending refresh');
    expect(await page.locator('.track').getAttribute('aria-valuetext')).toBe('42% used, pending refresh');
  });

  it('goes by the time of the gateway when the computer’s own is wrong', async () => {
    const { page } = await pages.open({ accounts: [row('a1', using(0.42, NOW + 62 * MINUTE))] }, { pausedAt: NOW - 3 * DAY });
    expect(await countdown(page)).toBe('1h 2m');
  });

  it('lets badges and states end with it, also those shorter than a tick', async () => {
    const accounts = [
      row('short', { health: { rateLimit: hold(NOW + 5 * SECOND) } }),
      row('model', { health: { modelRateLimits: new Map([['opus', hold(NOW + 90 * SECOND)]]) } }),
      row('long', { health: { rateLimit: hold(NOW + 5 * SECOND), overload: hold(NOW + 9 * MINUTE) } }),
    ];
    const { page } = await pages.open({ accounts }, { pausedAt: NOW });
    expect(await statusOf(page, 'short')).toBe('Rate limitedfor under a minute');
    await page.clock.runFor(4 * SECOND);
    expect(await statusOf(page, 'short')).toBe('Rate limitedfor under a minute');
    await page.clock.runFor(SECOND + 1);
    expect(await statusOf(page, 'short')).toBe('Active');
    expect(await statusOf(page, 'long')).toBe('Overloadedfor 8m');
    expect(await page.locator('#serving').textContent()).toBe('2');
    expect(await page.locator('tr[data-id=model] .pill').count()).toBe(1);
    await page.clock.runFor(85 * SECOND);
    expect(await page.locator('tr[data-id=model] .pill').count()).toBe(0);
  });

  it('does not run while nothing is counting, runs when something does, and stops again', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1', using(0.42, null))] }, { pausedAt: NOW, before: watchTimers });
    expect(await ticking(page)).toBe(0);
    server.push('accounts', [row('a1', using(0.42, NOW + 90 * SECOND))]);
    await page.getByText('1m', { exact: true }).waitFor();
    await page.clock.runFor(300);
    expect(await ticking(page)).toBe(1);
    await page.clock.runFor(60 * SECOND);
    expect(await countdown(page)).toBe('0m');
    expect(await ticking(page)).toBe(1);
    await page.clock.runFor(31 * SECOND);
    expect(await countdown(page)).toBe('pending refresh');
    expect(await ticking(page)).toBe(0);
  });

  it('does not run while the tab is hidden, and is right at once when it comes back', async () => {
    const accounts = [row('a1', using(0.42, NOW + 5 * HOUR)), row('a2', { health: { rateLimit: hold(NOW + HOUR) } })];
    const { page } = await pages.open({ accounts }, { pausedAt: NOW, before: watchTimers });
    expect(await ticking(page)).toBe(1);
    await setHidden(page, true);
    expect(await ticking(page)).toBe(0);
    await page.clock.runFor(2 * HOUR);
    expect(await countdown(page)).toBe('5h 0m');
    await setHidden(page, false);
    expect(await countdown(page)).toBe('3h 0m');
    expect(await statusOf(page, 'a2')).toBe('Active');
    expect(await ticking(page)).toBe(1);
  });

  it('asks the gateway anew when the credits are back, because only that knows whether they pass a limit', async () => {
    const limits = new Map([
      ['opus', hold(NOW + 2 * HOUR)],
      ['AICredits', hold(NOW + 30 * SECOND, { kind: 'credits' })],
    ]);
    const facts: AccountFacts = { platform: 'antigravity', settings: { allowOverages: true }, health: { modelRateLimits: limits } };
    const { page, server } = await pages.open({ accounts: [row('a1', facts)] }, { pausedAt: NOW });
    expect(await page.locator('.badges .pill').allTextContents()).toEqual(['AI credits used up', 'Rate limited: opus']);
    server.script.accounts = [row('a1', facts, null, NOW + 30 * SECOND)];
    await page.clock.runFor(30 * SECOND + 1);
    await page.getByText('⚡ opus').waitFor();
    expect(await page.locator('.badges .pill').count()).toBe(1);
  });
});
