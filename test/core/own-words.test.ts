import { describe, expect, it } from 'vitest';
import { ownWords, wordsOf } from '../../src/core/own-words.js';

describe("an upstream's own words", () => {
  it.each<[what: string, message: string, model: string | null, own: string]>([
    ['are lower-case and of single blanks', 'Your  Credit\u00a0Balance', null, 'your credit balance'],
    ['end at the first quotation', 'Cannot read "credit balance"', null, 'cannot read '],
    ["lack the model's name", 'Unknown model: credit balance', 'credit balance', 'unknown model: *'],
    ['lack it in another case', 'Unknown model: Credit  Balance', 'CREDIT BALANCE', 'unknown model: *'],
    ['lack it everywhere', 'model-x is not model-x', 'model-x', '* is not *'],
    ['lack a name with a quotation in it', 'No credit balance" here', 'credit balance"', 'no * here'],
    ['lack a name that is a pattern', 'no a$&b.* here', 'a$&b.*', 'no * here'],
    ['lack the head of a name that was cut off', 'Unknown model: credit bala', 'credit balance of mine', 'unknown model: *'],
    ['keep a name of two letters, which is in every word', 'the o1 model', 'o1', 'the o1 model'],
    ['keep an end that is only like a short part of a name', 'the end', 'endless', 'the end'],
  ])('%s', (_, message, model, own) => {
    expect(ownWords(message, model)).toBe(own);
  });

  it('all words go on behind a quotation, and behind a name longer than what is read', () => {
    expect(wordsOf('The model "x" Does Not Exist', null)).toBe('the model "x" does not exist');
    const model = 'x'.repeat(5_000);
    expect(wordsOf(`The model ${model} does not exist`, model)).toBe('the model * does not exist');
  });
});
