/** Every badge and state of an account, in a real browser. */
import { describe, expect, it } from 'vitest';
import { type AccountFacts, accountError, hold, NOW, sample } from '../../support/accounts.js';
import { usageInfo } from '../../support/usage-info.js';
import { row, TRUSTED, UNTRUSTED } from './sample-pool.js';
import { usePages } from './use-pages.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const pages = usePages();

const failed = (
  kind: 'violation' | 'organization' | 'verification' | 'credential' | 'forbidden' | 'billing' | 'custom',
  link: typeof TRUSTED | null = null,
): AccountFacts => ({
  health: { errors: new Map([[kind, accountError({ message: `why ${kind}`, link })]]) },
});
const limited = (...entries: readonly (readonly [string, ReturnType<typeof hold>])[]): AccountFacts => ({
  platform: 'antigravity',
  settings: { allowOverages: true, tier: 'g1-ultra-tier' },
  health: { modelRateLimits: new Map(entries) },
});
const credits = hold(NOW + HOUR, { kind: 'credits' });
const quota = hold(NOW + 2 * HOUR);

/** What each account shows: the status, and each badge with its tone. */
const STATES: Readonly<
  Record<string, readonly [facts: AccountFacts, usage: ReturnType<typeof usageInfo> | null, status: string, badges: readonly string[]]>
> = {
  healthy: [{}, null, 'Active', []],
  violation: [failed('violation'), null, 'Error', ['red Banned']],
  organization: [failed('organization'), null, 'Error', ['red Organization disabled']],
  verification: [failed('verification', TRUSTED), null, 'Error', ['amber Needs verification']],
  credential: [failed('credential'), null, 'Error', ['orange Sign in again']],
  forbidden: [failed('forbidden'), null, 'Error', ['gray Forbidden']],
  billing: [failed('billing'), null, 'Error', ['red Billing problem']],
  custom: [failed('custom'), null, 'Error', ['red Error']],
  'usage-banned': [{}, usageInfo({ isBanned: true }), 'Active', ['red Banned']],
  'usage-verify': [
    {},
    usageInfo({ needsVerify: true, forbidden: { type: 'validation', reason: 'verify', link: TRUSTED } }),
    'Active',
    ['amber Needs verification'],
  ],
  'usage-forbidden': [{}, usageInfo({ forbidden: { type: 'forbidden', reason: 'denied', link: null } }), 'Active', ['gray Forbidden']],
  'usage-reauth': [{}, usageInfo({ needsReauth: true, errorCode: 'unauthenticated' }), 'Active', ['orange Sign in again']],
  'usage-limited': [
    {},
    usageInfo({ errorCode: 'rate_limited', error: 'usage API error: HTTP 429' }),
    'Active',
    ['amber Usage rate limited'],
  ],
  'usage-error': [{}, usageInfo({ errorCode: 'network_error', error: 'usage API error: reset' }), 'Active', ['amber Usage error']],
  off: [{ settings: { enabled: false } }, null, 'Switched off', []],
  expired: [{ settings: { expiresAt: NOW } }, null, 'Expired', []],
  limited: [{ health: { rateLimit: hold(NOW + 2 * HOUR) } }, null, 'Rate limited for 2h 0m', []],
  'limited-twice': [
    { health: { rateLimit: hold(NOW + 2 * HOUR), modelRateLimits: new Map([['opus', quota]]) } },
    null,
    'Rate limited for 2h 0m',
    ['amber Rate limited: opus'],
  ],
  overloaded: [{ health: { overload: hold(NOW + 9 * MINUTE) } }, null, 'Overloaded for 9m', []],
  paused: [{ health: { temporary: hold(NOW + 30_000) } }, null, 'Paused for under a minute', []],
  refused: [
    { health: { authentication: hold(NOW + HOUR, { credentialRevision: 0 }) } },
    null,
    'Paused for 1h 0m',
    ['amber Credential refused'],
  ],
  'model-limited': [
    { platform: 'antigravity', health: { modelRateLimits: new Map([['claude-opus-4', quota]]) } },
    null,
    'Active',
    ['amber Rate limited: claude-opus-4'],
  ],
  'credits-active': [limited(['claude-opus-4', quota]), null, 'Active', ['yellow Served with AI credits: ⚡ claude-opus-4']],
  'credits-spent': [
    limited(['claude-opus-4', quota], ['AICredits', credits]),
    null,
    'Active',
    ['red AI credits used up', 'amber Rate limited: claude-opus-4'],
  ],
  unavailable: [
    { health: { modelRateLimits: new Map([['claude-opus-4', hold(NOW + HOUR, { kind: 'unavailable' })]]) } },
    null,
    'Active',
    ['gray Unavailable: claude-opus-4'],
  ],
  threshold: [
    { settings: { schedulingThresholdPercent: 90 }, health: { usage: new Map([['5h', sample(0.95, NOW + HOUR)]]) } },
    null,
    'Paused for 1h 0m',
    ['amber Threshold reached: 5h'],
  ],
  'limit-over': [limited(['claude-opus-4', hold(NOW)]), null, 'Active', []],
};

