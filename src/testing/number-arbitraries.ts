/** Instants that often meet, and numbers that nobody should send. */
import fc from 'fast-check';
import { MAX_INSTANT } from '../core/time.js';

/** The instant that arbitrary instants gather behind: 2026-03-02T10:00:00Z. */
export const ARBITRARY_NOW = 1_772_445_600_000;

/** An instant in milliseconds: mostly one of four, so that they often meet; sometimes a bound, or anything between. */
export const instantArbitrary: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }).map((step) => ARBITRARY_NOW + step * 1_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, MAX_INSTANT) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: MAX_INSTANT }) },
);

/** What an upstream, a clock or an old version might have made of a number. */
export const absurdNumberArbitrary: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(-1, -0, 0.5, 1e300, MAX_INSTANT + 1, 2 ** 53, 2 ** 31, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN),
  fc.double(),
);

/** A generation from 0 to 2. */
export const generationArbitrary: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 });

/** A credential revision from -1 (none) to 2. */
export const revisionArbitrary: fc.Arbitrary<number> = fc.integer({ min: -1, max: 2 });
