/** 2,000 accounts: soon there, and never in the way. */
import type { Browser, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { type AccountFacts, accountError, hold, NOW, sample } from '../../support/accounts.js';
import { type Row, row } from './sample-pool.js';
import { usePages, type Visit } from './use-pages.js';

const COUNT = 2_000;
const MINUTE = 60_000;
const LONGEST_TASK_MS = 50;
const FIRST_PAINT_MS = 1_000;
/** What other work on the machine adds to a measurement is not the page's: the best of so many counts. */
const ATTEMPTS = 3;
const pages = usePages();

/** An account of everything that there is, by its number. */
function facts(index: number): AccountFacts {
  const usage = new Map([
    ['5h', sample((index % 130) / 100, NOW + (index % 300) * MINUTE + 30_000)],
    ['7d', sample((index % 90) / 100, NOW + (index % 9_000) * MINUTE + 30_000)],
  ]);
  if (index % 7 === 0) return { health: { usage, rateLimit: hold(NOW + (1 + (index % 200)) * MINUTE) } };
  if (index % 11 === 0)
    return { health: { usage, errors: new Map([['credential', accountError({ message: 'Token refresh failed' })]] as const) } };
  if (index % 5 === 0)
    return {
      platform: 'antigravity',
      settings: { tier: 'g1-pro-tier' },
      health: { modelRateLimits: new Map([['claude-sonnet-4-5', hold(NOW + index * MINUTE)]]) },
    };
  return { health: { usage } };
}

const pool = (): readonly Row[] =>
  Array.from({ length: COUNT }, (_, index) => row(`account-${String(index).padStart(4, '0')}`, facts(index)));

/** An event of the browser's trace; times in µs, `tdur` the thread's own time: that of a busy machine's other work is not in it. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly chrome_mojo_event_info?: { readonly mojo_interface_tag?: string } };
}

/** Whether it is a message of this test to the page: to look for an element among 50,000 takes its time. */
const isOfTheTest = ({ args }: TraceEvent): boolean => args?.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession';

/** The best of a few measurements; one that is within the limit is enough. */
async function bestOf(limit: number, measure: () => Promise<number>): Promise<number> {
  const measured: number[] = [];
  while (measured.length < ATTEMPTS && !measured.some((one) => one <= limit)) measured.push(await measure());
  return Math.min(...measured);
}

/** The longest task of the page's own while `work` goes on, in ms. */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const browser = page.context().browser() as Browser;
  await browser.startTracing(page, {
    categories: ['toplevel', 'mojom', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(threadOf));
  const messages = traceEvents.filter(isOfTheTest);
  const tasks = traceEvents.filter(
    (task) =>
      task.name === 'RunTask' &&
      mains.has(threadOf(task)) &&
      !messages.some((one) => threadOf(one) === threadOf(task) && one.ts >= task.ts && one.ts <= task.ts + (task.dur ?? 0)),
  );
  expect(tasks.length).toBeGreaterThan(5);
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}

/** The page with all of the accounts, drawn. */
async function openLarge(): Promise<Visit> {
  const visit = await pages.open({ accounts: pool() });
  await shown(visit.page, String(COUNT));
  return visit;
}

const shown = (page: Page, text: string): Promise<void> => page.locator('#shown', { hasText: text }).waitFor();

it('paints a page of 2,000 accounts within a second', async () => {
  const { page } = await openLarge();
  const first = await bestOf(FIRST_PAINT_MS, async () => {
    await page.reload();
    await shown(page, String(COUNT));
    return page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY);
  });
  expect(first).toBeLessThanOrEqual(FIRST_PAINT_MS);
});

/** What a page of 2,000 accounts does at a time: each opens a page of its own, and measures its longest task. */
const WORKS: Readonly<Record<string, () => Promise<number>>> = {
  async loading() {
    const { page, server } = await pages.open({ accounts: [] });
    server.script.accounts = pool();
    const longest = await longestTask(page, async () => {
      await page.reload();
      await shown(page, String(COUNT));
    });
    expect(await page.locator('#rows tr').count()).toBe(COUNT);
    return longest;
  },
  async filtering() {
    const { page } = await openLarge();
    return longestTask(page, async () => {
      await page.locator('#find').fill('antigravity');
      await shown(page, `of ${COUNT}`);
      await page.locator('#find').fill('');
      await page.locator('#shown', { hasNotText: 'of' }).waitFor();
    });
  },
  async scrolling() {
    const { page } = await openLarge();
    return longestTask(page, async () => {
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await page.locator('tr[data-id=account-1999] .status').waitFor();
    });
  },
  async 'news of 100 accounts'() {
    const { page, server } = await openLarge();
    const limited = pool().slice(0, 100);
    return longestTask(page, async () => {
      server.push(
        'accounts',
        limited.map(({ id }) => row(id, { health: { overload: hold(NOW + 9 * MINUTE) } })),
      );
      await page.locator('tr[data-id=account-0099] [data-status=overloaded]').waitFor();
    });
  },
  async '1,000 accounts that are imported among as many'() {
    const accounts = pool();
    const isThere = (_: Row, index: number) => index % 2 === 0;
    const { page, server } = await pages.open({ accounts: accounts.filter(isThere) });
    await shown(page, String(COUNT / 2));
    const longest = await longestTask(page, async () => {
      server.push(
        'accounts',
        accounts.filter((one, index) => !isThere(one, index)),
      );
      await shown(page, String(COUNT));
    });
    const ids = await page.locator('#rows tr').evaluateAll((rows) => rows.map((one) => (one as HTMLElement).dataset.id));
    expect(ids).toEqual(accounts.map(({ id }) => id));
    return longest;
  },
  async 'ticking, when all texts change at once'() {
    // Everybody has 30 s more than some whole minutes, and the clock ticks then because a hold ends.
    const accounts = [row('first', { health: { rateLimit: hold(NOW + 30_000) } }), ...pool()];
    let asked: number | null = null;
    const now = (): number => {
      asked ??= Date.now();
      return NOW + 25_000 + Date.now() - asked;
    };
    const { page } = await pages.open({ accounts, now });
    await shown(page, String(COUNT + 1));
    const countdown = page.locator('tr[data-id=account-1998] .countdown').first();
    expect(await countdown.textContent()).toBe('3h 18m');
    return longestTask(page, async () => {
      await page.locator('tr[data-id=first] [data-status=active]').waitFor();
      await page.locator('tr[data-id=account-1998] .countdown', { hasText: '3h 17m' }).waitFor({ state: 'attached' });
    });
  },
};

it.each(Object.entries(WORKS))('takes no task of more than 50 ms for: %s', async (_work, measure) => {
  expect(await bestOf(LONGEST_TASK_MS, measure)).toBeLessThanOrEqual(LONGEST_TASK_MS);
});
