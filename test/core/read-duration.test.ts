import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGoDurationMs, readProtobufDurationMs, readWordsDurationMs } from '../../src/core/read-duration.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('readGoDurationMs', () => {
  it.each<[text: string | null | undefined, ms: number | null]>([
    ['8ms', 8],
    ['0s', 0],
    ['2ms', 2],
    ['6m0s', 6 * MINUTE],
    ['1m9.696s', 69_696],
    ['2m52.8s', 172_800],
    ['479.417207ms', 480],
    ['480ms', 480],
    ['1h46m42.43s', 6_402_430],
    ['1h46m42.432658549s', 6_402_433],
    ['71h15m27.791609974s', 256_527_792],
    ['135h9m46s', 135 * HOUR + 9 * MINUTE + 46 * SECOND],
    ['160h20m10.7s', 160 * HOUR + 20 * MINUTE + 10_700],
    ['9m38.016s', 578_016],
    ['1.123456789h', 4_044_445],
    ['1ns', 1],
    ['1000000ns', 1],
    ['1000001ns', 2],
    ['1500us', 2],
    ['1500\u00b5s', 2],
    ['1500\u03bcs', 2],
    [' 5s\t', 5 * SECOND],
    ['2400h', 100 * DAY],
    ['2400h0m0.000000001s', null],
    ['9999999999999h', null],
    ['1.1234567890s', null],
    ['-5s', null],
    ['+5s', null],
    ['5', null],
    ['0', null],
    ['55', null],
    ['5S', null],
    ['5 s', null],
    ['5d', null],
    ['s', null],
    ['.5s', null],
    ['5.s', null],
    ['5s5', null],
    ['1m9.696', null],
    ['1..5s', null],
    ['1.2.3s', null],
    ['5sx', null],
    ['5mins', null],
    ['1e3s', null],
    ['５s', null],
    ['', null],
    [' ', null],
    [null, null],
    [undefined, null],
    ['1s'.repeat(20), 20 * SECOND],
    [`${'1s'.repeat(20)}1s`, null],
  ])('%j = %j', (text, ms) => {
    expect(readGoDurationMs(text)).toBe(ms);
  });

  it('equals exact arithmetic, rounded up', () => {
    const units = fc.constantFrom(['h', 3_600_000_000_000n], ['m', 60_000_000_000n], ['s', 1_000_000_000n], ['ms', 1_000_000n] as const);
    const part = fc.tuple(fc.nat({ max: 500 }), fc.option(fc.stringMatching(/^[0-9]{1,6}$/), { nil: '' }), units);
    let withRest = 0;
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        const text = parts.map(([whole, decimals, [name]]) => `${whole}${decimals === '' ? '' : `.${decimals}`}${name}`).join('');
        fc.pre(text.length <= 40);
        let total = 0n;
        for (const [whole, decimals, [, unit]] of parts) {
          total += BigInt(whole) * BigInt(unit) + (BigInt(decimals === '' ? 0 : decimals) * BigInt(unit)) / 10n ** BigInt(decimals.length);
        }
        if (total % 1_000_000n !== 0n) withRest += 1;
        const expected = (total + 999_999n) / 1_000_000n;
        expect(readGoDurationMs(text)).toBe(expected <= 8_640_000_000n ? Number(expected) : null);
      }),
      { numRuns: 3000 },
    );
    expect(withRest).toBeGreaterThan(50);
  });
});

