/** Rules: names and texts are data, however they look. */
import { type AccountHealth, EMPTY_HEALTH, MAX_MODEL_CELLS } from '../core/health.js';
import type { CellWrite, HealthPatch } from '../core/patch.js';
import { cleanText } from '../core/text.js';
import { newAccount } from './contract-test.js';
import { mismatch } from './contract-violation.js';
import { expectHealth, loadOne, referenceHealth } from './health-expectations.js';
import type { HealthFixture, HealthRule } from './health-fixture.js';
import { HOSTILE_MODEL_KEYS } from './name-arbitraries.js';
import { ARBITRARY_NOW } from './number-arbitraries.js';
import { holdWrite, modelWrite, patchWith, sampleError, sampleHold, strikeWrite } from './sample-writes.js';

/** Texts that break statements, patterns, JSON and pages, as they are stored. */
const TEXTS: readonly string[] = [
  "it's; drop table accounts; --",
  '"quoted" \\ and \\\\ \\u0000 \\n',
  '$1 $$ %s {} :name ?',
  'naïve 模型 😀 e\u0301 \u{10ffff}',
  '',
  ' ',
  'null',
  '\ue000\ufffd\uffff',
  '<script>&amp;',
  'x'.repeat(512),
].map((text) => cleanText(text));

/** Patches a new account, and gives back what is loaded and what should be. */
async function written(fixture: HealthFixture, patches: readonly HealthPatch[]): Promise<readonly [AccountHealth, AccountHealth]> {
  const accountId = await newAccount(fixture);
  for (const patch of patches) await fixture.repository.patch(accountId, patch);
  return [await loadOne(fixture.repository, accountId), referenceHealth(patches)];
}

async function modelNames(fixture: HealthFixture): Promise<void> {
  const writes = HOSTILE_MODEL_KEYS.map((model, index) => modelWrite(model, index + 1));
  for (const patches of [[writes], writes.map((write) => patchWith(write))]) {
    const [found, expected] = await written(fixture, patches);
    const lost = HOSTILE_MODEL_KEYS.filter((model) => !found.modelRateLimits.has(model));
    if (lost.length > 0) throw mismatch(`each of ${HOSTILE_MODEL_KEYS.length} names`, `without ${JSON.stringify(lost)}`);
    expectHealth(found, expected, 'each name with its own hold');
  }
}

async function clearedNames(fixture: HealthFixture): Promise<void> {
  const cleared = { ...sampleHold(0), generation: 1, until: 0, rule: 'cleared', kind: 'temporary' } as const;
  const [model = '', ...others] = HOSTILE_MODEL_KEYS;
  const limits = [model, ...others].map((name) => modelWrite(name, 1));
  const [found, expected] = await written(fixture, [limits, patchWith(holdWrite({ model }, cleared)), patchWith(modelWrite(model, 9))]);
  expectHealth(found, expected, 'one name cleared, and the others as they were');
}

async function otherNames(fixture: HealthFixture): Promise<void> {
  const names = ['__proto__', 'constructor', 'a.b', 'a_b', 'a:b', 'a-b', 'x'.repeat(64), '0'];
  const writes = names.flatMap((key, index): readonly CellWrite[] => [
    { cell: 'usage', key, value: { utilization: index / 10, resetAt: null, sampledAt: ARBITRARY_NOW } },
    strikeWrite(key, { [key]: index }),
    strikeWrite('forbidden', { [key]: index }),
  ]);
  const [found, expected] = await written(fixture, [writes]);
  expectHealth(found, expected, 'each window, kind and piece of evidence');
}

async function accountIds({ repository, newAccountId }: HealthFixture): Promise<void> {
  if (newAccountId !== undefined) throw mismatch('a fixture whose store takes any account id', 'one that makes them');
  const prefix = crypto.randomUUID();
  const ids = ['', "'", '"', '.', ':', ' ', '*', '?', '%', '_', '{}', '\\', 'A', 'a', '/..', '模型', '😀'].map((end) => `${prefix}${end}`);
  await Promise.all(ids.map((accountId, index) => repository.patch(accountId, [modelWrite('a', index + 1)])));
  const loaded = await repository.load(ids);
  for (const [index, accountId] of ids.entries()) {
    const expected = referenceHealth([[modelWrite('a', index + 1)]]);
    expectHealth(loaded.get(accountId) ?? EMPTY_HEALTH, expected, `the account ${JSON.stringify(accountId)} with its own`);
  }
}

async function texts(fixture: HealthFixture): Promise<void> {
  for (const text of TEXTS) {
    const value = sampleError({ message: text, link: { url: 'https://accounts.google.com/signin/continue?a=%27%22', trusted: false } });
    const patch: HealthPatch = [
      { cell: 'errors', key: 'verification', value },
      { cell: 'temporary', value: sampleHold(1, { detail: text }) },
    ];
    const [found, expected] = await written(fixture, [patch]);
    expectHealth(found, expected, `the text ${JSON.stringify(text)}`);
  }
}

async function largeAccount(fixture: HealthFixture): Promise<void> {
  const writes = Array.from({ length: MAX_MODEL_CELLS }, (_, index) => modelWrite(`model-${index}-${'x'.repeat(200)}`, index + 1));
  const [found, expected] = await written(fixture, [writes, patchWith(modelWrite('model-0', 999))]);
  expectHealth(found, expected, `${MAX_MODEL_CELLS} models and one more`);
}

/** Names and texts are data. */
export const NAME_RULES: readonly HealthRule[] = [
  { name: 'model names are data: each is a key of its own, however it looks', holds: modelNames },
  { name: 'a clear of one model name leaves all others', holds: clearedNames },
  { name: 'names of windows, strikes and evidence are data', holds: otherNames },
  { name: 'account ids are data', needs: 'any_account_id', holds: accountIds },
  { name: 'texts are kept exactly', holds: texts },
  { name: 'an account may have as many models as are allowed, and one patch may write them all', holds: largeAccount },
];
