import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextPacificMidnight } from '../../src/core/pacific-midnight.js';
import { MAX_INSTANT } from '../../src/core/time.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRST_YEAR = 2024;
const LAST_YEAR = 2036;

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const isMidnight = (instant: number): boolean => clock.format(instant) === '00:00:00';

/** Every midnight of the zone, found by asking the wall clock at each full hour (its offset is a whole number of hours). */
function midnights(): readonly number[] {
  const found: number[] = [];
  for (let instant = Date.UTC(FIRST_YEAR, 0, 1); instant < Date.UTC(LAST_YEAR + 1, 0, 4); instant += HOUR) {
    if (isMidnight(instant)) found.push(instant);
  }
  return found;
}

/** Every 6 hours, and every 15 minutes within two days of a day that has not 24 hours. */
function instants(all: readonly number[]): readonly number[] {
  const found: number[] = [];
  for (let instant = Date.UTC(FIRST_YEAR, 0, 2); instant < Date.UTC(LAST_YEAR + 1, 0, 1); instant += 6 * HOUR) found.push(instant + 1);
  for (const [index, midnight] of all.entries()) {
    const next = all[index + 1];
    if (next === undefined || next - midnight === DAY) continue;
    for (let instant = midnight - 2 * DAY; instant < next + 2 * DAY; instant += 15 * MINUTE) found.push(instant, instant - 1);
  }
  return found;
}

function mistakes(candidate: (now: number) => number | null, all: readonly number[]): number {
  let wrong = 0;
  let index = 0;
  for (const now of instants(all).toSorted((a, b) => a - b)) {
    while ((all[index] ?? Number.POSITIVE_INFINITY) <= now) index += 1;
    if (candidate(now) !== all[index]) wrong += 1;
  }
  return wrong;
}

describe('nextPacificMidnight', () => {
  const all = midnights();

  it('has days of 23, 24 and 25 hours to be tried on', () => {
    const lengths = all.slice(1).map((midnight, index) => (midnight - (all[index] ?? 0)) / HOUR);
    expect([23, 25].map((hours) => lengths.filter((length) => length === hours).length)).toEqual([13, 13]);
    expect(new Set(lengths)).toEqual(new Set([23, 24, 25]));
    expect(instants(all).length).toBeGreaterThan(40_000);
  });

  it('equals brute force', () => {
    expect(mistakes(nextPacificMidnight, all)).toBe(0);
  });

  it.each<[name: string, candidate: (now: number) => number]>([
    ['a fixed offset of -8 hours', (now) => (Math.floor((now - 8 * HOUR) / DAY) + 1) * DAY + 8 * HOUR],
    ['the last midnight and 24 hours', (now) => Math.max(...all.slice(0, 500).filter((midnight) => midnight <= now)) + DAY],
  ])('the same check fails %s', (_, candidate) => {
    expect(mistakes(candidate, all.slice(0, 500))).toBeGreaterThan(100);
  });

  it.each<[now: string, midnight: string]>([
    ['2026-03-08T07:59:59.999Z', '2026-03-08T08:00:00Z'],
    ['2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'],
    ['2026-11-01T07:00:00Z', '2026-11-02T08:00:00Z'],
    ['2028-02-29T07:30:00Z', '2028-02-29T08:00:00Z'],
    ['2028-02-29T08:30:00Z', '2028-03-01T08:00:00Z'],
    ['2026-12-31T20:00:00Z', '2027-01-01T08:00:00Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T08:00:00Z'],
  ])('after %s comes %s', (now, midnight) => {
    expect(nextPacificMidnight(Date.parse(now))).toBe(Date.parse(midnight));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, MAX_INSTANT + 1, MAX_INSTANT])('has no answer for %j', (now) => {
    expect(nextPacificMidnight(now)).toBeNull();
  });
});

describe('a runtime without the zone', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const load = async (format: unknown): Promise<typeof nextPacificMidnight> => {
    vi.resetModules();
    vi.stubGlobal('Intl', { DateTimeFormat: format });
    return (await import('../../src/core/pacific-midnight.js')).nextPacificMidnight;
  };

  it('gives null, and asks once', async () => {
    let asked = 0;
    const missing = class {
      constructor() {
        asked += 1;
        throw new RangeError('Invalid time zone specified');
      }
    };
    const next = await load(missing);
    expect([next(0), next(1)]).toEqual([null, null]);
    expect(asked).toBe(1);
  });

  it.each(['GMT', 'GMT+05:30', 'GMT+08:00', 'GMT-07:30', 'PST', ''])('gives null where the offset reads %j', async (value) => {
    const other = class {
      formatToParts(): readonly object[] {
        return value === '' ? [] : [{ type: 'timeZoneName', value }];
      }
    };
    const next = await load(other);
    expect(next(Date.UTC(2026, 0, 1))).toBeNull();
  });
});
