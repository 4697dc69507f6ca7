/** Opens pages for the tests of a file, and sees to it that nothing is left open, and that no page failed silently. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser, type Opened, type OpenOptions, openPage } from './browser.js';
import { type PageServer, type Script, startPageServer } from './page-server.js';
import { sampleScript } from './sample-pool.js';

/** An open page and the gateway behind it. */
export type Visit = Opened & { readonly server: PageServer };

/** One browser for the file; a new context and a new server for each page. */
export function usePages(): { open(script?: Partial<Script>, options?: OpenOptions): Promise<Visit> } {
  let browser: Browser;
  const visits: Visit[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const { page, server, errors } of visits.splice(0)) {
      await page.context().close();
      await server.close();
      // A refusal that a test asked for is logged by the browser; a blocked style, an exception or a recommendation never is asked for.
      expect(errors.filter((error) => !/Failed to load resource|ERR_/.test(error))).toEqual([]);
    }
  });
  afterAll(() => browser.close());

  return {
    async open(script = {}, options = {}) {
      const server = await startPageServer(sampleScript(script));
      const visit = { ...(await openPage(browser, server, options)), server };
      visits.push(visit);
      return visit;
    },
  };
}
