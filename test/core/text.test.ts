import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, isIdentifier, isModelKey, normalizeForMatch, prose } from '../../src/core/text.js';
import { hostileText } from './hostile-text.js';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('cleanText', () => {
  it.each<[what: string, text: string, clean: string]>([
    ['plain text', 'Rate limit reached', 'Rate limit reached'],
    ['nothing', '', ''],
    ['line breaks', 'a\r\nb\n\n\tc\u2028d\u2029e\u0085f\vg\fh', 'a b c d e f g h'],
    ['NUL and C0', 'a\0b\u0007c\u007f', 'abc'],
    ['C1', 'a\u0081b\u009fc', 'abc'],
    ['colours', 'a\u001b[31;1mred\u001b[0m b', 'ared b'],
    ['an 8-bit colour', 'a\u009b31mred', 'ared'],
    ['a lone escape', 'a\u001b', 'a'],
    ['bidirectional marks', 'a\u202eb\u2066c\u200fd\u061c', 'abcd'],
    ['zero width', 'sk\u200b-\u200d\ufeff\u2060x\u00ad', 'sk-x'],
    ['tags', 'a\u{e0041}b', 'ab'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['a pair that was split', '\ud83d\u200b\ude00', '😀'],
    ['other scripts', 'naïve 日本語 😀', 'naïve 日本語 😀'],
    ['no-break space', 'a\u00a0b', 'a\u00a0b'],
  ])('%s', (_, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it.each<[text: string, maxBytes: number, clean: string]>([
    ['abcdef', 3, 'abc'],
    ['abcdef', 0, ''],
    ['abcdef', -1, ''],
    ['\u00a0', 1, ''],
    ['\u07ff', 2, '\u07ff'],
    ['\u0800', 2, ''],
    ['\uffff', 3, '\uffff'],
    ['\u{10000}', 3, ''],
    ['aé', 2, 'a'],
    ['aé', 3, 'aé'],
    ['a日', 3, 'a'],
    ['a日', 4, 'a日'],
    ['a😀b', 4, 'a'],
    ['a😀b', 5, 'a😀'],
    ['a😀b', 6, 'a😀b'],
  ])('%j in %j bytes is %j (F86)', (text, maxBytes, clean) => {
    expect(cleanText(text, maxBytes)).toBe(clean);
  });

  it('has 512 bytes by default', () => {
    expect(cleanText('x'.repeat(513))).toBe('x'.repeat(512));
  });

  it('is one line, well-formed, bounded and idempotent for any text (I30)', () => {
    let cut = 0;
    let changed = 0;
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 0, max: 60 }), (text, maxBytes) => {
        const clean = cleanText(text, maxBytes);
        expect(bytes(clean)).toBeLessThanOrEqual(maxBytes);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(cleanText(clean, maxBytes)).toBe(clean);
        const whole = cleanText(text, 1e6);
        expect(whole.startsWith(clean)).toBe(true);
        expect(bytes(whole.slice(0, clean.length + 2)) > maxBytes || whole.length <= clean.length + 1).toBe(true);
        if (whole !== clean) cut += 1;
        if (whole !== text) changed += 1;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(cut, changed)).toBeGreaterThan(300);
  });
});

describe('normalizeForMatch', () => {
  it.each<[text: string, normal: string]>([
    ['Your Credit Balance is too low', 'your credit balance is too low'],
    ['  Terms\t of \n Service ', 'terms of service'],
    ['Terms of\n\t\tService', 'terms of service'],
    ['credit\u00a0balance', 'credit balance'],
    ['cre\u200bdit\u202e bal\u00adance', 'credit balance'],
    ['ｃｒｅｄｉｔ　ｂａｌａｎｃｅ', 'credit balance'],
    ['VALİDATİON REQUIRED', 'validation required'],
    ['ﬁle', 'file'],
    ['', ''],
    ['   ', ''],
  ])('%j becomes %j (F77)', (text, normal) => {
    expect(normalizeForMatch(text)).toBe(normal);
  });

  it('reads and returns at most 2,048 characters', () => {
    expect(normalizeForMatch('A'.repeat(3000))).toBe('a'.repeat(2048));
    expect(normalizeForMatch('\ufdfa'.repeat(3000)).length).toBe(2048);
    expect(normalizeForMatch(`${' '.repeat(2048)}credit balance`)).toBe('');
  });

  it('is total, bounded, and stable from its second application on', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const normal = normalizeForMatch(text);
        expect(normal.length).toBeLessThanOrEqual(2048);
        expect(normal).not.toMatch(/[\p{Cc}\p{Cf}\t\n]| {2}|^ | $/u);
        const again = normalizeForMatch(normal);
        expect(normalizeForMatch(again)).toBe(again);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('prose', () => {
  it.each<[message: string, head: string]>([
    ['Your credit balance is too low', 'Your credit balance is too low'],
    ["This request would exceed your account's rate limit.", "This request would exceed your account's rate limit."],
    ["You're out of extra usage", "You're out of extra usage"],
    ["Unknown model 'credit balance'", 'Unknown model '],
    ['Unknown model "credit balance"', 'Unknown model '],
    ['Unknown model `credit balance`', 'Unknown model '],
    ["The 'X' model is not supported", 'The '],
    ["'quoted' from the start", ''],
    ['model “credit balance”', 'model '],
    ['model ‘credit balance’', 'model '],
    ['model «credit balance»', 'model '],
    ['model「credit balance」', 'model'],
    ['model：＇credit balance＇', 'model：'],
    ['model ＂credit balance＂', 'model '],
    ['l’école d’été', 'l’école d’été'],
    ["été's end", "été's end"],
    ["4'credit balance", '4'],
    ['', ''],
  ])('%j begins with %j', (message, head) => {
    expect(prose(message)).toBe(head);
  });

  it('does not depend on what is quoted (I21)', () => {
    fc.assert(
      fc.property(fc.constantFrom('"', '`', " '"), hostileText, (quote, echo) => {
        expect(prose(`Unknown model ${quote}${echo}`)).toBe(prose(`Unknown model ${quote}`));
      }),
    );
  });
});

describe('keys', () => {
  it.each<[text: string, isOne: boolean]>([
    ['anthropic.429.window:5h_x-1', true],
    ['a', true],
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['', false],
    ['A', false],
    ['a b', false],
    ['a\n', false],
    ['é', false],
    ['ａ', false],
  ])('isIdentifier(%j) = %j', (text, isOne) => {
    expect(isIdentifier(text)).toBe(isOne);
  });

  it.each<[model: string, isOne: boolean]>([
    ['claude-opus-4-6', true],
    ['__proto__', true],
    ['constructor', true],
    ['a.b', true],
    ["o'brien{,}", true],
    ['$:*"', true],
    ['模型😀', true],
    [' ', true],
    ['x'.repeat(256), true],
    ['x'.repeat(257), false],
    ['😀'.repeat(128), true],
    ['😀'.repeat(129), false],
    ['', false],
    ['a\0b', false],
    ['a\nb', false],
    ['a\n', false],
    ['a\u0085b', false],
    ['a\ud800', false],
    ['\udc00a', false],
    ['x'.repeat(10_000), false],
  ])('isModelKey(%j) = %j (F37, F38)', (model, isOne) => {
    expect(isModelKey(model)).toBe(isOne);
  });
});
