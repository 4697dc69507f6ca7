/** Signing in, the settings, and what a person does with an account. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NOW, sample } from '../../support/accounts.js';
import { usageInfo } from '../../support/usage-info.js';
import { TOKEN } from './page-server.js';
import { row } from './sample-pool.js';
import { usePages } from './use-pages.js';

const pages = usePages();
const feedback = (page: Page): Promise<string | null> => page.locator('#settings .feedback').textContent();

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor();
}

describe('the token', () => {
  it('is asked for once a tab, refused when wrong, and forgotten when the gateway no longer knows it', async () => {
    const { page, server } = await pages.open({}, { signIn: false });
    expect(await page.locator('#app').isVisible()).toBe(false);
    const submit = page.getByRole('button', { name: 'Open the pool' });
    await submit.click();
    expect(await page.getByRole('alert').textContent()).toBe('Enter the token that the gateway printed.');
    await page.getByLabel('Admin token').fill('wrong');
    await submit.click();
    await page.getByText('The gateway does not know this token.').waitFor();
    await page.getByLabel('Admin token').fill(` ${TOKEN} `);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.locator('#token').inputValue()).toBe('');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(await page.evaluate(() => [localStorage.length, document.cookie, location.href.includes('token')])).toEqual([0, '', false]);

    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    server.script.token = 'another';
    server.drop();
    await page.getByText('The gateway does not know this token any more.').waitFor();
    expect(await page.locator('#app').isVisible()).toBe(false);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('is forgotten when signing out', async () => {
    const { page } = await pages.open();
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByLabel('Admin token').isVisible()).toBe(true);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

describe('the settings', () => {
  it('are shown, saved as a whole, and shown as the gateway has them then', async () => {
    const { page, server } = await pages.open({
      answer: ({ body }) => ({ status: 200, body }),
    });
    await openSettings(page);
    const [minutes, seconds] = [page.locator('#overload-cooldownMinutes'), page.locator('#rateLimitFallback-cooldownSeconds')];
    expect([await minutes.inputValue(), await seconds.inputValue()]).toEqual(['10', '5']);
    await minutes.fill('30');
    await page.locator('#rateLimitFallback-cooldownSeconds-on').uncheck();
    expect(await seconds.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    expect(server.calls).toEqual([
      {
        method: 'PUT',
        path: '/admin/settings',
        body: {
          overload: { enabled: true, cooldownMinutes: 30 },
          rateLimitFallback: { enabled: false, cooldownSeconds: 5 },
          oauth401CooldownMinutes: 10,
        },
      },
    ]);
  });

  it('are not sent with a number out of range, which is said at the field', async () => {
    const { page, server } = await pages.open({ answer: ({ body }) => ({ status: 200, body }) });
    await openSettings(page);
    const minutes = page.locator('#overload-cooldownMinutes');
    for (const value of ['0', '121', '1.5', '']) {
      await minutes.fill('10');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.', { exact: true }).waitFor();
      await minutes.fill(value);
      await page.getByRole('button', { name: 'Save' }).click();
      expect(await page.locator('#overload-cooldownMinutes-error').textContent()).toBe('A whole number from 1 to 120.');
      expect(await minutes.getAttribute('aria-invalid')).toBe('true');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('overload-cooldownMinutes');
      expect(await feedback(page)).toBe('Not saved.');
    }
    expect(server.calls).toHaveLength(4);
  });

  it('show what the gateway refuses beside the field, and the rest below', async () => {
    const issues = [
      { path: 'rateLimitFallback.cooldownSeconds', message: 'cooldown_seconds must be between 1-7200' },
      { path: '', message: 'Somebody else has just saved.' },
    ];
    const { page } = await pages.open({ answer: () => ({ status: 400, body: { error: { code: 'invalid_settings', issues } } }) });
    await openSettings(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('cooldown_seconds must be between 1-7200').waitFor();
    expect(await page.locator('#rateLimitFallback-cooldownSeconds-error').textContent()).toBe('cooldown_seconds must be between 1-7200');
    expect(await page.locator('#overload-cooldownMinutes-error').textContent()).toBe('');
    expect(await feedback(page)).toBe('Not saved. Somebody else has just saved.');
  });

  it('say so when the gateway is gone, and keep what was entered', async () => {
    const { page } = await pages.open({ answer: () => ({ status: 503, body: { error: { message: 'The store does not answer.' } } }) });
    await openSettings(page);
    await page.locator('#oauth401CooldownMinutes').fill('77');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The store does not answer.').waitFor();
    expect(await page.locator('#oauth401CooldownMinutes').inputValue()).toBe('77');
  });
});

describe('the actions of an account', () => {
  it('call the gateway, say how it went, and show the account as it was answered', async () => {
    const read = usageInfo({ windows: new Map([['5h', sample(0.77, NOW + 3_600_000)]]) });
    const failing = usageInfo({ error: 'usage API error: HTTP 500', errorCode: 'network_error' });
    let answered = read;
    const { page, server } = await pages.open({
      accounts: [row('a/1')],
      answer: ({ path }) => {
        if (path.endsWith('/test')) return { status: 200, body: { ok: false, status: 401, message: 'invalid token', account: row('a/1') } };
        if (path.endsWith('/disable')) return { status: 200, body: row('a/1', { settings: { enabled: false } }) };
        return { status: 200, body: row('a/1', {}, path.endsWith('/usage') ? answered : null) };
      },
    });
    await page.getByRole('button', { name: 'a/1' }).click();
    const panel = page.getByRole('dialog');
    const press = async (name: string, text: string): Promise<void> => {
      await panel.getByRole('button', { name }).click();
      await panel.getByRole('status').filter({ hasText: text }).waitFor();
    };
    await press('Recover', 'Recovered: nothing holds it any more.');
    await press('Read usage', 'Usage was read.');
    expect(await panel.locator('.percent').allTextContents()).toEqual(['77%']);
    answered = failing;
    await press('Read usage', 'usage API error: HTTP 500');
    await press('Test connection', '401: invalid token');
    expect(await panel.getByRole('status').getAttribute('data-tone')).toBe('red');
    await press('Switch off', 'Switched off.');
    await page.locator('#rows [data-status=disabled]').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Switch on');
    expect(server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(
      ['recover', 'usage', 'usage', 'test', 'disable'].map((action) => `POST /admin/accounts/a%2F1/${action}`),
    );
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('a/1');
  });

  it('show a refusal, and can be tried again', async () => {
    const answers = [
      { status: 409, body: { error: { message: 'The account is busy.' } } },
      { status: 200, body: row('a1') },
    ];
    const { page } = await pages.open({ accounts: [row('a1')], answer: () => answers.shift() });
    await page.getByRole('button', { name: 'a1' }).click();
    await page.getByRole('button', { name: 'Recover' }).click();
    await page.getByText('The account is busy.').waitFor();
    await page.getByRole('button', { name: 'Recover' }).click();
    await page.getByText('Recovered: nothing holds it any more.').waitFor();
  });
});

it('explains a decision: the rules that were considered, the evidence, and what lifts it', async () => {
  const { page } = await pages.open({}, { pausedAt: NOW, context: { timezoneId: 'UTC', locale: 'en-GB' } });
  await page.locator('#decision-list summary').first().click();
  const story = await page.locator('.story').first().textContent();
  for (const text of [
    'anthropic_5h_window_exhausted',
    'HTTP 429: This request would exceed',
    'Holds claude-bruno',
    'It ends by time. The upstream says: until 2 Mar, 12:13.',
    'Another account',
    'all conditions hold',
    '2 other rules considered',
  ]) {
    expect(story).toContain(text);
  }
  await page.getByText('2 other rules considered').click();
  expect(await page.getByText('bodyIncludes: wanted "long context"').isVisible()).toBe(true);
});
