import fc from 'fast-check';

/** Text of the characters that break lines, pages, logs and stores, among ordinary ones. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...' \t\r\n\0\u001b\u009b[31m\'"`\\/',
          '\ud800',
          '\udc00',
          '\u200b',
          '\u202e',
          '\ufeff',
          '\u2028',
          'İ',
          'é',
          '日',
          '😀',
        ),
        fc.constantFrom('sk-', 'eyJ', 'key=', '"token":"', 'Bearer ', 'https://', '@', '%40', '1//', 'validation_url', 'Terms of'),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
);

/** 1 MiB, the length up to which time has to grow with the length alone. */
export const MEBIBYTE = 1_048_576;

function fastest(read: (text: string) => unknown, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    read(text);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** How many times as long `size` characters of a repeated text take as a quarter of them: about 4 where time grows with the length, 16 where it grows with its square. */
export function timeRatio(read: (text: string) => unknown, unit: string, size: number = MEBIBYTE / 4): number {
  const text = unit.repeat(Math.ceil(size / unit.length));
  const floor = 0.5;
  return fastest(read, text) / Math.max(floor, fastest(read, text.slice(0, size / 4)));
}
