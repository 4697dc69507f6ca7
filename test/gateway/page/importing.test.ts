/** Accounts that a person imports on the page. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { readImport } from '../../../examples/gateway/accounts/read-import.js';
import { scratchFolder } from './scratch-folder.js';
import { documentOf, focusOf, tracesOf } from './traces.js';
import { usePages } from './use-pages.js';

const pages = usePages();
const scratch = scratchFolder();
const SECRET = 'planted-secret';
const LIST = [
  { id: 'key-1', platform: 'anthropic', type: 'api_key', credentials: { api_key: SECRET } },
  { id: 'key-2', platform: 'openai', type: 'api_key', credentials: { api_key: `${SECRET}-2` } },
];
const TEXT = JSON.stringify(LIST);
const HTML = '<img src=x onerror="document.title=1"><b>bold</b>';

/** An answer of the gateway that refuses. */
const refusal = (issues: readonly { readonly path: string; readonly message: string }[]) => ({
  status: 400,
  body: { error: { code: 'invalid_accounts', message: 'Nothing was imported: entry 1: …', issues } },
});
const imported = (added: readonly string[], existing: readonly string[] = []) => ({ status: 201, body: { added, existing } });

interface Parts {
  readonly dialog: Locator;
  readonly list: Locator;
  readonly submit: Locator;
  readonly said: Locator;
}

async function openImport(page: Page): Promise<Parts> {
  await page.locator('#import').click();
  const dialog = page.getByRole('dialog', { name: 'Import accounts' });
  return {
    dialog,
    list: dialog.getByRole('textbox', { name: 'List of accounts, as JSON' }),
    submit: dialog.getByRole('button', { name: 'Import', exact: true }),
    said: dialog.getByRole('status'),
  };
}

/** Drops files on the dialog, as the system does. */
async function dropFiles(page: Page, files: readonly { readonly name: string; readonly text: string }[]): Promise<void> {
  const dropped = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, text } of all) data.items.add(new File([text], name));
    return data;
  }, files);
  const target = page.locator('#import-dialog');
  await target.dispatchEvent('dragover', { dataTransfer: dropped });
  expect(await target.getAttribute('data-dropping')).toBe('');
  await target.dispatchEvent('drop', { dataTransfer: dropped });
  expect(await target.getAttribute('data-dropping')).toBe(null);
}

const problems = (dialog: Locator): Promise<readonly string[]> =>
  dialog
    .locator('.problems > li')
    .evaluateAll((items) => items.map((item) => [...item.children].map((part) => part.textContent).join('|')));

describe('an import', () => {
  it('of a pasted list says what was added and what was there, and forgets the list', async () => {
    const { page, server } = await pages.open({ answer: () => imported(['key-1'], ['key-2']) });
    const { dialog, list, submit, said } = await openImport(page);
    expect(await focusOf(page)).toBe('import-text');
    expect([await list.getAttribute('autocomplete'), await list.getAttribute('spellcheck')]).toEqual(['off', 'false']);
    await list.fill(TEXT);
    expect(await documentOf(page)).not.toContain(SECRET);
    await submit.click();
    await said.getByText('1 account added. 1 account was there already.').waitFor();
    expect(server.calls).toEqual([{ method: 'POST', path: '/admin/accounts', body: LIST }]);
    expect(await dialog.locator('.import-outcome section').allTextContents()).toEqual([
      'Added (1)key-1',
      'There already, and as they were (1)key-2',
    ]);
    expect(await list.inputValue()).toBe('');
    expect(await tracesOf(page)).not.toContain(SECRET);
  });

  it('of a file that is chosen shows its name only, and one that is dropped takes its place', async () => {
    const { page, server } = await pages.open({ answer: () => imported(['key-1', 'key-2']) });
    const { dialog, list, submit, said } = await openImport(page);
    await list.fill('[]');
    const choosing = page.waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'Choose a file' }).click();
    await (await choosing).setFiles({ name: 'accounts.json', mimeType: 'application/json', buffer: Buffer.from('[]') });
    await dialog.getByText('accounts.json').waitFor();
    expect(await list.isVisible()).toBe(false);
    expect(await focusOf(page)).toBe('Use another list');
    await dropFiles(page, [{ name: 'others.json', text: `\ufeff${TEXT}` }]);
    await dialog.getByText('others.json').waitFor();
    expect(await tracesOf(page)).not.toContain(SECRET);
    await submit.click();
    await said.getByText('2 accounts added.').waitFor();
    expect(server.calls.map(({ body }) => body)).toEqual([LIST]);
    expect(await list.isVisible()).toBe(true);
  });

  it('can do without the file that was chosen', async () => {
    const { page } = await pages.open();
    const { dialog, list } = await openImport(page);
    await dropFiles(page, [{ name: 'accounts.json', text: TEXT }]);
    await dialog.getByRole('button', { name: 'Use another list' }).click();
    expect([await list.isVisible(), await list.inputValue(), await focusOf(page)]).toEqual([true, '', 'import-text']);
  });

  it('is offered where there is no account yet', async () => {
    const { page, server } = await pages.open({ accounts: [], answer: () => imported(['key-1']) });
    expect(await page.locator('#no-accounts').textContent()).toContain('No accounts yet.');
    await page.locator('#no-accounts').getByRole('button', { name: 'Import accounts' }).click();
    expect(await page.getByRole('dialog', { name: 'Import accounts' }).count()).toBe(1);
    await page.locator('#import-text').fill(TEXT);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('1 account added.').waitFor();
    expect(server.calls).toHaveLength(1);
  });

  it('goes by the keyboard alone, and gives the focus back', async () => {
    const { page, server } = await pages.open({ answer: () => imported(['key-1', 'key-2']) });
    await page.locator('#import').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.insertText(TEXT);
    await page.keyboard.press('Tab');
    expect(await focusOf(page)).toBe('Import');
    await page.keyboard.press('Enter');
    await page.getByText('2 accounts added.').waitFor();
    expect(server.calls).toHaveLength(1);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await focusOf(page)).toBe('import');
  });

  it('shows an example that the gateway takes, the one of its README', async () => {
    const { page } = await pages.open();
    const { dialog } = await openImport(page);
    const example = dialog.locator('pre');
    expect(await example.isVisible()).toBe(false);
    await dialog.getByText('An example').click();
    expect(await example.isVisible()).toBe(true);
    const text = (await example.textContent()) ?? '';
    const readme = readFileSync(resolve(import.meta.dirname, '../../../examples/gateway/README.md'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(/```json\n(\[[\s\S]*?\])\n```/.exec(readme)?.[1] ?? ''));
    expect(readImport(JSON.parse(text.replaceAll('…', 'secret')))).toMatchObject({ problems: [], entries: [{}, {}, {}] });
  });
});

