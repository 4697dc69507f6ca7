import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLink, DEFAULT_VERIFICATION_HOSTS, extractVerificationLink } from '../../src/core/verification-link.js';
import { hostileText } from './hostile-text.js';

type Verdict = 'dropped' | 'kept' | 'trusted';

const verdictOf = (url: string, hosts?: readonly string[]): Verdict => {
  const link = checkLink(url, hosts);
  if (link === null) return 'dropped';
  return link.trusted ? 'trusted' : 'kept';
};

const HOST = 'accounts.google.com';
const GOOD = `https://${HOST}/signin/continue`;

const TRUSTED: readonly string[] = [
  GOOD,
  `https://${HOST}`,
  `https://${HOST}/`,
  `https://${HOST}?a=1`,
  `https://${HOST}#top`,
  `HTTPS://Accounts.Google.com/Verify`,
  `https://${HOST}/verify?token=abc&hl=en`,
  `${GOOD}?sarp=1&scc=1&continue=https://support.google.com/accounts?p=al_alert`,
  `${GOOD}?continue=https%3A%2F%2Fmyaccount.google.com%2F`,
  `${GOOD}?continue=https%253A%252F%252Fmyaccount.google.com%252Fx`,
  `${GOOD}?at=12:30`,
  'https://support.google.com/accounts?p=al_alert',
  'https://myaccount.google.com/security',
  'https://console.cloud.google.com/apis/api?project=x',
  `${GOOD}?q=${'a'.repeat(2048 - GOOD.length - 3)}`,
];

/** Links that a person must not click by mistake: kept as text, or dropped (F79-F82). */
const HOSTILE: readonly (readonly [url: string, verdict: Verdict])[] = [
  ['', 'dropped'],
  ['https', 'dropped'],
  ['https:', 'dropped'],
  ['https://', 'dropped'],
  ['https:///evil.com', 'dropped'],
  ['https:/accounts.google.com/', 'dropped'],
  ['https:accounts.google.com', 'dropped'],
  ['javascript:alert(1)', 'dropped'],
  ['javascript://accounts.google.com/%0aalert(1)', 'dropped'],
  ['data:text/html,<script>1</script>', 'dropped'],
  ['vbscript:x', 'dropped'],
  ['file:///etc/passwd', 'dropped'],
  ['ftp://accounts.google.com/', 'dropped'],
  ['http://accounts.google.com/verify', 'dropped'],
  ['//accounts.google.com/verify', 'dropped'],
  ['/verify', 'dropped'],
  ['accounts.google.com/verify', 'dropped'],
  ['xhttps://accounts.google.com/', 'dropped'],
  ['hhttps://accounts.google.com/', 'dropped'],
  [`https://${HOST}@evil.com/`, 'dropped'],
  [`https://${HOST}:pw@evil.com/`, 'dropped'],
  [`https://evil.com@${HOST}/`, 'dropped'],
  [`https://@${HOST}/`, 'dropped'],
  [`https://:@${HOST}/`, 'dropped'],
  [`https://${HOST}%40evil.com/`, 'dropped'],
  [`https://${HOST}.evil.com/`, 'kept'],
  [`https://evil.com/${HOST}`, 'kept'],
  [`https://evil${HOST}/`, 'kept'],
  [`https://x.${HOST}/`, 'kept'],
  ['https://google.com/', 'kept'],
  ['https://accounts.google.co/', 'kept'],
  ['https://accounts-google.com/', 'kept'],
  ['https://accountsagoogle.com/', 'kept'],
  ['https://accounts.google.com.', 'kept'],
  ['https://accounts.google.com./', 'kept'],
  ['https://accounts..google.com/', 'kept'],
  [`https://evil.com\\@${HOST}/`, 'dropped'],
  [`https://${HOST}\\@evil.com/`, 'dropped'],
  [`https:\\\\${HOST}/`, 'dropped'],
  [`https://${HOST}\\.evil.com/`, 'dropped'],
  [`https://${HOST}/\\evil.com`, 'dropped'],
  [`https://${HOST}:8443/`, 'dropped'],
  [`https://${HOST}:443/`, 'dropped'],
  [`https://${HOST}:/`, 'dropped'],
  [`https://${HOST}:99999/`, 'dropped'],
  ['https://[::1]/', 'dropped'],
  ['https://127.0.0.1/', 'kept'],
  ['https://0x7f000001/', 'kept'],
  ['https://аccounts.google.com/verify', 'kept'],
  ['https://ａccounts.google.com/verify', 'dropped'],
  ['https://accounts。google。com/verify', 'dropped'],
  ['https://accounts%2Egoogle.com/verify', 'dropped'],
  ['https://accounts.google.com%2f.evil.com/', 'dropped'],
  ['https://xn--ccounts-1fg.google.com/', 'kept'],
  ['https://xn--a/', 'dropped'],
  ['https://accounts.google.com/\u202everify', 'dropped'],
  ['https://accounts.goo\u200bgle.com/', 'dropped'],
  ['https://accounts.google.com/\u2066x', 'dropped'],
  [`https://acc\tounts.google.com/`, 'dropped'],
  [`https://accounts.google.com/ver\nify`, 'dropped'],
  [`ht\ntps://${HOST}/`, 'dropped'],
  [` ${GOOD}`, 'dropped'],
  [`${GOOD} `, 'dropped'],
  [`${GOOD}\u00a0x`, 'dropped'],
  [`${GOOD}\0`, 'dropped'],
  [`${GOOD}\u007f`, 'dropped'],
  [`${GOOD}\u0085`, 'dropped'],
  [`\ufeff${GOOD}`, 'dropped'],
  [`${GOOD}?q=${'a'.repeat(2048 - GOOD.length - 2)}`, 'dropped'],
  [`${GOOD}?q=${'a'.repeat(10_240)}`, 'dropped'],
  [`https://${HOST}/Logout?continue=https%3A%2F%2Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https://evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=HTTPS://evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=http://accounts.google.com`, 'kept'],
  [`https://${HOST}/Logout?continue=//evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=%2F%2Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=/%2Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=/%09/evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=%5C%5Cevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=/%5Cevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=%252F%252Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=%25252F%25252Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https%253A%252F%252Fevil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https:evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https:/evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=javascript:alert(1)`, 'kept'],
  [`https://${HOST}/Logout?continue=java%0ascript%3Aalert(1)`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}@evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}.evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}:8443/`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}%26x.evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=xhttps://${HOST}/`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}/&next=https://evil.com`, 'kept'],
  [`https://${HOST}/Logout?continue=https://${HOST}//evil.com`, 'kept'],
  [`https://${HOST}/Logout#https://evil.com`, 'kept'],
  [`https://${HOST}/https://evil.com`, 'kept'],
  [`https://${HOST}//evil.com`, 'kept'],
  [`https://${HOST}/%2F/evil.com`, 'kept'],
  ['https://forms.gle/hGzM9MEUv2azZsrb9', 'kept'],
];

