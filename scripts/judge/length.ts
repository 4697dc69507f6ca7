const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Units {
  readonly large: readonly [ms: number, name: string];
  readonly small: readonly [ms: number, name: string];
}

/** The two units that a length is written in: the first pair whose large one fits. */
const UNITS: readonly Units[] = [
  { large: [DAY, 'd'], small: [HOUR, 'h'] },
  { large: [HOUR, 'h'], small: [MINUTE, 'm'] },
  { large: [MINUTE, 'm'], small: [SECOND, 's'] },
];

/** A length of time for a person, rounded up: `26s`, `10m`, `4h 30m`, `5d 10h`. */
export function formatLength(ms: number): string {
  const units = UNITS.find(({ large }) => ms >= large[0]);
  if (units === undefined) return `${Math.ceil(ms / SECOND)}s`;
  const { large, small } = units;
  const perLarge = large[0] / small[0];
  const count = Math.ceil(ms / small[0]);
  const whole = `${Math.floor(count / perLarge)}${large[1]}`;
  return count % perLarge === 0 ? whole : `${whole} ${count % perLarge}${small[1]}`;
}

/** An instant as `2026-05-01 12:00:00 UTC`. */
export function formatInstant(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/(?:\.000)?Z$/, ' UTC');
}