describe('an import that is refused', () => {
  it('shows every problem at its entry, by number and id, and loses nothing of the list', async () => {
    const answers = [
      refusal([
        { path: '2', message: 'must be an object' },
        { path: '0.credentials.api_key', message: 'must not be blank' },
        { path: '1.platform', message: 'must be anthropic, openai, gemini or antigravity' },
        { path: '1.settings.priority', message: 'must be a whole number' },
      ]),
      imported(['key-1']),
    ];
    const { page } = await pages.open({ answer: () => answers.shift() });
    const { dialog, list, submit, said } = await openImport(page);
    const text = `  [{"id":"key-1","credentials":{"api_key":"${SECRET}"}},\n {"id":${JSON.stringify(HTML)}}, 1, {"id":"right"}]\n`;
    await list.fill(text);
    await submit.click();
    await said.getByText('Nothing was imported: 3 of 4 entries have a problem.').waitFor();
    expect(await problems(dialog)).toEqual([
      'Entry 1|key-1|credentials.api_key must not be blank',
      `Entry 2|${HTML}|platform must be anthropic, openai, gemini or antigravitysettings.priority must be a whole number`,
      'Entry 3|must be an object',
    ]);
    expect(await page.locator('img, #import-dialog b:not(.problems b):not(.chosen b)').count()).toBe(0);
    expect(await page.title()).toBe('Pool · poolwarden');
    expect(await list.inputValue()).toBe(text);
    expect(await documentOf(page)).not.toContain(SECRET);
    await list.fill(TEXT);
    await submit.click();
    await said.getByText('1 account added.').waitFor();
    expect(await problems(dialog)).toEqual([]);
  });

  it('keeps the file that was chosen, and shows thousands of problems', async () => {
    const all = Array.from({ length: 3_000 }, (_, index) => ({ id: `account-${index}` }));
    const { page, server } = await pages.open({
      answer: () => refusal(all.map((_, index) => ({ path: `${index}.type`, message: 'must be oauth, setup_token or api_key' }))),
    });
    const { dialog, submit, said } = await openImport(page);
    await dropFiles(page, [{ name: 'accounts.json', text: JSON.stringify(all) }]);
    await dialog.getByText('accounts.json').waitFor();
    await submit.click();
    await said.getByText('Nothing was imported: 3000 of 3000 entries have a problem.').waitFor();
    await dialog.getByText('Entry 3000').waitFor({ state: 'attached' });
    expect((await problems(dialog)).length).toBe(3_000);
    expect(await dialog.getByText('accounts.json').isVisible()).toBe(true);
    await submit.click();
    await expect.poll(() => server.calls.length).toBe(2);
    expect(server.calls[1]?.body).toEqual(all);
  });

  it.each([
    ['a store is down', { status: 503, body: { error: { message: 'The gateway cannot do that now: a store does not answer.' } } }],
    ['the list as a whole is wrong', { status: 413, body: { error: { message: 'The body has more than 8388608 bytes.' } } }],
  ])('because %s says so, keeps the list, and can be tried again', async (_why, answer) => {
    const answers = [answer, imported(['key-1', 'key-2'])];
    const { page } = await pages.open({ answer: () => answers.shift() });
    const { list, submit, said } = await openImport(page);
    await list.fill(TEXT);
    await submit.click();
    await said.getByText(answer.body.error.message).waitFor();
    expect(await said.getAttribute('data-tone')).toBe('red');
    expect(await list.inputValue()).toBe(TEXT);
    await submit.click();
    await said.getByText('2 accounts added.').waitFor();
    expect(await list.inputValue()).toBe('');
  });

  it('says of an issue that belongs to no entry that it is about the list', async () => {
    const { page } = await pages.open({ answer: () => refusal([{ path: '', message: 'has too many accounts' }]) });
    const { dialog, list, submit, said } = await openImport(page);
    await list.fill(TEXT);
    await submit.click();
    await said.getByText('Nothing was imported.', { exact: true }).waitFor();
    await dialog.locator('.problems li').first().waitFor();
    expect(await problems(dialog)).toEqual(['The list|has too many accounts']);
  });
});

