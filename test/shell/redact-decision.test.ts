import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryRepository } from '../../src/adapters/memory.js';
import type { SetError } from '../../src/core/action.js';
import { NOTHING_NEW } from '../../src/core/decide-success.js';
import type { Decision } from '../../src/core/decision.js';
import { healthToJson } from '../../src/core/health-json.js';
import { createRedactor } from '../../src/core/redact.js';
import { DEFAULT_POLICY } from '../../src/define-policy.js';
import { evaluate } from '../../src/evaluate.js';
import { makeEngine } from '../../src/shell/engine.js';
import { containRedact, redactDecision } from '../../src/shell/redact-decision.js';
import { readSignal } from '../../src/stages.js';
import { account, NOW } from '../support/accounts.js';
import { decisionOf, exchange, holdUntil, usageOf } from './support.js';

const RUNS = Number(process.env.FC_RUNS ?? 1_000);
const SECRET = 'hunter-two-and-more';
const LINK = { url: `https://accounts.google.com/verify?s=${SECRET}`, trusted: true };

const setError: SetError = {
  type: 'set_error',
  accountId: SECRET,
  kind: 'verification',
  message: `Verify ${SECRET}`,
  link: LINK,
  rule: 'r',
  at: NOW,
  generation: 0,
  credentialRevision: -1,
};

/** A decision with the secret in every text that an upstream may have worded. */
const LEAKY: Decision = {
  verdict: {
    ...decisionOf([]).verdict,
    message: `Bad ${SECRET}`,
    signal: { ...readSignal(exchange()), errorType: SECRET, code: SECRET, reason: SECRET, message: SECRET, detail: SECRET, link: LINK },
  },
  disposition: { type: 'retry', delayMs: 0, withCredits: false, otherwise: [holdUntil(NOW, { accountId: 'a1', detail: SECRET })] },
  actions: [{ ...setError, accountId: 'a1' }, holdUntil(NOW, { detail: `for ${SECRET}` }), usageOf(0.5)],
  events: [{ code: 'durable_softened', level: 'warn', accountId: 'a1', detail: `about ${SECRET}` }],
};

const redact = containRedact((text) => text.replaceAll(SECRET, '***'));

describe('redactDecision', () => {
  it('reaches every text', () => {
    const clean = redactDecision(LEAKY, redact);
    expect(JSON.stringify(clean)).not.toContain(SECRET);
    expect(JSON.stringify(LEAKY).replaceAll(SECRET, '***').replaceAll('"trusted":true', '"trusted":false')).toBe(JSON.stringify(clean));
  });

  it('leaves names alone: an account whose id is a secret of its own is still found', () => {
    const clean = redactDecision(decisionOf([setError]), redact);
    expect(clean.actions[0]).toMatchObject({ accountId: SECRET, message: 'Verify ***' });
  });

  it('trusts no link that it had to change, and every other as before', () => {
    const link = { url: `https://accounts.google.com/${'a'.repeat(1_000)}`, trusted: true };
    const action = (given: typeof link) => redactDecision(decisionOf([{ ...setError, link: given }]), redact).actions[0];
    expect(action(LINK)).toMatchObject({ link: { url: 'https://accounts.google.com/verify?s=***', trusted: false } });
    expect(action(link)).toMatchObject({ link });
  });

  it('returns a decision without texts as it is', () => {
    expect(redactDecision(NOTHING_NEW, redact)).toBe(NOTHING_NEW);
  });

  it.each([
    {
      title: 'throws',
      broken: () => {
        throw new Error('redactor');
      },
    },
    { title: 'returns no text', broken: () => undefined },
  ])('leaves nothing of a text where the redactor $title', ({ broken }) => {
    const clean = redactDecision(LEAKY, containRedact(broken as unknown as (text: string) => string));
    expect(JSON.stringify(clean)).not.toContain(SECRET);
    expect(clean.verdict.message).toBe('[redacted]');
    expect(clean.verdict.signal?.errorType).toBe('[redacted]');
    expect(clean.disposition).toMatchObject({ otherwise: [{ detail: '[redacted]' }] });
    expect(clean.actions).toMatchObject([
      { message: '[redacted]', link: { url: '[redacted]', trusted: false } },
      { detail: '[redacted]' },
      {},
    ]);
    expect(clean.events).toMatchObject([{ detail: '[redacted]' }]);
  });

  it('keeps texts storable whatever the redactor returns (faults F40, F85, F86)', () => {
    const clean = redactDecision(
      decisionOf([holdUntil(NOW, { detail: 'x' })]),
      containRedact(() => `a\r\nb\u0000\ud800${'😀'.repeat(400)}`),
    );
    const detail = (clean.actions[0] as { readonly detail: string }).detail;
    expect(detail.startsWith('a b\ufffd😀')).toBe(true);
    expect(new TextEncoder().encode(detail).length).toBeLessThanOrEqual(512);
    expect(encodeURIComponent(detail)).not.toBe('');
  });
});

