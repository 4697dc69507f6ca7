/** What happens while somebody reads: news, losses of the connection, filters. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hold, NOW } from '../../support/accounts.js';
import { decision, row } from './sample-pool.js';
import { usePages } from './use-pages.js';

const MINUTE = 60_000;
const pages = usePages();
const many = (count: number) => Array.from({ length: count }, (_, index) => row(`account-${String(index).padStart(3, '0')}`));
const limitedRow = (id: string) => row(id, { health: { rateLimit: hold(NOW + 5 * MINUTE) } });
const visibleRows = (page: Page): Promise<string[]> =>
  page
    .locator('#rows tr')
    .evaluateAll((rows) => rows.filter((one) => !(one as HTMLElement).hidden).map((one) => one.getAttribute('data-id') ?? ''));

describe('news', () => {
  it('changes an account in place: the focus, the scroll and the order stay', async () => {
    const { page, server } = await pages.open({ accounts: many(60) }, { pausedAt: NOW });
    // What does not come with the first frame comes with the next.
    await page.clock.runFor(100);
    await page.getByRole('button', { name: 'account-030' }).focus();
    await page.evaluate(() => document.activeElement?.scrollIntoView({ block: 'center' }));
    await page.waitForFunction(() => window.scrollY > 200);
    const before = await page.evaluate(() => document.activeElement?.getBoundingClientRect().top);
    server.push('accounts', [limitedRow('account-030'), limitedRow('account-031')]);
    await page.locator('tr[data-id=account-031] .status-amber').waitFor();
    const after = await page.evaluate(() => [document.activeElement?.textContent, document.activeElement?.getBoundingClientRect().top]);
    expect(after).toEqual(['account-030', before]);
    expect((await visibleRows(page)).slice(29, 32)).toEqual(['account-029', 'account-030', 'account-031']);
    await page.clock.runFor(300);
    expect(await page.locator('#serving').textContent()).toBe('58');
    await page.clock.runFor(5_000);
    expect(await page.locator('#announcer').textContent()).toBe('account-030: rate limited, account-031: rate limited');
  });

  it('keeps the focus on a link whose cell is drawn anew', async () => {
    const link = { url: 'https://accounts.google.com/verify', trusted: true };
    const error = { generation: 0, credentialRevision: -1, at: NOW, rule: 'r', message: 'verify', link };
    const facts = { health: { errors: new Map([['verification', error]] as const) } };
    const { page, server } = await pages.open({ accounts: [row('a1', facts)] });
    await page.locator('tr a').focus();
    server.push('accounts', [
      row('a1', { health: { ...facts.health, modelRateLimits: new Map([['opus', hold(NOW + 90 * 86_400_000_000)]]) } }),
    ]);
    await page.getByText('Rate limited: opus').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(link.url);
  });

  it('takes an account away that was removed, also when it is open', async () => {
    const { page, server } = await pages.open({ accounts: many(3) });
    await page.getByRole('button', { name: 'account-001' }).click();
    await page.getByRole('dialog').waitFor();
    server.push('removed', ['account-001']);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await visibleRows(page)).toEqual(['account-000', 'account-002']);
    await page.getByText('of 2', { exact: true }).waitFor();
  });

  it('puts accounts that are new where the gateway lists them: by their ids', async () => {
    const { page, server } = await pages.open({ accounts: ['b', 'd', 'f'].map((id) => row(id)) });
    server.push(
      'accounts',
      ['e', 'a', 'g', 'Z', 'c'].map((id) => row(id)),
    );
    await page.locator('#shown', { hasText: '8' }).waitFor();
    expect(await visibleRows(page)).toEqual(['Z', 'a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it('is not lost while the accounts are still being drawn', async () => {
    const { page, server } = await pages.open(
      { accounts: many(200) },
      {
        // No frame is drawn until the test lets it.
        before: async (one) => {
          await one.addInitScript(() => {
            const { requestAnimationFrame: request } = window;
            const held: FrameRequestCallback[] = [];
            const go = () => {
              window.requestAnimationFrame = request;
              for (const work of held) request(work);
            };
            Object.assign(window, { go, requestAnimationFrame: (work: FrameRequestCallback) => held.push(work) });
          });
        },
      },
    );
    expect((await visibleRows(page)).length).toBeLessThan(150);
    server.push('accounts', [limitedRow('account-010'), limitedRow('account-150')]);
    server.push('removed', ['account-151']);
    await page.locator('#serving', { hasText: '197' }).waitFor();
    await page.evaluate(() => (window as unknown as { go(): void }).go());
    await page.locator('#shown', { hasText: '199' }).waitFor();
    const held = page.locator(':is([data-id=account-010], [data-id=account-150]) [data-status=rate_limited]');
    expect(await held.count()).toBe(2);
    expect(await page.locator('tr[data-id=account-151]').count()).toBe(0);
  });

  it('adds accounts and minutes that are new, and updates the running minute', async () => {
    const { page, server } = await pages.open({ accounts: many(2), series: [{ at: NOW, requests: 10, failures: 1 }] });
    server.push('accounts', [row('newcomer')]);
    server.push('series', { at: NOW, requests: 30, failures: 2 });
    server.push('series', { at: NOW + MINUTE, requests: 10, failures: 2 });
    await page.getByRole('button', { name: 'newcomer' }).waitFor();
    expect(await page.locator('#shown').textContent()).toBe('3');
    await page.locator('#requests', { hasText: '40' }).waitFor();
    expect(await page.locator('#failures-of').textContent()).toBe('10.0%');
    expect(await page.getByRole('img').getAttribute('aria-label')).toBe('The last 30 minutes: 40 requests, 4 failed, at most 30 a minute.');
    expect(await page.locator('#chart rect').count()).toBe(4);
  });

  it('shows decisions newest first, 100 at most, leaves an open one alone, and holds still when paused', async () => {
    const { page, server } = await pages.open();
    const ids = () =>
      page.locator('#decision-list > li').evaluateAll((items) => items.map((one) => Number((one as HTMLElement).dataset.id)));
    await page.locator('#decision-list summary').nth(2).click();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (let index = 100; index < 230; index += 1) server.push('decision', decision(String(index)));
    await page.locator('[data-id="229"]').waitFor();
    const shown = await ids();
    expect(shown.slice(0, 2)).toEqual([229, 228]);
    expect(shown).toHaveLength(101);
    expect(shown.at(-1)).toBe(4);
    expect(await page.locator('[data-id="4"] .story').isVisible()).toBe(true);

    await page.getByRole('button', { name: 'Pause' }).click();
    server.push('decision', decision('300'));
    await page.getByRole('button', { name: 'Paused · 1 new' }).waitFor();
    expect((await ids())[0]).toBe(229);
    await page.getByRole('button', { name: 'Paused · 1 new' }).click();
    await page.locator('[data-id="300"]').waitFor();
    expect((await ids())[0]).toBe(300);
  });
});

describe('the connection', () => {
  it('is made anew when it is lost, from a fresh overview and without doubles', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1'), row('gone')] });
    server.script.accounts = [limitedRow('a1'), row('a2')];
    server.script.decisions = [decision('7'), ...server.script.decisions];
    server.drop();
    await page.getByText('Connection lost, trying again').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('tr[data-id=a2]').waitFor();
    expect(await visibleRows(page)).toEqual(['a1', 'a2']);
    expect(server.overviews()).toBe(2);
    expect(await page.locator('#decision-list > li').evaluateAll((items) => items.map((one) => (one as HTMLElement).dataset.id))).toEqual([
      '7',
      '6',
      '5',
      '4',
      '3',
      '2',
      '1',
    ]);
    server.push('accounts', [row('a3')]);
    await page.locator('tr[data-id=a3]').waitFor();
  });

  it('waits longer after each failure, and tries at once when the network is back', async () => {
    const { page, server } = await pages.open({}, { pausedAt: NOW });
    let requests = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/admin/events')) requests += 1;
    });
    await page.route('**/admin/events', (route) => route.abort());
    server.drop();
    await page.getByText('Connection lost, trying again').waitFor();
    const counts: number[] = [];
    // Each wait is twice the one before, by up to a quarter shorter or longer.
    for (const [tooShort, enough] of [
      [0.7, 0.6],
      [1.4, 1.2],
      [2.9, 2.2],
      [5.9, 4.2],
    ] as const) {
      await page.clock.runFor(tooShort * 1_000);
      counts.push(requests);
      await page.clock.runFor(enough * 1_000);
      await expect.poll(() => requests).toBe((counts.length + 1) / 2);
      counts.push(requests);
      await expect.poll(() => page.locator('#connection').getAttribute('data-state')).toBe('waiting');
    }
    expect(counts).toEqual([0, 1, 1, 2, 2, 3, 3, 4]);
    await page.unroute('**/admin/events');
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('is given up when not even a heartbeat comes for 45 s', async () => {
    const { page, server } = await pages.open({}, { pausedAt: NOW, minds: 'silence' });
    await page.clock.runFor(44_000);
    expect(await page.locator('#connection').getAttribute('data-state')).toBe('live');
    await page.clock.runFor(1_500);
    await page.getByText('Connection lost, trying again').waitFor();
    await page.clock.runFor(2_000);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(server.overviews()).toBe(2);
  });
});

describe('the filter', () => {
  it('finds by status and by text, says how many there are, and follows the news', async () => {
    const { page, server } = await pages.open(
      { accounts: [row('anna'), limitedRow('bruno'), row('cleo', { platform: 'openai' })] },
      { pausedAt: NOW },
    );
    await page.getByRole('button', { name: /^Rate limited/ }).click();
    await expect.poll(() => visibleRows(page)).toEqual(['bruno']);
    expect(await page.locator('#shown').textContent()).toBe('1 of 3');
    server.push('accounts', [limitedRow('anna')]);
    await expect.poll(() => visibleRows(page)).toEqual(['anna', 'bruno']);
    await page.clock.runFor(5 * MINUTE + 1);
    await expect.poll(() => visibleRows(page)).toEqual([]);
    expect(await page.getByText('No account is like that.').isVisible()).toBe(true);
    await page.getByRole('button', { name: /^All/ }).click();
    await page.getByRole('searchbox').fill('OpenAI ');
    await page.clock.runFor(200);
    await expect.poll(() => visibleRows(page)).toEqual(['cleo']);
  });
});