describe('what an account shows', () => {
  it('shows each status in words, and each badge in its tone and order', async () => {
    const accounts = Object.entries(STATES).map(([id, [facts, usage]]) => row(id, facts, usage));
    const { page } = await pages.open({ accounts }, { pausedAt: NOW });
    const shown = await page.locator('#rows tr').evaluateAll((rows) =>
      rows.map((one) => {
        const badges = [...one.querySelectorAll('.badges .pill')];
        return [
          one.getAttribute('data-id'),
          [...(one.querySelector('.status-line')?.children ?? [])].map((part) => part.textContent).join(' '),
          badges.map((badge) => `${/tone-(\w+)/.exec(badge.className)?.[1]} ${badge.textContent}`),
        ];
      }),
    );
    expect(new Set(accounts.flatMap(({ view }) => view.badges.map(({ kind }) => kind))).size).toBe(18);
    const wanted = Object.entries(STATES).map(([id, [, , status, badges]]) => [id, status, badges] as const);
    expect(shown).toEqual(wanted.sort(([one], [other]) => (one < other ? -1 : 1)));
  });

  it('shows the tier beside the platform, for the three tiers that are known', async () => {
    const tiers = ['free-tier', 'g1-pro-tier', 'g1-ultra-tier', 'enterprise-custom', null];
    const accounts = tiers.map((tier, index) => row(`t${index}`, { platform: 'antigravity', settings: { tier } }));
    const { page } = await pages.open({ accounts });
    expect(await page.locator('.platform-name').allTextContents()).toEqual([
      'Antigravity Free',
      'Antigravity Pro',
      'Antigravity Ultra',
      'Antigravity',
      'Antigravity',
    ]);
  });

  it('shows rounded percentages and clamped bars, red from 100, amber from 80', async () => {
    const uses = [0, 0.504, 0.799, 0.8, 0.996, 1, 1.02, 12];
    const accounts = uses.map((used, index) =>
      row(`u${index}`, { platform: 'openai', health: { usage: new Map([['5h', sample(used, NOW + HOUR)]]) } }),
    );
    const { page } = await pages.open({ accounts }, { pausedAt: NOW });
    const bars = await page.locator('.usage-bar').evaluateAll((all) =>
      all.map((bar) => {
        const fill = bar.querySelector<HTMLElement>('.fill');
        return [
          bar.querySelector('.percent')?.textContent,
          fill?.style.width,
          fill?.className.split('-')[1],
          bar.querySelector('.track')?.getAttribute('aria-valuenow'),
        ];
      }),
    );
    expect(bars).toEqual([
      ['0%', '0%', 'green', '0'],
      ['50%', '50.4%', 'green', '50'],
      ['80%', '79.9%', 'green', '80'],
      ['80%', '80%', 'amber', '80'],
      ['100%', '99.6%', 'amber', '100'],
      ['100%', '100%', 'red', '100'],
      ['102%', '100%', 'red', '100'],
      ['>999%', '100%', 'red', '100'],
    ]);
  });
});

describe('texts of upstreams', () => {
  it('opens a trusted verification link in a new tab and copies it; an untrusted one is text', async () => {
    const accounts = [row('good', failed('verification', TRUSTED)), row('bad', failed('verification', UNTRUSTED))];
    const { page, server } = await pages.open({ accounts }, { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
    expect(await page.locator('tr[data-id=good] a').getAttribute('href')).toBe(TRUSTED.url);
    expect(await page.locator('tr[data-id=good] a').getAttribute('rel')).toBe('noopener noreferrer');
    await page.locator('tr[data-id=good]').getByRole('button', { name: 'Copy the verification link' }).click();
    await page.getByText('Copied ✓').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(TRUSTED.url);
    await page.getByText('Copied ✓').waitFor({ state: 'detached', timeout: 5_000 });

    expect(await page.locator('tr[data-id=bad]').textContent()).toContain(`Untrusted address: ${UNTRUSTED.url}`);
    expect(await page.locator('tr[data-id=bad] a').count()).toBe(0);
    await page.getByText(UNTRUSTED.url).click();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    expect(await page.locator('#account-panel').textContent()).toContain(UNTRUSTED.url);
    expect(await page.locator('#account-panel a').count()).toBe(0);
    expect(page.url()).toBe(server.url);
    expect(page.context().pages()).toHaveLength(1);
  });

  it('never makes a link of anything but https, whatever it is said to be', async () => {
    const link = { url: 'javascript:alert(1)', trusted: true };
    const { page } = await pages.open({ accounts: [row('evil', failed('verification', link))] });
    expect(await page.locator('tr[data-id=evil]').textContent()).toContain('javascript:alert(1)');
    expect(await page.locator('tr a').count()).toBe(0);
  });

  it('shows HTML in a label, a model and an error as text', async () => {
    const html = '<img src=x onerror="document.title=1"><b>bold</b>';
    const health = { errors: new Map([['custom', accountError({ message: html })]] as const), modelRateLimits: new Map([[html, quota]]) };
    const accounts = [{ ...row('a1', { health }), label: html }];
    const said = { kind: html, scope: html, rule: html, message: html, resetAt: null, exit: html };
    const decisions = [
      {
        id: '1',
        at: NOW,
        requestId: html,
        accountId: 'a1',
        label: html,
        model: html,
        status: 400,
        verdict: said,
        disposition: { type: html },
        changes: [html],
        explanation: { rules: [{ id: html, matched: true, why: html }] },
      },
    ];
    const { page } = await pages.open({ accounts, decisions, decision: () => decisions[0] });
    await page.locator('#decision-list summary').first().click();
    await page.locator('.story').waitFor();
    expect((await page.locator('.story').textContent())?.split('<img').length).toBeGreaterThan(7);
    await page.locator('.account-name').click();
    expect(await page.locator('#account-panel .said').first().textContent()).toBe(html);
    expect(await page.locator('tr[data-id=a1] .badges').textContent()).toContain(`Rate limited: ${html}`);
    expect(await page.locator('img, #main b:not(.untrusted b)').count()).toBe(0);
    expect(await page.title()).toBe('Pool · poolwarden');
  });
});