describe('readProtobufDurationMs', () => {
  it.each<[text: string | null | undefined, ms: number | null]>([
    ['40s', 40 * SECOND],
    ['26s', 26 * SECOND],
    ['68940s', 68_940 * SECOND],
    ['0.479417207s', 480],
    ['577210.725405548s', 577_210_726],
    ['6402.432658549s', 6_402_433],
    ['0s', 0],
    ['0.000000001s', 1],
    [' 5s ', 5 * SECOND],
    ['5', null],
    ['5ms', null],
    ['1m5s', null],
    ['-5s', null],
    ['.5s', null],
    ['5.s', null],
    ['0.1234567890s', null],
    ['9999999999999s', null],
    ['315576000000s', null],
    ['s', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j = %j', (text, ms) => {
    expect(readProtobufDurationMs(text)).toBe(ms);
  });
});

describe('readWordsDurationMs in a sentence', () => {
  it.each<[message: string, ms: number | null]>([
    ['Limit 30000, Used 14567. Please try again in 18.642s. Visit https://x', 18_642],
    ['Please try again in 579ms.', 579],
    ['Please try again in 9m38.016s. Need more tokens?', 578_016],
    ['Please try again in 50.597142857s', 50_598],
    ['Rate limit is exceeded. Try again in 2 seconds.', 2 * SECOND],
    ['TRY AGAIN IN 2 MINUTES', 2 * MINUTE],
    ['Please retry after 33 seconds. Please go here', 33 * SECOND],
    ['Please retry after 86400 seconds.', DAY],
    ['Please retry in 12.345s', 12_345],
    ['Your quota will reset after 0s.', 0],
    ['Your quota will reset after 19h14m47s.', 69_287 * SECOND],
    ['Resets in 71h15m27s.', 256_527 * SECOND],
    ['resets in 1 hour and 5 minutes, or so', HOUR + 5 * MINUTE],
    ['try again in a moment; then try again in 3s', 3 * SECOND],
    ['İİİİ try again in 5s', 5 * SECOND],
    ['try again in 5', null],
    ['try again in -5s', null],
    ['try again in 5 apples', null],
    ['try again in 99999999999999s', null],
    ['try again in ', null],
    ['nothing', null],
    ['', null],
    ['5s', 5 * SECOND],
    ['x', null],
  ])('%j = %j', (message, ms) => {
    expect(readWordsDurationMs(message)).toBe(ms);
  });
});

describe('readWordsDurationMs', () => {
  it.each<[text: string | null | undefined, ms: number | null]>([
    ['resets in 2 days 3 hours', 2 * DAY + 3 * HOUR],
    ['Usage limit reached, Resets in 2 days, 3 hours and 4 minutes.', 2 * DAY + 3 * HOUR + 4 * MINUTE],
    ['Your 5 hour limit resets in 1 week', 7 * DAY],
    ['Try again after 2 minutes', 2 * MINUTE],
    ['retry in a while, try again in 5s; reset after 9s', 5 * SECOND],
    ['İİ RESETS AFTER 3 HOURS', 3 * HOUR],
    ['2d 3h', 2 * DAY + 3 * HOUR],
    ['2d3h', 2 * DAY + 3 * HOUR],
    [' 1w ', 7 * DAY],
    ['90 secs', 90 * SECOND],
    ['1 hr 2 mins', HOUR + 2 * MINUTE],
    ['1.5 hours', 90 * MINUTE],
    ['0.1 ms', 1],
    ['1500 \u00b5s', 2],
    ['1500 \u03bcs', 2],
    ['5 millisecondss', null],
    ['resets in 3 hours 5 apples', 3 * HOUR],
    ['3 hours 5 apples', null],
    ['resets in 3 hrx', null],
    ['3 milliseconds', 3],
    ['1.0001s', 1001],
    ['58 hours', 58 * HOUR],
    ['58 hours from now', null],
    ['3 hs', null],
    ['5 months', null],
    ['1 year', null],
    ['20 weeks', null],
    ['s', null],
    ['', null],
    [null, null],
    [undefined, null],
    ['1s'.repeat(8), 8 * SECOND],
    ['1s'.repeat(9), null],
  ])('%j = %j', (text, ms) => {
    expect(readWordsDurationMs(text)).toBe(ms);
  });
});

describe('any text', () => {
  const READERS = [readGoDurationMs, readProtobufDurationMs, readWordsDurationMs];
  const nearDurations = fc.string({
    unit: fc.constantFrom(...'0159.hmsnuµd ', '1h', '7m', '5.5s', 'in ', ' days', 'resets in '),
    maxLength: 8,
  });

  it('gives null or a whole number of milliseconds up to 100 days', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.oneof(nearDurations, fc.string({ unit: 'binary' })), (text) => {
        for (const read of READERS) {
          const ms = read(text);
          if (ms === null) continue;
          found += 1;
          expect(Number.isInteger(ms) && ms >= 0 && ms <= 100 * DAY).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
