/** Debian's chromium, driven by playwright-core, with the page of a scripted gateway in it. */
import { existsSync } from 'node:fs';
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

/** Debian's packages of it: the one without windows of its own takes half the time. */
const PROGRAMS: readonly string[] = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Starts a browser with a user data folder of its own: that of `CHROMIUM`, else the first that is there. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PROGRAMS.find(existsSync) ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** How a page is opened. */
export interface OpenOptions {
  readonly context?: BrowserContextOptions;
  /** Runs before the page's own code. */
  readonly before?: (page: Page) => Promise<void>;
  /** The clock stands still at this instant until the test moves it. */
  readonly pausedAt?: number;
  /** With a clock that stands: also the watch over the gateway's heartbeat. */
  readonly minds?: 'silence';
  readonly signIn?: boolean;
  /** Default: that of the scripted gateway. */
  readonly token?: string;
}

/** A page of a new context; what it fails with is collected, and all that the browser says of it, down to its recommendations. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** The gateway's heartbeat does not beat in a clock that a test moves: without this the page would think that it is gone. */
async function ignoreSilence(page: Page): Promise<void> {
  await page.addInitScript((silenceMs) => {
    const set = window.setTimeout;
    window.setTimeout = ((work: () => void, wait: number) => (wait === silenceMs ? 0 : set(work, wait))) as typeof window.setTimeout;
  }, 45_000);
}

/** Opens the page, signed in unless told otherwise, and waits for its accounts. */
export async function openPage(browser: Browser, server: Pick<PageServer, 'url'>, options: OpenOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options.context });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    errors.push(message.text());
  });
  if (options.pausedAt !== undefined) {
    await page.clock.install({ time: options.pausedAt - 60_000 });
    await page.clock.pauseAt(options.pausedAt);
    if (options.minds !== 'silence') await ignoreSilence(page);
  }
  await options.before?.(page);
  if (options.signIn !== false)
    await page.addInitScript((token) => sessionStorage.setItem('poolwarden-admin-token', token), options.token ?? TOKEN);
  await page.goto(server.url);
  if (options.signIn !== false) await page.locator('#connection[data-state=live]').waitFor();
  return { page, errors };
}