const decoded = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const FOREIGN = /\/\/(?!(?:accounts|support|myaccount|console\.cloud)\.google\.com(?:[/?#]|$))/i;

describe('checkLink', () => {
  it.each(TRUSTED)('trusts %.120s', (url) => {
    expect(checkLink(url)).toEqual({ url, trusted: true });
  });

  it('has a corpus of at least 60 hostile links', () => {
    expect(new Set(HOSTILE.map(([url]) => url)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(HOSTILE)('%j is %s', (url, verdict) => {
    expect(verdictOf(url)).toBe(verdict);
  });

  it('shows a look-alike in its ASCII form', () => {
    expect(checkLink('https://аccounts.google.com/x')?.url).toBe('https://xn--ccounts-1fg.google.com/x');
    expect(checkLink('https://accounts.google.com/é?q=日')).toEqual({
      url: 'https://accounts.google.com/%C3%A9?q=%E6%97%A5',
      trusted: true,
    });
    expect(checkLink(`https://accounts.google.com/${'é'.repeat(1000)}`)).toBeNull();
  });

  it.each<[url: string, hosts: readonly string[], verdict: Verdict]>([
    ['https://v.com', ['v.com'], 'trusted'],
    ['https://v.com/x', ['V.com'], 'trusted'],
    [GOOD, [], 'kept'],
    [GOOD, ['v.com'], 'kept'],
    ['https://v.com/help', ['v.com/help'], 'trusted'],
    ['https://v.com/help/', ['v.com/help/'], 'trusted'],
    ['https://v.com/help/me', ['v.com/help'], 'trusted'],
    ['https://v.com/help?x', ['v.com/help'], 'trusted'],
    ['https://v.com/helper', ['v.com/help'], 'kept'],
    ['https://v.com/', ['v.com/help'], 'kept'],
    ['https://v.com/a?u=https://w.com/b', ['v.com', 'w.com/b'], 'trusted'],
    ['https://v.com/a?u=https://w.com/c', ['v.com', 'w.com/b'], 'kept'],
  ])('%j with %j is %s', (url, hosts, verdict) => {
    expect(verdictOf(url, hosts)).toBe(verdict);
  });

  it('keeps only links of the promised form, and gives them back unchanged (I31)', () => {
    const part = fc.constantFrom(
      HOST,
      'evil.com',
      '/',
      '//',
      ':',
      '@',
      '.',
      '?u=',
      '#',
      '%2F',
      '%3A',
      '%25',
      '%5C',
      '&',
      'https:',
      'х',
      'a',
      ' ',
    );
    const links = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => `https://${parts.join('')}`),
      fc.array(part, { maxLength: 8 }).map((parts) => `https://${HOST}/${parts.join('')}`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      hostileText,
    );
    const reached = { dropped: 0, kept: 0, trusted: 0 };
    fc.assert(
      fc.property(links, (text) => {
        const link = checkLink(text);
        reached[verdictOf(text)] += 1;
        if (link === null) return;
        const url = new URL(link.url);
        expect([url.protocol, url.port, url.username, url.password]).toEqual(['https:', '', '', '']);
        expect(link.url).toMatch(/^[\x21-\x7e]{1,2048}$/);
        expect(link.url).not.toContain('\\');
        expect(checkLink(link.url)).toEqual(link);
        if (link.trusted) expect(DEFAULT_VERIFICATION_HOSTS).toContain(url.hostname);
        if (link.trusted) expect(decoded(decoded(link.url))).not.toMatch(FOREIGN);
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(reached.dropped, reached.kept, reached.trusted)).toBeGreaterThan(200);
  });
});

/** What the rule for texts would find: proof that the structured fields are read. */
const DECOY = 'https://decoy.example/x';
const google = (...details: readonly object[]): string =>
  JSON.stringify({ error: { code: 403, message: `Verify your account: ${DECOY}`, details } });
const VALIDATION = { metadata: { validation_url: GOOD } };

describe('extractVerificationLink (behaviour 6.2)', () => {
  it.each<[what: string, body: string, url: string | null]>([
    [
      'validation_url',
      '{"error":{"details":[{"metadata":{"validation_url":"https://accounts.google.com/verify?token=abc"}}]}}',
      'https://accounts.google.com/verify?token=abc',
    ],
    [
      'appeal_url',
      '{"error":{"details":[{"metadata":{"appeal_url":"https://support.google.com/appeal/123"}}]}}',
      'https://support.google.com/appeal/123',
    ],
    ['both', '{"error":{"details":[{"metadata":{"appeal_url":"https://a.com","validation_url":"https://v.com"}}]}}', 'https://v.com'],
    ['text', 'Please verify your account at https://accounts.google.com/verify', 'https://accounts.google.com/verify'],
    ['neither', 'Access denied', null],
    ['empty', '', null],
    ['no keyword', 'Error at https://example.com/something', null],
    [
      'an escaped ampersand',
      'validation required: https://accounts.google.com/verify?a=1\\u0026b=2',
      'https://accounts.google.com/verify?a=1&b=2',
    ],
    ['http', 'validation required: http://accounts.google.com/verify', null],
    ['validation_link', google({ metadata: { validation_link: GOOD, appeal_url: 'https://a.com' } }), GOOD],
    ['an empty field', google({ metadata: { validation_url: '', appeal_url: 'https://a.com' } }), 'https://a.com'],
    ['a later detail', google({ reason: 'X' }, { metadata: null }, { metadata: 'x' }, VALIDATION), GOOD],
    ['a dropped field', google({ metadata: { validation_url: 'javascript:alert(1)', appeal_url: 'https://a.com' } }), 'https://a.com'],
    ['a field with blanks around', google({ metadata: { validation_url: ` ${GOOD}\n` } }), GOOD],
    ['Help links', google({ links: [{ description: 'x' }, { url: GOOD }] }), GOOD],
    ['metadata before Help', google({ links: [{ url: 'https://help.com' }] }, VALIDATION), GOOD],
    [
      'a Help link of another error',
      JSON.stringify({ error: { message: 'No licence', details: [{ links: [{ url: 'https://cloud.google.com/x' }] }] } }),
      null,
    ],
    ['an array around it', `[${google(VALIDATION)}]`, GOOD],
    ['JSON in a string', JSON.stringify(google(VALIDATION)), GOOD],
    [
      'JSON in a message',
      JSON.stringify({ error: { message: google({ metadata: { validation_url: `${GOOD}?a=1&b=2` } }), code: 403 } }),
      `${GOOD}?a=1&b=2`,
    ],
    ['JSON in an error', JSON.stringify({ error: google(VALIDATION) }), GOOD],
    ['JSON behind words in a message', JSON.stringify({ error: { message: `HTTP 403: ${google(VALIDATION)}` } }), DECOY],
    [
      'escapes of gson',
      '{"x":"verify: https:\\/\\/accounts.google.com\\/v?a\\u003d1\\u0026b\\u003d2"}',
      'https://accounts.google.com/v?a=1&b=2',
    ],
    ['escapes twice over', 'verify \\\\"https://accounts.google.com/v?a=1\\\\u0026b=2\\\\"', 'https://accounts.google.com/v?a=1&b=2'],
    ['an escaped quote ends it', 'verify \\u0022https://accounts.google.com/v\\u0022', 'https://accounts.google.com/v'],
    ['a truncated body', google(VALIDATION).slice(0, -5), DECOY],
    ['metadata that is no map', google({ metadata: [GOOD] }), DECOY],
    ['the end of a sentence', 'To verify, open https://accounts.google.com/verify.', 'https://accounts.google.com/verify'],
    ['parentheses', 'Verify (https://accounts.google.com/verify).', 'https://accounts.google.com/verify'],
    ['markup', 'verify <a href="https://accounts.google.com/verify">', 'https://accounts.google.com/verify'],
    ['a link that is too long is not cut', `verify https://accounts.google.com/${'a'.repeat(3000)}`, null],
    ['nor at a dot', `verify https://accounts.google.com/${'a'.repeat(2020)}.${'a'.repeat(100)}`, null],
    ['a port', 'verify https://accounts.google.com:8443/x', null],
    ['an own __proto__', '{"__proto__":{"error":{"details":[{"metadata":{"validation_url":"https://v.com"}}]}}}', 'https://v.com'],
    ['beyond 64 Ki', `${' '.repeat(65_536)}verify ${GOOD}`, null],
    ['within 64 Ki of a longer body', `verify ${GOOD} ${'x'.repeat(100_000)}`, GOOD],
    ['the 16th detail', google(...Array.from({ length: 15 }, () => ({})), VALIDATION), GOOD],
    ['the 17th detail', google(...Array.from({ length: 16 }, () => ({})), VALIDATION), DECOY],
    ['JSON in a string in a string', JSON.stringify(JSON.stringify(google(VALIDATION))), GOOD],
    ['JSON in strings, too deep', JSON.stringify(JSON.stringify(JSON.stringify(google(VALIDATION)))), DECOY],
    ['details beside no error', JSON.stringify({ message: `verify ${DECOY}`, details: [VALIDATION] }), GOOD],
    ['a body of 64 Ki', google(VALIDATION).padEnd(65_536), GOOD],
    ['a longer body', google(VALIDATION).padEnd(65_537), DECOY],
    ['deep nesting', '['.repeat(30_000), null],
    ['a number', '5', null],
    ['null', 'null', null],
  ])('%s', (_, body, url) => {
    expect(extractVerificationLink(body)?.url ?? null).toBe(url);
  });

  it('tells which links are trusted, by the hosts it is given', () => {
    const body = google({ metadata: { validation_url: 'https://v.com/x' } });
    expect(extractVerificationLink(body)).toEqual({ url: 'https://v.com/x', trusted: false });
    expect(extractVerificationLink(body, ['v.com'])).toEqual({ url: 'https://v.com/x', trusted: true });
    expect(extractVerificationLink(google(VALIDATION))).toEqual({ url: GOOD, trusted: true });
  });

  it('is total, and gives only what checkLink gives', () => {
    const json = fc.json({ maxDepth: 4 });
    const withLinks = fc
      .tuple(hostileText, fc.constantFrom(GOOD, 'https://evil.com', 'javascript:1', 'https://u@x.com'), hostileText)
      .map(([before, url, after]) => `${before} verify ${url} ${after}`);
    let found = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          withLinks,
          withLinks.map((text) => google({ metadata: { validation_url: text } })),
          hostileText,
        ),
        (body) => {
          const link = extractVerificationLink(body);
          if (link === null) return;
          found += 1;
          expect(checkLink(link.url)).toEqual(link);
        },
      ),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(300);
  });
});
