/** Debian's chromium, driven by playwright-core, with the page of a scripted gateway in it. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type PageServer, TOKEN } from './page-server.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a browser with a user data folder of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
}

/** How a page is opened. */
export interface OpenOptions {
  readonly context?: BrowserContextOptions;
  /** Runs before the page's own code. */
  readonly before?: (page: Page) => Promise<void>;
  /** The clock stands still at this instant until the test moves it. */
  readonly pausedAt?: number;
  readonly signIn?: boolean;
}

/** A page of a new context; what it logs as an error, or fails with, is collected. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** Opens the page, signed in unless told otherwise, and waits for its accounts. */
export async function openPage(browser: Browser, server: PageServer, options: OpenOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options.context });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  if (options.pausedAt !== undefined) {
    await page.clock.install({ time: options.pausedAt });
    await page.clock.pauseAt(options.pausedAt);
  }
  await options.before?.(page);
  if (options.signIn !== false) await page.addInitScript((token) => sessionStorage.setItem('poolwarden-admin-token', token), TOKEN);
  await page.goto(server.url);
  if (options.signIn !== false) await page.locator('#connection[data-state=live]').waitFor();
  return { page, errors };
}
