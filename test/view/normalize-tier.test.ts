import { describe, expect, it } from 'vitest';
import { normalizeTier, tierLabel } from '../../src/view/normalize-tier.js';

describe('normalizeTier', () => {
  it.each([
    ['', ''],
    ['free-tier', 'FREE'],
    ['FREE-TIER', 'FREE'],
    ['g1-pro-tier', 'PRO'],
    ['Google AI Pro', 'PRO'],
    ['g1-ultra-tier', 'ULTRA'],
    ['Ultra Plan', 'ULTRA'],
    ['ultra pro free', 'ULTRA'],
    ['pro free', 'PRO'],
    ['unknown-something', 'UNKNOWN'],
    ['enterprise-custom', 'UNKNOWN'],
    [' ', 'UNKNOWN'],
  ])('%j is %j', (raw, tier) => {
    expect(normalizeTier(raw)).toBe(tier);
  });
});

describe('tierLabel', () => {
  it.each([
    [null, null],
    ['', null],
    ['free-tier', 'Free'],
    ['g1-pro-tier', 'Pro'],
    ['g1-ultra-tier', 'Ultra'],
    ['G1-Ultra-Tier', 'Ultra'],
    ['Google AI Pro', null],
    ['enterprise-custom', null],
    ['constructor', null],
  ])('%j has the label %j', (raw, label) => {
    expect(tierLabel(raw)).toBe(label);
  });
});
