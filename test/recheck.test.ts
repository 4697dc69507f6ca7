import { checkSync, type Diagnostics } from 'recheck';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { lineOf, parseModule, sourceModules, walk } from '../scripts/lib/architecture/module.js';

// The checker in this process, in plain JavaScript: no Java, no worker, the same answer on every machine.
process.env.RECHECK_SYNC_BACKEND = 'pure';

const TIMEOUT_MS = 60_000;

/** Files that may build an expression at run time, and why that is safe. */
const MAY_CONSTRUCT: Readonly<Record<string, string>> = {
  'src/core/condition.ts': 'one alternation of escaped phrases: no quantifier, so nothing to backtrack into',
};

const modules = sourceModules();

interface Literal {
  readonly text: string;
  readonly at: string;
}

function literalsOf(all: typeof modules): readonly Literal[] {
  const first = new Map<string, string>();
  for (const module of all) {
    walk(module.ast, (node) => {
      if (ts.isRegularExpressionLiteral(node) && !first.has(node.text)) first.set(node.text, `${module.path}:${lineOf(module, node)}`);
    });
  }
  return [...first].map(([text, at]) => ({ text, at }));
}

function constructionsOf(all: typeof modules): readonly string[] {
  return all.flatMap((module) => {
    const found: string[] = [];
    walk(module.ast, (node) => {
      const isConstruction = ts.isIdentifier(node) && node.text === 'RegExp' && !ts.isTypeReferenceNode(node.parent);
      if (isConstruction && !isInstanceCheck(node)) found.push(module.path);
    });
    return [...new Set(found)];
  });
}

function isInstanceCheck(node: ts.Node): boolean {
  return ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
}

function judge(literal: string): Diagnostics {
  const end = literal.lastIndexOf('/');
  return checkSync(literal.slice(1, end), literal.slice(end + 1), { timeout: TIMEOUT_MS });
}

const describeAnswer = (answer: Diagnostics): string =>
  answer.status === 'vulnerable' ? `vulnerable (${answer.complexity.type}), attack ${answer.attack.pattern}` : answer.status;

describe('regular expressions of src', () => {
  const literals = literalsOf(modules);

  it('were found', () => {
    expect(literals.length).toBeGreaterThan(0);
  });

  it.each(literals)('$at $text cannot backtrack super-linearly', { timeout: 2 * TIMEOUT_MS }, ({ text }) => {
    expect(describeAnswer(judge(text))).toBe('safe');
  });

  it('are built at run time only where the list allows it', () => {
    expect(constructionsOf(modules)).toEqual(Object.keys(MAY_CONSTRUCT));
  });
});

describe('the checks notice', () => {
  it.each(['/(a|a)*$/', '/(a+)+b/', '/\\s+$/', '/^.*foo.*bar/s'])('%s', (literal) => {
    expect(describeAnswer(judge(literal))).toMatch(/^vulnerable/);
  });

  it('an expression built at run time', () => {
    const built = ["new RegExp('a')", "RegExp('a', 'i')", 'const R = RegExp;'].map((text, index) =>
      parseModule(`src/core/${index}.ts`, text),
    );
    const harmless = parseModule('src/core/type.ts', 'const f = (a: RegExp) => a instanceof RegExp && /a/.test("b");');
    expect(constructionsOf([...built, harmless])).toEqual(['src/core/0.ts', 'src/core/1.ts', 'src/core/2.ts']);
    expect(literalsOf([harmless]).map(({ text }) => text)).toEqual(['/a/']);
  });
});
