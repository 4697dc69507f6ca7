/** Arbitrary accounts, healths, writes and actions. Values come from small sets, so that they often meet in one cell, and names are hostile. */
import fc from 'fast-check';
import type { Account } from '../../src/core/account.js';
import type { Action } from '../../src/core/action.js';
import { defineAccount } from '../../src/core/define-account.js';
import {
  type AccountError,
  type AccountHealth,
  CLEARED,
  CREDITS_KEY,
  ERROR_KINDS,
  HOLD_CELLS,
  type Hold,
  type HoldKind,
  MAX_STRIKES,
  type SessionWindowCells,
  type StrikeSet,
  type UsageSample,
} from '../../src/core/health.js';
import { newestEvidence } from '../../src/core/join-strikes.js';
import type { CellWrite, HealthPatch } from '../../src/core/patch.js';
import { cleanText, isModelKey } from '../../src/core/text.js';
import { MAX_INSTANT } from '../../src/core/time.js';
import type { VerificationLink } from '../../src/core/verification-link.js';
import { hostileText } from '../core/hostile-text.js';
import { NOW } from './accounts.js';

/** Instants that often meet. */
export const instants: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }).map((step) => NOW + step * 1_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, MAX_INSTANT) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: MAX_INSTANT }) },
);

/** What an upstream, a clock or an old version might have made of an instant. */
export const absurdNumbers: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(-1, -0, 0.5, 1e300, MAX_INSTANT + 1, 2 ** 53, 2 ** 31, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN),
  fc.double(),
);

const generations = fc.integer({ min: 0, max: 2 });
const revisions = fc.integer({ min: -1, max: 2 });
const rules = fc.constantFrom('rule', 'rule_a', 'rule_b', 'rule:1', 'rule.', 'rule-');
const holdKinds: fc.Arbitrary<HoldKind> = fc.constantFrom('quota', 'overload', 'unavailable', 'temporary', 'credits');
const errorKinds = fc.constantFrom(...ERROR_KINDS);
const holdCells = fc.constantFrom(...HOLD_CELLS);
const texts = fc.oneof(fc.constantFrom('', 'a', 'b', 'é'), hostileText);
const storedTexts = texts.map((text) => cleanText(text));
const links: fc.Arbitrary<VerificationLink | null> = fc.constantFrom(
  null,
  { url: 'https://accounts.google.com/signin/continue?sarp=1', trusted: true },
  { url: 'https://accounts.google.com/signin/continue?sarp=1', trusted: false },
  { url: 'https://elsewhere.example/verify', trusted: false },
);

const NAMES: readonly string[] = [
  'claude-opus-4-6',
  'gemini-3-pro',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a.b',
  'a,b',
  '{}',
  "o'brien{,}",
  '"',
  '$',
  ':',
  '*',
  '模型',
  'x'.repeat(256),
  CREDITS_KEY,
];

/** Names that may be keys of model limits, ordinary and hostile. */
export const modelKeys: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('claude-opus-4-6', 'gemini-3-pro', '__proto__') },
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: hostileText.filter(isModelKey) },
);

/** What callers name their models: also what may never be a key. */
export const modelNames: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: modelKeys },
  { weight: 1, arbitrary: fc.constantFrom('', 'a\0b', 'a\nb', '\ud800', 'x'.repeat(257), 'y'.repeat(10_240)) },
);

const windowNames = fc.constantFrom('5h', '7d', '7d_oi', '30d', '__proto__', 'constructor');
const strikeKinds = fc.constantFrom('forbidden', 'undated_rate_limit', '__proto__');
const evidenceIds = fc.integer({ min: 0, max: 24 }).map((number) => `rule:${number}`);

/** A hold as it is stored: set or cleared. */
export const holds: fc.Arbitrary<Hold> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      generation: generations,
      credentialRevision: revisions,
      until: instants,
      rule: rules,
      kind: holdKinds,
      detail: storedTexts,
    }),
  },
  {
    weight: 1,
    arbitrary: generations.map((generation) => ({
      generation: generation + 1,
      credentialRevision: -1,
      until: 0,
      rule: CLEARED,
      kind: 'temporary' as const,
      detail: '',
    })),
  },
);

