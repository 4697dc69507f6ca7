import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthFromJson, healthToJson } from '../../src/core/health-json.js';
import { mergeHealth } from '../../src/core/merge-health.js';
import { toPatches } from '../../src/core/to-patches.js';
import { DEFAULT_VERIFICATION_HOSTS, type VerificationLink } from '../../src/core/verification-link.js';
import { evaluate } from '../../src/evaluate.js';
import { hostileText } from '../core/hostile-text.js';
import { account, NOW } from '../support/accounts.js';
import { reached, runs } from '../support/hostile.js';

const HOSTS = [
  'accounts.google.com',
  'support.google.com',
  'evil.example',
  'accounts.google.com.evil.example',
  'аccounts.google.com',
  'accounts.google.com.',
];
const part = fc.oneof(
  fc.constantFrom(
    '',
    '/',
    '/signin/continue',
    '?continue=',
    '&next=https://evil.example',
    '%2F%2Fevil.example',
    '#top',
    '/Logout?continue=https%3A%2F%2Fevil.example',
  ),
  fc.constantFrom(
    '@evil.example',
    ':8443',
    '\\@evil.example',
    '\t',
    '\n',
    '\u202e',
    '//evil.example',
    'javascript:alert(1)',
    '%00',
    'x'.repeat(2_100),
  ),
  hostileText,
);
const links: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('https://', 'https://', 'https://', 'HTTPS://', 'http://', '//', 'javascript:', 'data:text/html,', ''),
    fc.constantFrom('', 'user@', 'a:b@'),
    fc.constantFrom(...HOSTS),
    part,
    part,
  )
  .map((parts) => parts.join(''));

/** Bodies that offer a link in every place where one is looked for. */
const BODIES: Readonly<Record<string, (link: string) => string>> = {
  metadata: (link) =>
    JSON.stringify({
      error: { code: 403, message: 'Verify', details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: link } }] },
    }),
  help: (link) => JSON.stringify({ error: { code: 403, message: 'verify your account', details: [{ links: [{ url: link }] }] } }),
  appeal: (link) =>
    JSON.stringify({ error: { code: 403, message: 'closed', details: [{ reason: 'TOS_VIOLATION', metadata: { appeal_url: link } }] } }),
  text: (link) => `To continue, verify your account at ${link} now`,
  'text in JSON': (link) => JSON.stringify({ error: { message: `verify your account: ${link}` } }),
};

function checkLink({ url, trusted }: VerificationLink): void {
  expect(url.length).toBeLessThanOrEqual(2_048);
  expect(url).not.toMatch(/[\s\\\p{Cc}\p{Cf}]/u);
  const parsed = new URL(url);
  expect([parsed.protocol, parsed.port, parsed.username, parsed.password]).toEqual(['https:', '', '', '']);
  if (!trusted) return;
  expect(DEFAULT_VERIFICATION_HOSTS).toContain(parsed.hostname);
  const rest = url.slice(url.indexOf('/', 8));
  for (const view of [rest, decode(rest), decode(decode(rest))])
    expect(view.replaceAll(/https:\/\/(?:accounts|support)\.google\.com(?=[/?#]|$)/gi, '')).not.toMatch(/\/\/|\\|javascript:|data:/i);
}

const decode = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

describe('I31: a link that leaves is https, and trusted only where nothing else is in it', () => {
  it('wherever the upstream puts it, in the signal, the action and the stored error', () => {
    const { note, check } = reached('trusted', 'untrusted', 'none', ...Object.keys(BODIES));
    fc.assert(
      fc.property(fc.constantFrom('antigravity', 'gemini'), fc.constantFrom(...Object.keys(BODIES)), links, (platform, place, link) => {
        const one = account({ platform });
        const decision = evaluate({
          account: one,
          model: null,
          receivedAt: NOW,
          response: { status: 403, headers: {}, body: BODIES[place]?.(link) ?? '' },
        });
        const found = [decision.verdict.signal?.link ?? null, ...decision.actions.map((action) => ('link' in action ? action.link : null))];
        const patched = mergeHealth(one.health, toPatches(decision.actions).get(one.id) ?? []);
        const stored = healthFromJson(JSON.parse(JSON.stringify(healthToJson(patched))));
        for (const error of stored.errors.values()) found.push(error.link);
        for (const each of found) {
          note(each === null ? 'none' : each.trusted ? 'trusted' : 'untrusted');
          if (each === null) continue;
          note(place);
          checkLink(each);
        }
      }),
      { numRuns: runs(8_000) },
    );
    check();
  });

  it('a link that a store calls trusted is checked all the same', () => {
    const kept = healthFromJson({
      errors: [['verification', { rule: 'r', at: NOW, link: { url: 'javascript:alert(1)', trusted: true } }]],
    });
    expect(kept.errors.get('verification')?.link).toBeNull();
  });
});
