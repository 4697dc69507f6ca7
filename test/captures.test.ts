import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../src/core/decision.js';
import { evaluate } from '../src/evaluate.js';
import { explain } from '../src/explain.js';
import { LABEL_DIFFERENCES } from './support/capture-labels.js';
import { CAPTURES, compare, exchangeOf, inWords } from './support/captures.js';

const DECISION_RECORD = new URL('../docs/decisions/0001-capture-labels.md', import.meta.url);
const KNOWN = ['anthropic', 'openai', 'gemini', 'antigravity'];
const differences = new Map(LABEL_DIFFERENCES.map((one) => [one.id, one]));
const decisions: ReadonlyMap<string, Decision> = new Map(CAPTURES.map((capture) => [capture.id, evaluate(exchangeOf(capture))]));

function decisionOf(id: string): Decision {
  const decision = decisions.get(id);
  if (decision === undefined) throw new Error(`no capture ${id}`);
  return decision;
}

describe('captures', () => {
  it('are there, each under a name of its own, with its source', () => {
    expect(CAPTURES).toHaveLength(103);
    expect(new Set(CAPTURES.map(({ id }) => id)).size).toBe(CAPTURES.length);
    expect(CAPTURES.filter(({ source, meaning }) => source.length < 5 || meaning.length < 5)).toEqual([]);
  });

  it.each(CAPTURES.map((capture) => [capture.id, capture] as const))('%s', (id, capture) => {
    expect(inWords(compare(capture, decisionOf(id)))).toBe(differences.get(id)?.difference ?? '');
  });

  it('no decision is harder than its label', () => {
    expect(CAPTURES.filter((capture) => compare(capture, decisionOf(capture.id)).permanence === 'harder')).toEqual([]);
  });

  it('a decision is wider than its label only where the platform is unknown, or the body was published in part', () => {
    const wider = CAPTURES.filter((capture) => compare(capture, decisionOf(capture.id)).scope === 'wider');
    expect(wider.length).toBeGreaterThan(0);
    expect(wider.filter(({ platform, fidelity }) => KNOWN.includes(platform) && fidelity !== 'truncated')).toEqual([]);
  });

  it('no stated reset is missed, but where the body was published in part', () => {
    const resets = CAPTURES.filter(({ status, resetAt }) => status >= 400 && resetAt !== null);
    expect(resets.length).toBeGreaterThan(15);
    const missed = resets.filter((capture) => compare(capture, decisionOf(capture.id)).reset !== 'same');
    expect(missed.filter(({ fidelity }) => fidelity !== 'truncated')).toEqual([]);
  });

  it('each is explained as it is decided', () => {
    for (const capture of CAPTURES) expect(explain(exchangeOf(capture)).decision, capture.id).toEqual(decisionOf(capture.id));
  });

  it('give the same decision for a body as text, as bytes and, where it is JSON, as an object', () => {
    let objects = 0;
    for (const capture of CAPTURES) {
      const exchange = exchangeOf(capture);
      const expected = decisionOf(capture.id);
      const withBody = (body: string | Uint8Array | object): Decision =>
        evaluate({ ...exchange, response: { status: capture.status, headers: capture.headers, body } });
      expect(withBody(new TextEncoder().encode(capture.body)), capture.id).toEqual(expected);
      if (!/^\s{0,20}[{[]/.test(capture.body)) continue;
      const value = parsed(capture.body);
      if (value === null) continue;
      objects += 1;
      expect(withBody(value).actions, capture.id).toEqual(expected.actions);
    }
    expect(objects).toBeGreaterThan(50);
  });
});

function parsed(text: string): object | null {
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

describe('the decision record of differing labels', () => {
  const record = readFileSync(DECISION_RECORD, 'utf8');

  it('lists exactly these', () => {
    const listed = record.split('\n').filter((line) => line.startsWith('| `'));
    expect(listed).toEqual(LABEL_DIFFERENCES.map(({ id, difference, reason }) => `| \`${id}\` | ${difference} | ${reason} |`));
  });

  it('names no capture twice, and none that is not there', () => {
    expect(differences.size).toBe(LABEL_DIFFERENCES.length);
    expect(LABEL_DIFFERENCES.filter(({ id }) => !decisions.has(id))).toEqual([]);
  });
});
