/** New credentials for an account, handed in on the page. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { account } from '../../support/accounts.js';
import { type Row, row } from './sample-pool.js';
import { documentOf, focusOf, tracesOf } from './traces.js';
import { usePages } from './use-pages.js';

const pages = usePages();
const SECRET = 'planted-secret';
const HTML = '<img src=x onerror="document.title=1"><b>bold</b>';

/** Opens the panel of an account, and its form by the keyboard. */
async function openForm(page: Page, id: string): Promise<Locator> {
  await page.getByRole('button', { name: id, exact: true }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('New credentials').focus();
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Replace credentials' }).waitFor();
  return panel.locator('.credentials');
}

const refusal = (issues: readonly { readonly path: string; readonly message: string }[]) => ({
  status: 400,
  body: { error: { code: 'invalid_credentials', message: 'The credentials were not taken.', issues } },
});
const submit = (form: Locator): Promise<void> => form.getByRole('button', { name: 'Replace credentials' }).click();
const valuesOf = (form: Locator): Promise<readonly string[]> =>
  form.locator('input').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));

/** For each kind of account: its fields, what is entered, and what the gateway gets. */
const KINDS: readonly (readonly [kind: string, account: Row, fields: Readonly<Record<string, string>>, sent: object])[] = [
  ['an API key', row('a1', { platform: 'openai', type: 'api_key' }), { 'API key': SECRET }, { api_key: SECRET }],
  [
    'a setup token, with its end as a date',
    row('a1', { type: 'setup_token' }),
    { 'Setup token': SECRET, 'Expires at': ' 2026-01-31T12:00:00Z ' },
    { setup_token: SECRET, expires_at: '2026-01-31T12:00:00Z' },
  ],
  [
    'a setup token without an end',
    row('a1', { type: 'setup_token' }),
    { 'Setup token': SECRET, 'Expires at': '' },
    { setup_token: SECRET },
  ],
  [
    'OAuth, with its end as a number',
    row('a1', { type: 'oauth' }),
    { 'Access token': `${SECRET}-1`, 'Refresh token': `${SECRET}-2`, 'Expires at': '1769860800000' },
    { access_token: `${SECRET}-1`, refresh_token: `${SECRET}-2`, expires_at: 1_769_860_800_000 },
  ],
  [
    'OAuth of Google, with its client',
    row('a1', { platform: 'antigravity' }),
    { 'Client id': 'the-client', 'Client secret': `${SECRET}-1`, 'Access token': '', 'Refresh token': `${SECRET}-2`, 'Expires at': '' },
    { client_id: 'the-client', client_secret: `${SECRET}-1`, refresh_token: `${SECRET}-2` },
  ],
];

