/** Jitter without randomness: the same for the same words, so that a repetition changes nothing (I36). */
import { digest } from '../core/digest.js';

const HEX_DIGITS = 8;
const SHARES: number = 16 ** HEX_DIGITS;
/** Waits are drawn out or cut by at most a quarter. */
const SPREAD = 0.25;

/** A share from 0 (inclusive) to 1 (exclusive) that these words always have, and that tells nothing of another's. Total, pure. */
export function stableShare(words: readonly (string | number)[]): number {
  // Twice: in a single digest the last letters hardly move the first digits.
  return Number.parseInt(digest([digest(words.map(String))]).slice(0, HEX_DIGITS), 16) / SHARES;
}

/** 75 % to 125 % of a wait in milliseconds, a whole number, always the same for these words. Total, pure. */
export function stableJitter(ms: number, words: readonly (string | number)[]): number {
  return Math.round(ms * (1 - SPREAD + 2 * SPREAD * stableShare(words)));
}