/** An error as it is stored: set or cleared. */
export const errors: fc.Arbitrary<AccountError> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      generation: generations,
      credentialRevision: revisions,
      at: instants,
      rule: rules,
      message: storedTexts,
      link: links,
    }),
  },
  {
    weight: 1,
    arbitrary: generations.map((generation) => ({
      generation: generation + 1,
      credentialRevision: -1,
      at: 0,
      rule: CLEARED,
      message: '',
      link: null,
    })),
  },
);

const shares = fc.option(
  fc.oneof(
    fc.constantFrom(0, 0.5, 1, 1.02, 100),
    fc.integer({ min: 0, max: 1_000_000 }).map((steps) => steps / 1e4),
  ),
  { freq: 4 },
);

/** A usage sample as it is stored. */
export const samples: fc.Arbitrary<UsageSample> = fc.record({
  utilization: shares,
  resetAt: fc.option(instants, { freq: 4 }),
  sampledAt: instants,
});

/** A strike set as it is stored, often with all the evidence that one keeps. */
export const strikeSets: fc.Arbitrary<StrikeSet> = fc.record({
  generation: generations,
  evidence: fc
    .oneof(
      { weight: 2, arbitrary: fc.array(fc.tuple(evidenceIds, instants), { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.uniqueArray(fc.tuple(evidenceIds, instants), {
          minLength: MAX_STRIKES - 2,
          maxLength: MAX_STRIKES,
          selector: ([id]) => id,
          size: 'max',
        }),
      },
    )
    .map((evidence) => newestEvidence(new Map(evidence))),
});

const sessionStatuses = fc.constantFrom('allowed', 'allowed_warning', 'rejected');
const headers = fc.record({ observedAt: instants, end: instants });
const statuses = fc.record({ observedAt: instants, status: sessionStatuses });
const predictions = fc.record({ start: instants });
const sessionWindows: fc.Arbitrary<SessionWindowCells> = fc.record({
  header: fc.option(headers, { freq: 2 }),
  status: fc.option(statuses, { freq: 2 }),
  predicted: fc.option(predictions, { freq: 2 }),
});

const mapOf = <K, V>(keys: fc.Arbitrary<K>, values: fc.Arbitrary<V>, maxLength: number): fc.Arbitrary<ReadonlyMap<K, V>> =>
  fc.uniqueArray(fc.tuple(keys, values), { maxLength, selector: ([key]) => key }).map((entries) => new Map(entries));

/** Cells of a newer version. */
export const unknownCells: fc.Arbitrary<ReadonlyMap<string, unknown>> = mapOf(
  fc.constantFrom('quotaScopes', 'zeta', '__proto__', 'constructor'),
  fc.jsonValue({ maxDepth: 2 }),
  2,
);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });

/** Health as it is stored. */
export const healths: fc.Arbitrary<AccountHealth> = fc.record({
  errors: mapOf(errorKinds, errors, 3),
  rateLimit: maybe(holds),
  overload: maybe(holds),
  temporary: maybe(holds),
  authentication: maybe(holds),
  modelRateLimits: mapOf(modelKeys, holds, 4),
  sessionWindow: sessionWindows,
  usage: mapOf(windowNames, samples, 3),
  strikes: mapOf(strikeKinds, strikeSets, 2),
  refreshRequestedFor: revisions,
  unknown: unknownCells,
});

/** One cell and a value of it, as it is stored. */
export const writes: fc.Arbitrary<CellWrite> = fc.oneof(
  fc.record({ cell: holdCells, value: holds }),
  fc.record({ cell: fc.constant('modelRateLimits'), key: modelKeys, value: holds }),
  fc.record({ cell: fc.constant('errors'), key: errorKinds, value: errors }),
  fc.record({ cell: fc.constant('sessionWindow.header'), value: headers }),
  fc.record({ cell: fc.constant('sessionWindow.status'), value: statuses }),
  fc.record({ cell: fc.constant('sessionWindow.predicted'), value: predictions }),
  fc.record({ cell: fc.constant('usage'), key: windowNames, value: samples }),
  fc.record({ cell: fc.constant('strikes'), key: strikeKinds, value: strikeSets }),
  fc.record({ cell: fc.constant('refreshRequestedFor'), value: fc.integer({ min: 0, max: 3 }) }),
);

