import { expect, it } from 'vitest';

/** Minutes that `Date` reports for a day in winter and one in summer: proof that the zone of the project is really in force. */
const OFFSETS: Readonly<Record<string, readonly [number, number]>> = {
  UTC: [0, 0],
  'Asia/Kolkata': [-330, -330],
  'America/St_Johns': [210, 150],
};

it('runs under the time zone that its project names', () => {
  const zone = process.env.TZ ?? '';
  const offsetOf = (month: number): number => new Date(2027, month, 15).getTimezoneOffset();
  expect([offsetOf(0), offsetOf(6)]).toEqual(OFFSETS[zone]);
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone.replace('Calcutta', 'Kolkata')).toBe(zone);
});
