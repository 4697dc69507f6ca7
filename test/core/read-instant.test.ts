import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDateInWords, readImfFixdate, readRetryAfterMs, readRfc3339 } from '../../src/core/read-instant.js';
import { MAX_INSTANT } from '../../src/core/time.js';

const at = Date.UTC;
const anyInstant = fc.integer({ min: 0, max: MAX_INSTANT });

describe('readRfc3339', () => {
  it.each<[text: string | null | undefined, instant: number | null]>([
    ['2024-03-26T20:00:00Z', at(2024, 2, 26, 20)],
    ['2026-05-27T10:13:09Z', at(2026, 4, 27, 10, 13, 9)],
    ['2026-05-27t10:13:09z', at(2026, 4, 27, 10, 13, 9)],
    [' 2026-05-27T10:13:09Z\t', at(2026, 4, 27, 10, 13, 9)],
    ['2026-05-27T10:13:09.5Z', at(2026, 4, 27, 10, 13, 9, 500)],
    ['2026-05-27T10:13:09.123456789Z', at(2026, 4, 27, 10, 13, 9, 124)],
    ['2026-05-27T10:13:09.999999999Z', at(2026, 4, 27, 10, 13, 10)],
    ['2026-05-27T10:13:09.123000000Z', at(2026, 4, 27, 10, 13, 9, 123)],
    ['2026-05-27T10:13:09+05:30', at(2026, 4, 27, 4, 43, 9)],
    ['2026-05-27T10:13:09.001-03:30', at(2026, 4, 27, 13, 43, 9, 1)],
    ['2026-05-27T10:13:09-00:00', at(2026, 4, 27, 10, 13, 9)],
    ['2024-02-29T00:00:00Z', at(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', at(2000, 1, 29)],
    ['2026-12-31T23:59:59Z', at(2026, 11, 31, 23, 59, 59)],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:00:00-02:00', 3_600_000],
    ['2100-01-01T00:00:00Z', MAX_INSTANT],
    ['2100-01-01T00:00:00.000000001Z', null],
    ['2100-01-01T01:00:00+02:00', MAX_INSTANT - 3_600_000],
    ['9999-12-31T23:59:59Z', null],
    ['1969-12-31T23:59:59Z', null],
    ['0000-01-01T00:00:00Z', null],
    ['2026-02-29T00:00:00Z', null],
    ['2026-02-30T00:00:00Z', null],
    ['2100-02-29T00:00:00Z', null],
    ['2026-04-31T00:00:00Z', null],
    ['2026-00-01T00:00:00Z', null],
    ['2026-13-01T00:00:00Z', null],
    ['2026-01-00T00:00:00Z', null],
    ['2026-01-01T24:00:00Z', null],
    ['2026-01-01T23:60:00Z', null],
    ['2026-12-31T23:59:60Z', null],
    ['2026-05-27T10:13:09', null],
    ['2026-05-27T10:13Z', null],
    ['2026-05-27 10:13:09Z', null],
    ['2026-05-27', null],
    ['2026-05-27T10:13:09.Z', null],
    ['2026-05-27T10:13:09.1234567890Z', null],
    ['2026-05-27T10:13:09+0530', null],
    ['2026-05-27T10:13:09+24:00', null],
    ['2026-05-27T10:13:09+05:60', null],
    ['2026-05-27T10:13:09Zx', null],
    ['2026-05-27T10:13:09ZZ', null],
    ['26-05-27T10:13:09Z', null],
    ['+02026-05-27T10:13:09Z', null],
    ['2026-05-27T10:13:09.123456789+05:30', at(2026, 4, 27, 4, 43, 9, 124)],
    ['2026-05-27T10:13:09.1234567890+05:30', null],
    ['2026/05-27T10:13:09Z', null],
    ['2026-05/27T10:13:09Z', null],
    ['2026-05-27T10-13:09Z', null],
    ['2026-05-27T10:13-09Z', null],
    ['2026-05-27T10:13:09*05:30', null],
    ['2026-05-27T10:13:09+05-30', null],
    ['2026-05-27T10:13:09+05:301', null],
    ['2026-05-27T10:13:09+05:3', null],
    ['２026-05-27T10:13:09Z', null],
    ['-1', null],
    ['5', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j = %j', (text, instant) => {
    expect(readRfc3339(text)).toBe(instant);
  });

  it('reads back what Date writes, in any zone', () => {
    const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (instant, minutes) => {
        expect(readRfc3339(new Date(instant).toISOString())).toBe(instant);
        const local = new Date(instant + minutes * 60_000).toISOString().slice(0, -1);
        const shown = `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
        expect(readRfc3339(shown)).toBe(instant);
      }),
      { numRuns: 3000 },
    );
  });

  it('accepts exactly the days that the calendar has', () => {
    let days = 0;
    for (let year = 1970; year < 2100; year += 1) {
      for (let month = 1; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const date = new Date(at(year, month - 1, day));
          const isDay = month <= 12 && day > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T00:00:00Z`;
          if (readRfc3339(text) !== (isDay ? date.getTime() : null)) expect.fail(text);
          if (isDay) days += 1;
        }
      }
    }
    expect(days).toBe(MAX_INSTANT / 86_400_000);
  });
});

describe('readImfFixdate', () => {
  it.each<[text: string | null | undefined, instant: number | null]>([
    ['Fri, 31 Dec 2027 23:59:59 GMT', at(2027, 11, 31, 23, 59, 59)],
    ['Tue, 21 Apr 2026 01:38:11 GMT', at(2026, 3, 21, 1, 38, 11)],
    [' Tue, 21 Apr 2026 01:38:11 GMT ', at(2026, 3, 21, 1, 38, 11)],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wed, 31 Dec 1969 23:59:59 GMT', null],
    ['Thu, 29 Feb 2024 00:00:00 GMT', at(2024, 1, 29)],
    ['Mon, 01 Jan 1990 00:00:00 GMT', at(1990, 0, 1)],
    ['Fri, 01 Jan 2100 00:00:00 GMT', MAX_INSTANT],
    ['Fri, 31 Dec 9999 23:59:59 GMT', null],
    ['Thu, 31 Dec 2027 23:59:59 GMT', null],
    ['Sun, 29 Feb 2026 00:00:00 GMT', null],
    ['Fri, 31 Dec 27 23:59:59 GMT', null],
    ['Friday, 31-Dec-27 23:59:59 GMT', null],
    ['Fri Dec 31 23:59:59 2027', null],
    ['Fri, 31 Dec 2027 23:59:59', null],
    ['Fri, 31 Dec 2027 23:59:59 UTC', null],
    ['Fri, 31 Dec 2027 23:59:59 +0000', null],
    ['Fri, 31 Dec 2027 24:00:00 GMT', null],
    ['Fri, 31 Dec 2027 23:59:60 GMT', null],
    ['Fri. 31 Dec 2027 23:59:59 GMT', null],
    ['Fri, 31-Dec 2027 23:59:59 GMT', null],
    ['Fri, 31 Dec-2027 23:59:59 GMT', null],
    ['Fri, 31 Dec 2027-23:59:59 GMT', null],
    ['fri, 31 dec 2027 23:59:59 gmt', null],
    ['Fri, 31 anF 2027 23:59:59 GMT', null],
    ['Fri,  1 Jan 2027 23:59:59 GMT', null],
    ['Fri, 31 Dec 2027T23:59:59 GMT', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j = %j', (text, instant) => {
    expect(readImfFixdate(text)).toBe(instant);
  });

  it('reads back what Date writes', () => {
    fc.assert(
      fc.property(anyInstant, (instant) => {
        expect(readImfFixdate(new Date(instant).toUTCString())).toBe(instant - (instant % 1000));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readRetryAfterMs', () => {
  const now = at(2026, 3, 21, 1, 38, 11);
  it.each<[text: string | null | undefined, ms: number | null]>([
    ['0', 0],
    ['2094', 2_094_000],
    ['16.1', 16_100],
    ['4.035', 4_035],
    ['0.001', 1],
    ['Tue, 21 Apr 2026 01:38:12 GMT', 1000],
    ['Tue, 21 Apr 2026 01:38:11 GMT', null],
    ['Tue, 21 Apr 2026 01:38:10 GMT', null],
    ['Fri, 31 Dec 9999 23:59:59 GMT', null],
    ['2026-04-21T01:38:12Z', null],
    ['-5', null],
    ['1e400', null],
    ['soon 5', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j = %j', (text, ms) => {
    expect(readRetryAfterMs(text, now)).toBe(ms);
  });

  it('has no wait where there is no time of receipt', () => {
    expect(readRetryAfterMs('Tue, 21 Apr 2026 01:38:12 GMT', Number.NaN)).toBeNull();
  });
});

describe('findDateInWords', () => {
  it.each<[message: string, instant: number | null]>([
    ['You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC.', at(2026, 3, 1)],
    ['regain access on 2026-04-01 at 12:30 UTC', at(2026, 3, 1, 12, 30)],
    ['until 2026-04-01 12:30:05 UTC', at(2026, 3, 1, 12, 30, 5)],
    ['until 2026-04-01T12:30:05Z', at(2026, 3, 1, 12, 30, 5)],
    ['until 2026-04-01 at 12:30 GMT', at(2026, 3, 1, 12, 30)],
    ['2026-02-30 at 00:00 UTC, I mean 2026-03-02 at 00:00 UTC', at(2026, 2, 2)],
    ['a-b-c on 2026-04-01 at 00:00 UTC', at(2026, 3, 1)],
    ['on 2026-04-01 at 00:00', null],
    ['on 2026-04-01 at 00:00 PST', null],
    ['on 2026-04-01', null],
    ['on 2026-04-01 UTC', null],
    ['on 12026-04-01 at 00:00 UTC', null],
    ['on 02026-04-01 at 00:00 UTC', null],
    ['on 9999-04-01 at 00:00 UTC', null],
    ['', null],
    ['----------', null],
  ])('%j = %j', (message, instant) => {
    expect(findDateInWords(message)).toBe(instant);
  });
});

describe('any text', () => {
  const nearDates = fc.string({ unit: fc.constantFrom(...'0123456789-:TZ.+, ', '2026-04-01', 'Jan', 'GMT', ' UTC'), maxLength: 30 });
  const mutated = fc
    .tuple(anyInstant, fc.boolean(), fc.nat({ max: 29 }), fc.constantFrom(...'09-:TZ ', ''))
    .map(([instant, http, place, character]) => {
      const text = http ? new Date(instant).toUTCString() : new Date(instant).toISOString();
      return text.slice(0, place) + character + text.slice(place + 1);
    });

  it('gives null or an instant within bounds', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.oneof(nearDates, mutated, fc.string({ unit: 'binary' })), (text) => {
        for (const instant of [readRfc3339(text), readImfFixdate(text), findDateInWords(text)]) {
          if (instant === null) continue;
          found += 1;
          expect(Number.isInteger(instant) && instant >= 0 && instant <= MAX_INSTANT).toBe(true);
        }
        expect(readRetryAfterMs(text, 0) ?? 0).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(50);
  });
});
