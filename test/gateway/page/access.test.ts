/** For everybody: names and roles, contrast, keyboard, a phone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NOW } from '../../support/accounts.js';
import type { AdminCall } from './page-server.js';
import { usePages } from './use-pages.js';

const pages = usePages();

/** Texts whose contrast with what lies behind them is less than 4.5:1, and how many were measured. */
function measureContrast(page: Page): Promise<{ readonly measured: number; readonly weak: readonly string[] }> {
  return page.evaluate(() => {
    const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('no canvas');
    /** Any CSS colour over another, as the browser mixes them. */
    const mix = (colors: readonly string[]): readonly number[] => {
      context.clearRect(0, 0, 1, 1);
      for (const color of colors) {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (color: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = color.map((part) =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const weak: string[] = [];
    let measured = 0;
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const text = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent?.trim())
        .join('');
      if (text === '' || !element.checkVisibility() || element.closest('.visually-hidden, svg') !== null) continue;
      const grounds: string[] = [];
      for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
      const [front, back] = [mix([...grounds, getComputedStyle(element).color]), mix(grounds)].map(luminance);
      const ratio = (Math.max(front ?? 0, back ?? 0) + 0.05) / (Math.min(front ?? 0, back ?? 0) + 0.05);
      measured += 1;
      if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${element.className} ${text.slice(0, 40)}`);
    }
    return { measured, weak };
  });
}

/** Everything that can be operated or tells something by a role, but has no name. */
function findNameless(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element): string => {
      const by = element.getAttribute('aria-labelledby') ?? '';
      const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent);
      return [element.getAttribute('aria-label'), document.getElementById(by)?.textContent, ...labels, element.textContent].join('').trim();
    };
    const selector =
      'a[href], button, input, textarea, [role=meter], [role=img], table, fieldset, nav, section, dialog[open], [role=table]';
    return [...document.querySelectorAll(selector)].filter((one) => nameOf(one) === '').map((one) => one.outerHTML.slice(0, 120));
  });
}

/** What the gateway refuses in every dialog, at as many places as there are. */
const REFUSING = {
  answer: ({ method, path }: AdminCall) => {
    const issues = [
      { path: path === '/admin/accounts' ? '0.id' : 'credentials.refresh_token', message: 'must have no blanks' },
      { path: '', message: 'must be somewhat shorter' },
    ];
    return { status: 400, body: { error: { message: 'It was not taken.', issues: method === 'DELETE' ? [] : issues } } };
  },
};

/** Each dialog as a person meets it: filled in, and refused. */
const DIALOGS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async import(page) {
    await page.locator('#import').click();
    await page.getByText('An example').click();
    await page.locator('#import-text').fill(`[{"id":"${'a-long-name.'.repeat(9)}"}]`);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.locator('.problems li').first().waitFor();
  },
  async credentials(page) {
    await page.getByRole('button', { name: 'gravity-pro-2' }).click();
    await page.getByText('New credentials').click();
    await page.getByRole('button', { name: 'Replace credentials' }).click();
    await page.getByText('It was not taken').waitFor();
  },
  async delete(page) {
    await page.getByRole('button', { name: 'gravity-pro-2' }).click();
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('It was not taken').waitFor();
  },
};

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('has enough contrast in every view, and a name for everything', async () => {
    const { page } = await pages.open({}, { context: { colorScheme }, pausedAt: NOW });
    await page.locator('#decision-list summary').first().click();
    await page.locator('#decision-list .story details summary').click();
    const accounts = await measureContrast(page);
    expect(accounts.weak).toEqual([]);
    expect(accounts.measured).toBeGreaterThan(120);
    await page.getByRole('button', { name: 'gravity-ultra' }).click();
    expect((await measureContrast(page)).weak).toEqual([]);
    expect(await findNameless(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.locator('#overload-cooldownMinutes').fill('0');
    await page.locator('#rateLimitFallback-cooldownSeconds-on').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    const settings = await measureContrast(page);
    expect(settings.weak).toEqual([]);
    expect(settings.measured).toBeGreaterThan(15);
  });

  it.each(Object.entries(DIALOGS))('has them also in the dialog: %s', async (_dialog, open) => {
    const { page } = await pages.open(REFUSING, { context: { colorScheme }, pausedAt: NOW });
    await open(page);
    const { weak, measured } = await measureContrast(page);
    expect(weak).toEqual([]);
    expect(measured).toBeGreaterThan(120);
    expect(await findNameless(page)).toEqual([]);
  });
});

describe('a screen reader', () => {
  it('hears a table with heads, rows and named bars, although the style makes grids of it', async () => {
    const { page } = await pages.open({}, { pausedAt: NOW });
    const table = page.getByRole('table', { name: /^Accounts/ });
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['Account', 'Platform', 'Status', 'Usage', 'Last used']);
    expect(await table.getByRole('row').count()).toBe(14);
    const bruno = table.getByRole('row', { name: /claude-bruno/ });
    expect(await bruno.getByRole('cell').count()).toBe(4);
    expect(await bruno.getByRole('rowheader', { name: 'claude-bruno' }).count()).toBe(1);
    const bar = bruno.getByRole('meter', { name: '5h' });
    expect(await bar.getAttribute('aria-valuetext')).toBe('102% used, resets in 2h 13m');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('h1:visible').count()).toBe(1);
  });
});

describe('the keyboard', () => {
  it('reaches and operates everything, and the focus can be seen', async () => {
    const { page } = await pages.open({}, { pausedAt: NOW });
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
    const seen: (string | undefined)[] = [];
    for (let press = 0; press < 14; press += 1) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
    }
    expect(seen).toEqual([
      'Skip to the content',
      'Accounts',
      'Decisions',
      'Settings',
      'Sign out',
      'Import accounts',
      'find',
      'All 13',
      'Active 6',
      'Rate limited 1',
      'Overloaded 1',
      'Error 4',
      'Switched off 1',
      'claude-anna',
    ]);
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog', { name: 'claude-anna Active' }).count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('claude-anna');
    await page.locator('#decision-list summary').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.story').first().waitFor();
  });
});

describe('a phone', () => {
  it('shows cards, in every view without scrolling sideways, with all that the table says', async () => {
    const { page } = await pages.open(
      {},
      { context: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }, pausedAt: NOW },
    );
    expect(await overflow(page)).toBe(0);
    const card = page.locator('tr[data-id=claude-bruno]');
    for (const part of ['.account-name', '.platform', '.status', '.usage-bar >> nth=1', '.usage-bar .window >> nth=0'])
      expect(await card.locator(part).isVisible()).toBe(true);
    expect((await card.boundingBox())?.height).toBeGreaterThan(100);
    for (const view of ['Decisions', 'Settings']) {
      await page.getByRole('link', { name: view }).click();
      expect(await overflow(page)).toBe(0);
    }
    await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('button', { name: 'gravity-free-2' }).click();
    const panel = page.getByRole('dialog');
    expect(await panel.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
  });

  it.each(Object.entries(DIALOGS))('shows all of the dialog without scrolling sideways: %s', async (_dialog, open) => {
    const { page } = await pages.open(REFUSING, {
      context: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
      pausedAt: NOW,
    });
    await open(page);
    const beyond = await page.locator('dialog[open]').evaluateAll((dialogs) =>
      dialogs.map((dialog) => {
        const { left, right, bottom } = dialog.getBoundingClientRect();
        return [dialog.scrollWidth > dialog.clientWidth, left < 0, right > window.innerWidth, bottom > window.innerHeight];
      }),
    );
    expect(new Set(beyond.flat())).toEqual(new Set([false]));
    expect(await overflow(page)).toBe(0);
  });

  it('shows no text beyond its box, nor does any wider window', async () => {
    const { page } = await pages.open({}, { pausedAt: NOW });
    for (const width of [360, 640, 641, 800, 901, 1024, 1319, 1320]) {
      await page.setViewportSize({ width, height: 2_000 });
      expect(await overflow(page)).toBe(0);
      const beyond = await page
        .locator('#rows :is(td, th)')
        .evaluateAll((cells) => cells.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent));
      expect([width, beyond]).toEqual([width, []]);
    }
  });
});