/** Some writes, also to the same cell. */
export const patches: fc.Arbitrary<HealthPatch> = fc.array(writes, { maxLength: 6 });

/** The accounts that arbitrary actions are about. */
export const ACCOUNT_IDS = ['a1', 'a2'] as const;
const accountId = fc.constantFrom(...ACCOUNT_IDS);

/** Every type of action, with these instants and generations. */
function actionsWith(instant: fc.Arbitrary<number>, generation: fc.Arbitrary<number>): fc.Arbitrary<Action> {
  const facts = { accountId, until: instant, rule: rules, kind: holdKinds, detail: texts, generation };
  const unbound = fc.constant<-1>(-1);
  const model = modelNames;
  return fc.oneof(
    fc.record({
      type: fc.constant('set_error'),
      accountId,
      kind: errorKinds,
      message: texts,
      link: links,
      rule: rules,
      at: instant,
      generation,
      credentialRevision: revisions,
    }),
    fc.record({ type: fc.constant('clear_error'), accountId, kind: errorKinds, generation }),
    fc.record({ type: fc.constantFrom('set_rate_limited', 'set_overloaded'), ...facts, credentialRevision: unbound }),
    fc.record({ type: fc.constant('set_temp_unschedulable'), cell: fc.constant('temporary'), ...facts, credentialRevision: unbound }),
    fc.record({
      type: fc.constant('set_temp_unschedulable'),
      cell: fc.constant('authentication'),
      ...facts,
      credentialRevision: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ type: fc.constant('set_model_rate_limit'), ...facts, model }),
    fc.record({ type: fc.constant('clear_model_rate_limit'), accountId, model, generation }),
    fc.record({
      type: fc.constant('clear_holds'),
      accountId,
      holds: fc.array(fc.record({ cell: holdCells, generation }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('update_session_window'),
      accountId,
      window: fc.option(fc.record({ start: instant, end: instant, source: fc.constantFrom('header', 'predicted') })),
      status: sessionStatuses,
      observedAt: instant,
    }),
    fc.record({ type: fc.constant('record_usage'), accountId, samples: mapOf(windowNames, samples, 3).map(plainRecord) }),
    fc.record({ type: fc.constant('add_strike'), accountId, kind: strikeKinds, at: instant, evidenceId: evidenceIds, generation }),
    fc.record({ type: fc.constant('clear_strikes'), accountId, kind: strikeKinds, generation }),
    fc.record({ type: fc.constantFrom('request_refresh', 'invalidate_token'), accountId, credentialRevision: revisions }),
  );
}

/** A plain object with an own property for each key, also for `__proto__`. */
export function plainRecord<V>(map: ReadonlyMap<string, V>): Readonly<Record<string, V>> {
  return Object.fromEntries(map);
}

/** Actions as decisions carry them, with hostile texts and model names. */
export const actions: fc.Arbitrary<Action> = actionsWith(instants, generations);

/** Actions whose numbers no decision would carry. */
export const absurdActions: fc.Arbitrary<Action> = actionsWith(fc.oneof(instants, absurdNumbers), fc.oneof(generations, absurdNumbers));

const platforms = fc.constantFrom('anthropic', 'openai', 'gemini', 'antigravity', 'elsewhere');
const types = fc.constantFrom('oauth', 'setup_token', 'api_key', 'other');

const facts = {
  platform: platforms,
  type: types,
  credential: fc.record({ revision: fc.constantFrom(null, 0, 1, 2), expiresAt: fc.option(instants), refreshable: fc.boolean() }),
  settings: fc.record({
    enabled: fc.boolean(),
    poolMode: fc.boolean(),
    allowOverages: fc.boolean(),
    modelMapping: fc.constantFrom({}, { alias: 'claude-opus-4-6' }, plainRecord(new Map([['__proto__', 'gemini-3-pro']]))),
  }),
  health: healths,
};

const parents: fc.Arbitrary<Account> = fc.record({ id: fc.constant('parent'), ...facts }).map(defineAccount);

/** Accounts of every kind, some of them shadows. */
export const accounts: fc.Arbitrary<Account> = fc
  .record({ id: accountId, ...facts, parent: fc.option(parents, { freq: 4 }) })
  .map(defineAccount);
