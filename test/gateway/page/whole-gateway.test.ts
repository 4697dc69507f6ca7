/** The page on the real admin API and real stores: what one sends, the other takes. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLoopback, type Loopback } from '../accounts/loopback.js';
import { type RunningAdmin, startAdmin } from '../admin/running-admin.js';
import { createTestStores, type TestStores, until } from '../stores/test-stores.js';
import { launchBrowser, openPage } from './browser.js';
import { focusOf, tracesOf } from './traces.js';

let browser: Browser;
let stores: TestStores;
let upstream: Loopback;
let admin: RunningAdmin;
beforeAll(async () => {
  browser = await launchBrowser();
  stores = await createTestStores();
  upstream = await createLoopback();
  admin = await startAdmin(stores, upstream);
});
afterAll(async () => {
  await browser.close();
  await admin.close();
  await upstream.close();
  await stores.close();
});

const LIST = [
  { id: 'parent', label: "Ann's Max", platform: 'anthropic', type: 'oauth', credentials: { access_token: 'planted-access' } },
  { id: 'child', platform: 'anthropic', type: 'oauth', parent: 'parent' },
  {
    id: 'google',
    platform: 'gemini',
    type: 'oauth',
    project: 'p-1',
    credentials: { client_id: 'client', refresh_token: 'planted-refresh' },
  },
];

it('imports accounts, gives them new credentials, and deletes them', async () => {
  const { page, errors } = await openPage(browser, { url: `${admin.origin}/` }, { token: admin.announced[0] ?? '' });
  const panel = page.getByRole('dialog', { name: /Active/ });

  await page.locator('#no-accounts').getByRole('button').click();
  const list = page.locator('#import-text');
  await list.fill(JSON.stringify([...LIST, { id: 'wrong', platform: 'x', type: 'api_key', credentials: {} }, 1]));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('Nothing was imported: 2 of 5 entries have a problem.').waitFor();
  expect(await page.locator('.problems > li').allTextContents()).toEqual([
    'Entry 4 wrongplatform must be anthropic, openai, gemini or antigravity',
    'Entry 5must be an object',
  ]);
  await list.fill(JSON.stringify(LIST));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('3 accounts added.').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#shown', { hasText: '3' }).waitFor();

  await page.getByRole('button', { name: 'google', exact: true }).click();
  await panel.getByText('New credentials').click();
  await panel.getByRole('button', { name: 'Replace credentials' }).click();
  await panel.getByText('must have an access_token or a refresh_token').waitFor();
  await panel.getByLabel('Refresh token').fill('planted second');
  await panel.getByLabel('Expires at').fill('tomorrow');
  await page.keyboard.press('Enter');
  await panel.getByText('must be a date like').waitFor();
  expect(await panel.locator('.field-error').allTextContents()).toEqual([
    '',
    '',
    '',
    'must have neither blanks nor special characters',
    'must be a date like 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970',
  ]);
  for (const [label, value] of Object.entries({ 'Client id': 'client', 'Refresh token': 'planted-second', 'Expires at': '1769860800' }))
    await panel.getByLabel(label).fill(value);
  await page.keyboard.press('Enter');
  await panel.getByText('The new credentials are stored.').waitFor();
  expect((await admin.stores.credentials.read('google'))?.credentials).toEqual({ client_id: 'client', refresh_token: 'planted-second' });
  expect(admin.directory.find('google')?.account.credential.expiresAt).toBe(1_769_860_800_000);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: "Ann's Max" }).click();
  await panel.getByRole('button', { name: 'Delete account' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('Other accounts use its credentials: child.').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'child' }).click();
  await panel.getByText('Its credentials are those of parent.').waitFor();
  const remove = async (): Promise<void> => {
    await panel.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => focusOf(page)).toBe('google');
  };
  await remove();
  await page.getByRole('button', { name: "Ann's Max" }).click();
  await remove();
  await until(() => admin.directory.find('parent') === undefined && admin.directory.find('child') === undefined);
  expect(await admin.stores.credentials.read('parent')).toBeNull();

  expect(await tracesOf(page)).not.toContain('planted');
  expect(admin.said.join('\n')).not.toContain('planted');
  expect(errors.filter((error) => !/Failed to load resource/.test(error))).toEqual([]);
  await page.context().close();
});