describe('new credentials', () => {
  it.each(KINDS)('are asked for by the type of the account: %s', async (_kind, one, entries, sent) => {
    const { page, server } = await pages.open({ accounts: [one], answer: () => ({ status: 200, body: one }) });
    const form = await openForm(page, 'a1');
    expect(await form.locator('label').allTextContents()).toEqual(Object.keys(entries));
    for (const [label, value] of Object.entries(entries)) {
      const field = form.getByLabel(label);
      await field.fill(value);
      expect(await field.getAttribute('autocomplete')).toBe('off');
      expect(await field.getAttribute('type')).toBe(value.includes(SECRET) || label === 'Access token' ? 'password' : 'text');
    }
    expect(await documentOf(page)).not.toContain(SECRET);
    await submit(form);
    await form.getByText('The new credentials are stored.').waitFor();
    expect(server.calls).toEqual([{ method: 'PUT', path: '/admin/accounts/a1/credentials', body: sent }]);
    expect(new Set(await valuesOf(form))).toEqual(new Set(['']));
    expect(await tracesOf(page)).not.toContain(SECRET);
  });

  it('go by the keyboard alone, and the account is shown as it is answered', async () => {
    const { page } = await pages.open({
      accounts: [row('a1', { type: 'api_key' })],
      answer: () => ({ status: 200, body: { ...row('a1', { type: 'api_key' }), label: HTML } }),
    });
    await openForm(page, 'a1');
    expect(await focusOf(page)).toBe('credential-api_key');
    await page.keyboard.insertText(SECRET);
    await page.keyboard.press('Enter');
    await page.getByText('The new credentials are stored.').waitFor();
    expect(await page.locator('#panel-title').textContent()).toContain(HTML);
    expect(await page.locator('img').count()).toBe(0);
  });

  it('that are refused say why beside the field, keep what was entered, and go to the first that is wrong', async () => {
    const answers = [
      refusal([
        { path: 'credentials.refresh_token', message: 'must have neither blanks nor special characters' },
        { path: 'credentials.expires_at', message: 'must be a date' },
      ]),
      refusal([{ path: 'credentials', message: 'must have an access_token or a refresh_token' }]),
      { status: 200, body: row('a1') },
    ];
    const { page } = await pages.open({ accounts: [row('a1')], answer: () => answers.shift() });
    const form = await openForm(page, 'a1');
    await form.getByLabel('Refresh token').fill(`${SECRET} x`);
    await form.getByLabel('Expires at').fill(HTML);
    await submit(form);
    await form.getByText('The credentials were not taken.').waitFor();
    const errorsOf = () => form.locator('.field-error').allTextContents();
    expect(await errorsOf()).toEqual(['', 'must have neither blanks nor special characters', 'must be a date']);
    expect(await focusOf(page)).toBe('credential-refresh_token');
    const refresh = form.getByLabel('Refresh token');
    expect(await refresh.getAttribute('aria-invalid')).toBe('true');
    const described = ((await refresh.getAttribute('aria-describedby')) ?? '').split(' ');
    expect(await page.locator(`#${described.at(-1)}`).textContent()).toBe('must have neither blanks nor special characters');
    expect(await valuesOf(form)).toEqual(['', `${SECRET} x`, HTML]);
    expect(await documentOf(page)).not.toContain(SECRET);
    await submit(form);
    await form.getByText('The credentials were not taken: must have an access_token or a refresh_token.').waitFor();
    expect(await errorsOf()).toEqual(['', '', '']);
    await submit(form);
    await form.getByText('The new credentials are stored.').waitFor();
    expect(await valuesOf(form)).toEqual(['', '', '']);
  });

  it('are kept in the form while a store is down, and emptied with it', async () => {
    const { page } = await pages.open({
      accounts: [row('a1', { type: 'api_key' })],
      answer: () => ({ status: 503, body: { error: { message: 'The gateway cannot do that now: a store does not answer.' } } }),
    });
    const form = await openForm(page, 'a1');
    await form.getByLabel('API key').fill(SECRET);
    await submit(form);
    await form.getByText('a store does not answer').waitFor();
    expect(await valuesOf(form)).toEqual([SECRET]);
    await form.getByText('New credentials').click();
    await form.getByLabel('API key').waitFor({ state: 'hidden' });
    await expect.poll(() => valuesOf(form)).toEqual(['']);
    expect(await form.getByText('a store does not answer').count()).toBe(0);
    await form.getByText('New credentials').click();
    await form.getByLabel('API key').fill(SECRET);
    await page.keyboard.press('Escape');
    expect(await page.locator('#account-panel').evaluate((root) => root.childNodes.length)).toBe(0);
    expect(await tracesOf(page)).not.toContain(SECRET);
  });

  it('are left alone by news of the account', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1', { type: 'api_key' })] });
    const form = await openForm(page, 'a1');
    await form.getByLabel('API key').fill(SECRET);
    server.push('accounts', [row('a1', { type: 'api_key', settings: { enabled: false } })]);
    await page.getByRole('button', { name: 'Switch on' }).waitFor();
    expect([await valuesOf(form), await focusOf(page)]).toEqual([[SECRET], 'credential-api_key']);
  });

  it('are not offered where they are those of another account, or of a type that has none to hand in', async () => {
    const parent = account({ id: HTML });
    const { page } = await pages.open({ accounts: [row('a1', { parent }), row('a2', { type: 'service_account' })] });
    await page.getByRole('button', { name: 'a1' }).click();
    const panel = page.getByRole('dialog');
    expect(await panel.locator('.keeping').textContent()).toBe(`Its credentials are those of ${HTML}.Delete account`);
    expect(await panel.locator('img, .credentials').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'a2' }).click();
    expect(await panel.locator('.keeping').textContent()).toBe('Delete account');
  });
});

describe('a press beside the panel', () => {
  it('closes it, but not one that selects a text beyond the edge of its field', async () => {
    const { page } = await pages.open({ accounts: [row('a1', { type: 'api_key' })] });
    const form = await openForm(page, 'a1');
    await form.getByLabel('API key').fill(SECRET);
    const box = await form.getByLabel('API key').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 10);
    await page.mouse.down();
    await page.mouse.move(20, 500, { steps: 4 });
    await page.mouse.up();
    expect(await valuesOf(form)).toEqual([SECRET]);
    await page.mouse.click(20, 500);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
