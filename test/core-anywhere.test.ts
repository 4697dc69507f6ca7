/** `poolwarden/core` needs nothing but the language and three names that Node, Bun, Deno, Workers and browsers all have: it decides alike in a realm without any other. */
import { createContext, Script } from 'node:vm';
import { buildSync } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../scripts/lib/project.js';
import { healthToJson } from '../src/core/health-json.js';
import { mergeHealth } from '../src/core/merge-health.js';
import { toPatches } from '../src/core/to-patches.js';
import { evaluate } from '../src/evaluate.js';
import { CAPTURES, exchangeOf } from './support/captures.js';

/** Not of the language itself (https://min-common-api.proposal.wintertc.org lists all three). */
const PROVIDED: Readonly<Record<string, unknown>> = { TextDecoder, TextEncoder, URL };

/** What the bundle is asked in its realm: text in, text out, so that no object of this realm is in its way. */
const QUESTION = `
  (text) => JSON.stringify(JSON.parse(text).map(({ account: { id, platform, type }, ...rest }) => {
    const account = core.defineAccount({ id, platform, type });
    const decision = core.evaluate({ ...rest, account });
    const patch = core.toPatches(decision.actions).get(id) ?? [];
    return { decision, health: core.healthToJson(core.mergeHealth(account.health, patch)) };
  }))`;

type Ask = (text: string) => string;

function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [inRoot('src/core.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'core',
    platform: 'neutral',
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

/** A realm with the names, and without `eval`, as under a content security policy. */
function realmWith(names: Readonly<Record<string, unknown>>, code: string): Ask {
  const context = createContext({ ...names }, { codeGeneration: { strings: false, wasm: false } });
  new Script(code).runInContext(context);
  return new Script(QUESTION).runInContext(context) as Ask;
}

const exchanges = CAPTURES.map(exchangeOf);
const questions = JSON.stringify(exchanges);

/** The same answers by this realm's own engine. */
function ownAnswers(): readonly unknown[] {
  return exchanges.map((exchange) => {
    const { account } = exchange;
    const decision = evaluate(exchange);
    const patch = toPatches(decision.actions).get(account.id) ?? [];
    return JSON.parse(JSON.stringify({ decision, health: healthToJson(mergeHealth(account.health, patch)) }));
  });
}

describe('poolwarden/core outside Node', () => {
  let code = '';
  beforeAll(() => {
    code = bundle();
  });

  it('decides about every capture as it does here', () => {
    expect(exchanges.length).toBeGreaterThan(90);
    expect(JSON.parse(realmWith(PROVIDED, code)(questions))).toEqual(ownAnswers());
  });

  it.each(Object.keys(PROVIDED))('needs %s: without it there is an error, or another answer', (name) => {
    const { [name]: _left, ...others } = PROVIDED;
    const answers = (): unknown => JSON.parse(realmWith(others, code)(questions));
    let same = false;
    try {
      same = JSON.stringify(answers()) === JSON.stringify(ownAnswers());
    } catch {
      // It said so.
    }
    expect(same).toBe(false);
  });
});
