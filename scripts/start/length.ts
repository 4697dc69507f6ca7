const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units that a length is written in, from this length on. */
const UNITS: readonly { readonly from: number; readonly units: readonly [number, string, number, string] }[] = [
  { from: 2 * DAY, units: [DAY, 'd', HOUR, 'h'] },
  { from: 2 * HOUR, units: [HOUR, 'h', MINUTE, 'min'] },
  { from: 2 * MINUTE, units: [MINUTE, 'min', SECOND, 's'] },
];

/** A length of time for a person, rounded up: `26 s`, `10 min`, `4 h 30 min`, `5 d 10 h`. */
export function formatLength(ms: number): string {
  const units = UNITS.find(({ from }) => ms >= from)?.units;
  if (units === undefined) return `${Math.ceil(ms / SECOND)} s`;
  const [large, largeName, small, smallName] = units;
  const count = Math.ceil(ms / small);
  const rest = count % (large / small);
  const whole = `${Math.floor(count / (large / small))} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}

/** An instant as `2026-05-01 12:00:00 UTC`. */
export function formatInstant(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/(?:\.000)?Z$/, ' UTC');
}