describe('what is no list', () => {
  it('is not sent, and is told without a piece of it', async () => {
    const { page, server } = await pages.open();
    const { list, submit, said } = await openImport(page);
    for (const [text, problem] of [
      ['', 'Choose a file, or paste a list.'],
      ['{}', 'This is no list: it has to begin with [ and end with ].'],
      [`[{"api_key": "${SECRET}"`, 'This is no JSON: see line 1, column 30.'],
      [`[{"api_key": ${SECRET}}]`, 'This is no JSON.'],
      [`[\n  {"api_key": "${SECRET}"\n  "id"`, 'This is no JSON: see line 3, column 3.'],
    ] as const) {
      await list.fill(text);
      await submit.click();
      await expect.poll(() => said.textContent()).toBe(problem);
      expect(await documentOf(page)).not.toContain('planted');
      expect([await list.inputValue(), await focusOf(page)]).toEqual([text, 'import-text']);
    }
    expect(server.calls).toEqual([]);
  });

  it('is not taken as a file: none that is too large, and not two at once', async () => {
    const { page, server } = await pages.open();
    const { dialog, list, said } = await openImport(page);
    await list.fill(TEXT);
    const large = scratch.file('large.json');
    writeFileSync(large, '');
    truncateSync(large, 8 * 1024 * 1024 + 1);
    await dialog.locator('input[type=file]').setInputFiles(large);
    await said.getByText('A list can have 8 MB at most. Import it in parts.').waitFor();
    await dropFiles(page, [
      { name: 'one.json', text: '[]' },
      { name: 'two.json', text: '[]' },
    ]);
    await said.getByText('Take one file at a time.').waitFor();
    const gone = scratch.file('gone.json');
    writeFileSync(gone, TEXT);
    await page.evaluate(() => Object.assign(File.prototype, { text: () => Promise.reject(new Error('gone')) }));
    await dialog.locator('input[type=file]').setInputFiles(gone);
    await said.getByText('The file cannot be read.').waitFor();
    rmSync(gone);
    expect(await list.inputValue()).toBe(TEXT);
    expect(server.calls).toEqual([]);
  });
});

describe('when the dialog closes', () => {
  it('nothing of what was pasted or chosen is left, however it closes', async () => {
    const { page } = await pages.open();
    const closings = [
      () => page.keyboard.press('Escape'),
      () => page.getByRole('button', { name: 'Close' }).click(),
      // A token that the gateway no longer knows closes everything.
      () => page.evaluate(() => document.getElementById('sign-out')?.click()),
    ];
    for (const close of closings) {
      const { dialog, list } = await openImport(page);
      await dropFiles(page, [{ name: 'accounts.json', text: TEXT }]);
      await dialog.getByText('accounts.json').waitFor();
      await dialog.getByRole('button', { name: 'Use another list' }).click();
      await list.fill(TEXT);
      await close();
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(await page.locator('#import-dialog').evaluate((root) => root.childNodes.length)).toBe(0);
      expect(await tracesOf(page)).not.toContain(SECRET);
    }
    expect(await page.getByLabel('Admin token').isVisible()).toBe(true);
  });

  it('stays open when somebody clicks beside it: a pasted list would be lost', async () => {
    const { page } = await pages.open();
    const { list } = await openImport(page);
    await list.fill(TEXT);
    await page.mouse.click(5, 5);
    expect(await list.inputValue()).toBe(TEXT);
  });

  it('is fresh when it is opened again, and an answer that comes late is not shown in it', async () => {
    const { page } = await pages.open();
    const { list, submit, said } = await openImport(page);
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/admin/accounts', async (route) => {
      await late;
      await route.fulfill({ status: 201, json: imported(['key-1']).body }).catch(() => undefined);
    });
    await list.fill(TEXT);
    await submit.click();
    await said.getByText('Importing …').waitFor();
    const cancelled = page.waitForEvent('requestfailed');
    await page.keyboard.press('Escape');
    expect((await cancelled).url()).toMatch(/\/admin\/accounts$/);
    await page.locator('#import').click();
    answer();
    await page.unrouteAll({ behavior: 'wait' });
    expect([await list.inputValue(), await said.textContent()]).toEqual(['', '']);
    expect(await page.locator('.import-outcome').evaluate((root) => root.childNodes.length)).toBe(0);
  });
});
