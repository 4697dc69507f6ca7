/** The value of each kind of cell, as it is stored: numbers within their bounds, texts clean, cleared ones among them. */
import fc from 'fast-check';
import {
  type AccountError,
  CLEARED,
  ERROR_KINDS,
  type ErrorKind,
  HOLD_CELLS,
  type Hold,
  type HoldCell,
  type HoldKind,
  MAX_STRIKES,
  type SessionHeader,
  type SessionStatus,
  type StrikeSet,
  type UsageSample,
} from '../core/health.js';
import { newestEvidence } from '../core/join-strikes.js';
import type { SessionPrediction } from '../core/order.js';
import { cleanText } from '../core/text.js';
import type { VerificationLink } from '../core/verification-link.js';
import { hostileTextArbitrary } from './hostile-text.js';
import { evidenceIdArbitrary, ruleNameArbitrary } from './name-arbitraries.js';
import { generationArbitrary, instantArbitrary, revisionArbitrary } from './number-arbitraries.js';

/** A kind of hold. */
export const holdKindArbitrary: fc.Arbitrary<HoldKind> = fc.constantFrom('quota', 'overload', 'unavailable', 'temporary', 'credits');

/** A kind of error. */
export const errorKindArbitrary: fc.Arbitrary<ErrorKind> = fc.constantFrom(...ERROR_KINDS);

/** The name of an account-wide hold cell. */
export const holdCellArbitrary: fc.Arbitrary<HoldCell> = fc.constantFrom(...HOLD_CELLS);

/** A detail or message as an upstream words it, before it is cleaned. */
export const messageArbitrary: fc.Arbitrary<string> = fc.oneof(fc.constantFrom('', 'a', 'b', 'é'), hostileTextArbitrary);

const storedTexts = messageArbitrary.map((text) => cleanText(text));

/** A verification link, trusted or not; often none. */
export const linkArbitrary: fc.Arbitrary<VerificationLink | null> = fc.constantFrom(
  null,
  { url: 'https://accounts.google.com/signin/continue?sarp=1', trusted: true },
  { url: 'https://accounts.google.com/signin/continue?sarp=1', trusted: false },
  { url: 'https://elsewhere.example/verify', trusted: false },
);

const tuple = { generation: generationArbitrary, credentialRevision: revisionArbitrary, rule: ruleNameArbitrary };
const clearedTuples = generationArbitrary.map((generation) => ({ generation: generation + 1, credentialRevision: -1, rule: CLEARED }));

/** A hold: one in six is cleared. */
export const holdArbitrary: fc.Arbitrary<Hold> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...tuple, until: instantArbitrary, kind: holdKindArbitrary, detail: storedTexts }) },
  { weight: 1, arbitrary: clearedTuples.map((cleared) => ({ ...cleared, until: 0, kind: 'temporary' as const, detail: '' })) },
);

/** An error: one in six is cleared. */
export const accountErrorArbitrary: fc.Arbitrary<AccountError> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...tuple, at: instantArbitrary, message: storedTexts, link: linkArbitrary }) },
  { weight: 1, arbitrary: clearedTuples.map((cleared) => ({ ...cleared, at: 0, message: '', link: null })) },
);

const shares = fc.option(
  fc.oneof(
    fc.constantFrom(0, 0.5, 1, 1.02, 100),
    fc.integer({ min: 0, max: 1_000_000 }).map((steps) => steps / 1e4),
  ),
  { freq: 4 },
);

/** A usage sample. */
export const usageSampleArbitrary: fc.Arbitrary<UsageSample> = fc.record({
  utilization: shares,
  resetAt: fc.option(instantArbitrary, { freq: 4 }),
  sampledAt: instantArbitrary,
});

const evidence = fc.tuple(evidenceIdArbitrary, instantArbitrary);
const fullEvidence = fc.uniqueArray(evidence, {
  minLength: MAX_STRIKES - 2,
  maxLength: MAX_STRIKES,
  selector: ([id]) => id,
  size: 'max',
});

/** A strike set, one in three with about all the evidence that it keeps. */
export const strikeSetArbitrary: fc.Arbitrary<StrikeSet> = fc.record({
  generation: generationArbitrary,
  evidence: fc
    .oneof({ weight: 2, arbitrary: fc.array(evidence, { maxLength: 3 }) }, { weight: 1, arbitrary: fullEvidence })
    .map((pieces) => newestEvidence(new Map(pieces))),
});

/** The status of a session window. */
export const sessionStatusNameArbitrary: fc.Arbitrary<string> = fc.constantFrom('allowed', 'allowed_warning', 'rejected');

/** An observed session window. */
export const sessionHeaderArbitrary: fc.Arbitrary<SessionHeader> = fc.record({ observedAt: instantArbitrary, end: instantArbitrary });

/** An observed session status. */
export const sessionStatusArbitrary: fc.Arbitrary<SessionStatus> = fc.record({
  observedAt: instantArbitrary,
  status: sessionStatusNameArbitrary,
});

/** A guessed session window. */
export const sessionPredictionArbitrary: fc.Arbitrary<SessionPrediction> = fc.record({ start: instantArbitrary });
