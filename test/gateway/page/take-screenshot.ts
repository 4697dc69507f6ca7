// The picture of docs: npx tsx test/gateway/page/take-screenshot.ts [file] [light|dark|phone] [#view]
import { statSync } from 'node:fs';
import { NOW } from '../../support/accounts.js';
import { launchBrowser, openPage } from './browser.js';
import { startPageServer } from './page-server.js';
import { sampleScript } from './sample-pool.js';

const [path = 'docs/gateway.png', look = 'light', view = ''] = process.argv.slice(2);
const browser = await launchBrowser();
const server = await startPageServer(sampleScript());
const viewport = look === 'phone' ? { width: 390, height: 844 } : { width: 1440, height: 900 };
const context = { colorScheme: look === 'dark' ? 'dark' : 'light', viewport, timezoneId: 'UTC', locale: 'en-GB' } as const;
const { page, errors } = await openPage(browser, server, { context, pausedAt: NOW });
if (view.startsWith('#')) await page.evaluate((hash) => location.assign(hash), view);
else if (view !== '') await page.getByRole('button', { name: view, exact: true }).click();
if (view !== '#settings' && look !== 'phone')
  await page
    .locator('#decision-list summary')
    .first()
    .click({ timeout: 500 })
    .catch(() => undefined);
await page.screenshot({ path, fullPage: look === 'phone' });
await browser.close();
await server.close();
console.log(`${path}: ${Math.round(statSync(path).size / 1000)} kB`, errors);