const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `Bearer ${secret}`,
  (secret) => `https://u.example/v1?key=${encodeURIComponent(secret)}`,
  (secret) => Buffer.from(`{"k":"${secret}"}`).toString('base64'),
  (secret) => JSON.stringify(JSON.stringify(secret)),
  (secret) => `${secret.slice(0, 9)}\n${secret.slice(9)}`,
];

describe('an engine with a redactor', () => {
  it('property: no known secret leaves it in any form: not in the decision, the log, the store or a failure (I29, F83, F84)', async () => {
    const reached = { verdict: 0, stored: 0, failed: 0 };
    const secrets = fc.string({ unit: fc.constantFrom(...'abcdefghijkmnopqrstuvwxyzABCDEFGH23456789/+-_'), minLength: 16, maxLength: 40 });
    const statuses = fc.constantFrom(400, 401, 402, 403, 429, 529);
    const platforms = fc.constantFrom(['anthropic', 'oauth'], ['openai', 'api_key'], ['antigravity', 'oauth'], ['gemini', 'api_key']);
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.constantFrom(...forms),
        statuses,
        platforms,
        async (secret, form, status, [platform = '', type = '']) => {
          const echo = form(secret);
          const message = `organization has been disabled, validate https://accounts.google.com/x?k=${encodeURIComponent(secret)} ${echo}`;
          const body = JSON.stringify({ error: { message, type: echo, code: echo, status: echo }, detail: echo });
          const health = createMemoryRepository();
          const failing = { ...createMemoryRepository(), patch: () => Promise.reject(new Error('down')) };
          const logged: Decision[] = [];
          const deps = {
            redact: createRedactor([secret]),
            onDecision: (decision: Decision) => logged.push(decision),
            usageWriteIntervalMs: 0,
          };
          const asked = {
            account: account({ platform, type }),
            model: 'm',
            response: { status, headers: { date: '' }, body },
            receivedAt: NOW,
          };
          const parts = { evaluate, defaultPolicy: DEFAULT_POLICY };
          const observed = makeEngine({ ...deps, health }, parts).observe(asked);
          await observed.saved;
          const { failed } = await makeEngine({ ...deps, health: failing }, parts).observe(asked).saved;
          const stored = [...health.snapshot().values()].map(healthToJson);
          const output = JSON.stringify([observed.decision, logged, stored, failed]);
          for (const needle of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), secret.slice(0, 12)]) {
            expect(output).not.toContain(needle);
          }
          if (observed.decision.verdict.message?.includes('[redacted]')) reached.verdict += 1;
          if (JSON.stringify(stored).includes('[redacted]')) reached.stored += 1;
          if (JSON.stringify(failed).includes('[redacted]')) reached.failed += 1;
        },
      ),
      { numRuns: RUNS },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(RUNS / 50);
  });
});
