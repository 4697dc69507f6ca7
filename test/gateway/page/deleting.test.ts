/** An account that a person deletes on the page. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hold, NOW } from '../../support/accounts.js';
import { row } from './sample-pool.js';
import { focusOf } from './traces.js';
import { usePages } from './use-pages.js';

const pages = usePages();
const HTML = '<img src=x onerror="document.title=1"><b>bold</b>';
const GONE = { status: 204 };
const idsOf = (page: Page): Promise<readonly (string | undefined)[]> =>
  page.locator('#rows tr').evaluateAll((rows) => rows.map((one) => (one as HTMLElement).dataset.id));

/** Opens the question whether an account is to be deleted. */
async function openQuestion(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('button', { name: 'Delete account' }).click();
  return page.getByRole('alertdialog');
}

describe('deleting an account', () => {
  it('asks by its name, and closes its panel, takes its row, and goes on to the next', async () => {
    const accounts = [row('a1'), { ...row('a2/2'), label: HTML }, row('a3')];
    const { page, server } = await pages.open({ accounts, answer: () => GONE });
    const question = await openQuestion(page, HTML);
    expect(await question.getByRole('heading').textContent()).toBe(`Delete ${HTML}?`);
    expect(await page.getByRole('alertdialog', { name: `Delete ${HTML}?` }).count()).toBe(1);
    expect(await question.textContent()).toContain('a2/2 and its credentials are deleted for good.');
    expect(await page.locator('img').count()).toBe(0);
    expect(await focusOf(page)).toBe('Keep it');
    expect(server.calls).toEqual([]);
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: HTML }).waitFor({ state: 'detached' });
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(server.calls).toEqual([{ method: 'DELETE', path: '/admin/accounts/a2%2F2', body: null }]);
    expect(await idsOf(page)).toEqual(['a1', 'a3']);
    expect(await focusOf(page)).toBe('a3');
    expect(await page.locator('#announcer').textContent()).toBe(`${HTML} was deleted.`);
    await page.getByText('of 2', { exact: true }).waitFor();
    server.push('removed', ['a2/2']);
    server.push('accounts', [row('a4')]);
    await page.getByRole('button', { name: 'a4' }).waitFor();
    expect([await focusOf(page), await idsOf(page)]).toEqual(['a3', ['a1', 'a3', 'a4']]);
  });

  it('goes by the keyboard alone: the last row, then the only one', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1'), row('a2')], answer: () => GONE });
    for (const [id, next] of [
      ['a2', 'a1'],
      ['a1', 'import'],
    ] as const) {
      await page.getByRole('button', { name: id }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Delete account' }).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Shift+Tab');
      expect(await focusOf(page)).toBe('Delete');
      await page.keyboard.press('Enter');
      await expect.poll(() => focusOf(page)).toBe(next);
    }
    expect(server.calls).toHaveLength(2);
    expect(await page.getByText('No accounts yet.').isVisible()).toBe(true);
  });

  it('skips rows that the filter hides', async () => {
    const limited = { health: { rateLimit: hold(NOW + 3_600_000) } };
    const { page } = await pages.open(
      { accounts: [row('a1', limited), row('a2', limited), row('a3')], answer: () => GONE },
      { pausedAt: NOW },
    );
    await page.getByRole('button', { name: /^Rate limited/ }).click();
    await page.locator('tr[data-id=a3]').waitFor({ state: 'hidden' });
    const question = await openQuestion(page, 'a2');
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => focusOf(page)).toBe('a1');
  });

  it('is not done when a person thinks better of it', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1')] });
    const question = await openQuestion(page, 'a1');
    await question.getByRole('button', { name: 'Keep it' }).click();
    expect(await focusOf(page)).toBe('Delete account');
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    expect(await page.getByRole('dialog').count()).toBe(1);
    expect(server.calls).toEqual([]);
    expect(await idsOf(page)).toEqual(['a1']);
  });

  it.each([
    [409, 'Other accounts use its credentials: spark-1, spark-2.'],
    [503, 'The gateway cannot do that now: a store does not answer.'],
  ])('that is refused with %d says what the gateway says, and can be tried again', async (status, message) => {
    const answers = [{ status, body: { error: { code: 'refused', message } } }, GONE];
    const { page } = await pages.open({ accounts: [row('a1'), row('a2')], answer: () => answers.shift() });
    const question = await openQuestion(page, 'a1');
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await question.getByRole('status').getByText(message).waitFor();
    expect(await idsOf(page)).toEqual(['a1', 'a2']);
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => idsOf(page)).toEqual(['a2']);
  });

  it('that somebody else has deleted meanwhile takes it away all the same', async () => {
    const { page } = await pages.open({
      accounts: [row('a1'), row('a2')],
      answer: () => ({ status: 404, body: { error: { code: 'no_account', message: 'There is no such account.' } } }),
    });
    const question = await openQuestion(page, 'a1');
    await question.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => idsOf(page)).toEqual(['a2']);
    expect(await focusOf(page)).toBe('a2');
  });

  it('that somebody else does is said, and leaves the focus where it can be used, also while the question is asked', async () => {
    const { page, server } = await pages.open({ accounts: [row('a1'), row('a2')] }, { pausedAt: NOW });
    await openQuestion(page, 'a1');
    server.push('removed', ['a1']);
    await expect.poll(() => focusOf(page)).toBe('a2');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.clock.runFor(5_000);
    expect(await page.locator('#announcer').textContent()).toBe('a1: deleted');
  });
});

it('gives the focus back to an account that the filter would hide by now', async () => {
  const { page, server } = await pages.open({ accounts: [row('a1'), row('a2')] }, { pausedAt: NOW });
  await page.getByRole('button', { name: /^Active/ }).click();
  await page.getByRole('button', { name: 'a1' }).click();
  server.push('accounts', [row('a1', { settings: { enabled: false } })]);
  await page.locator('#panel-title').getByText('Switched off').waitFor();
  await page.keyboard.press('Escape');
  expect(await focusOf(page)).toBe('a1');
});
