import { describe, expect, it } from 'vitest';
import { FROM_FETCH, importCycles, importViolations, reachableFrom, referencesOf, zoneOf } from '../scripts/lib/architecture/imports.js';
import { type Module, parseModule, sourceModules, type Violation } from '../scripts/lib/architecture/module.js';
import { purityViolations } from '../scripts/lib/architecture/purity.js';
import { docViolations, shapeViolations } from '../scripts/lib/architecture/shape.js';

const modules = sourceModules();

interface Rule {
  readonly name: string;
  readonly check: (modules: readonly Module[]) => readonly Violation[];
}

const each = (check: (module: Module) => readonly Violation[]) => (all: readonly Module[]) => all.flatMap(check);

const RULES: readonly Rule[] = [
  { name: 'imports go in the allowed directions', check: importViolations },
  { name: 'there is no import cycle', check: importCycles },
  { name: 'the pure zones have no clock, randomness, timer, I/O, promise or throw', check: each(purityViolations) },
  { name: 'files, functions, nesting and constructs keep the style law', check: each(shapeViolations) },
  { name: 'every exported declaration has a doc comment', check: each(docViolations) },
];

/** Small projects that each break one rule: path → text. Every rule must notice its own. */
interface Broken {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const x = '/** x */ export const x = 1;';
const inCore = (title: string, code: string, says: RegExp): Broken => ({ title, files: { 'src/core/a.ts': code }, says });
const lines = (count: number): string => 'let y = 0;\n'.repeat(count);

const BROKEN: readonly Broken[] = [
  {
    title: 'core imports a provider',
    files: { 'src/core/a.ts': "import { x } from '../providers/b.js';", 'src/providers/b.ts': x },
    says: /core must not import providers/,
  },
  {
    title: 'core imports a joining file',
    files: { 'src/core/a.ts': "export type { x } from '../evaluate.js';", 'src/evaluate.ts': x },
    says: /core must not import join/,
  },
  {
    title: 'a provider imports the view',
    files: { 'src/providers/a.ts': "import { x } from '../view/b.js';", 'src/view/b.ts': x },
    says: /providers must not import view/,
  },
  {
    title: 'the shell imports an adapter',
    files: { 'src/shell/a.ts': "import { x } from '../adapters/b.js';", 'src/adapters/b.ts': x },
    says: /shell must not import adapters/,
  },
  {
    title: 'an adapter imports the shell beyond its ports',
    files: { 'src/adapters/a.ts': "import { x } from '../shell/engine.js';", 'src/shell/engine.ts': x },
    says: /adapters must not import shell/,
  },
  {
    title: 'the shell imports a joining file',
    files: { 'src/shell/a.ts': "import { x } from '../evaluate.js';", 'src/evaluate.ts': x },
    says: /shell must not import join/,
  },
  {
    title: 'a pure joining file imports the shell',
    files: { 'src/evaluate.ts': "import { x } from './shell/b.js';", 'src/shell/b.ts': x },
    says: /join must not import shell/,
  },
  {
    title: 'a pure joining file imports the assembly',
    files: { 'src/evaluate.ts': "import { x } from './create-engine.js';", 'src/create-engine.ts': x },
    says: /join must not import assembly/,
  },
  {
    title: 'an adapter imports another',
    files: { 'src/adapters/redis/a.ts': "import { x } from '../memory.js';", 'src/adapters/memory.ts': x },
    says: /another adapter/,
  },
  {
    title: 'something imports index',
    files: { 'src/shell/a.ts': "import { x } from '../index.js';", 'src/index.ts': x },
    says: /shell must not import entry/,
  },
  {
    title: 'something imports testing',
    files: { 'src/shell/a.ts': "import { x } from '../testing/b.js';", 'src/testing/b.ts': x },
    says: /shell must not import testing/,
  },
  { title: 'an unknown folder', files: { 'src/util/a.ts': x }, says: /does not know/ },
  { title: 'a missing file', files: { 'src/core/a.ts': "import { x } from './b';" }, says: /is missing/ },
  {
    title: 'a cycle, type-only',
    files: { 'src/core/a.ts': "import type { x } from './b.js';", 'src/core/b.ts': "import type { y } from './a.js';" },
    says: /import cycle: src\/core\/a.ts -> src\/core\/b.ts -> src\/core\/a.ts/,
  },
  inCore('a dependency in core', "import * as z from 'zod';", /must not import 'zod'/),
  inCore('a node module in core', "import { join } from 'node:path';", /must not import 'node:path'/),
  inCore('an import type of a package', "let a: import('zod').ZodType;", /must not import 'zod'/),
  { title: 'the index of date-fns', files: { 'src/view/a.ts': "import { addDays } from 'date-fns';" }, says: /must not import 'date-fns'/ },
  { title: 'the named z', files: { 'src/shell/a.ts': "import { z } from 'zod';" }, says: /import \* as z/ },
  inCore('Date.now', 'const t = Date.now();', /Date\.now/),
  inCore('new Date()', 'const t = new Date();', /new Date\(\)/),
  inCore('new Date without parentheses', 'const t = new Date;', /new Date\(\)/),
  inCore('Date()', 'const t = Date();', /Date\(\)/),
  inCore('randomness', 'const t = Math.random();', /Math\.random/),
  inCore('a timer', 'setTimeout(() => 1, 1);', /setTimeout/),
  inCore('fetch', 'const f = fetch;', /fetch/),
  inCore('process', "const p = process.env['A'];", /process/),
  inCore('console', "console.log('a');", /console/),
  inCore('async', 'const f = async () => 1;', /asynchronous/),
  inCore('a promise', 'type P = Promise<void>;', /Promise/),
  inCore('throw', "throw new Error('a');", /throws/),
  inCore('a dynamic import', "const m = import('./a.js');", /dynamically/),
  inCore('new Function', "const f = new Function('');", /new Function/),
  inCore('__proto__', 'const f = (o: { a: 1 }) => o.__proto__;', /__proto__/),
  inCore('for in', 'for (const k in {}) k;', /for…in/),
  { title: 'a throw in evaluate', files: { 'src/evaluate.ts': "throw new Error('a');" }, says: /throws/ },
  inCore('a long file', lines(251), /251 lines/),
  inCore('a long function', `function f() {\n${lines(39)}}`, /41 lines/),
  inCore('a long arrow function', `const f = () => {\n${lines(39)}};`, /41 lines/),
  inCore('many parameters', 'const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => 1;', /5 parameters/),
  inCore('deep nesting', 'function f(a: 1) { if (a) for (;;) while (a) if (a) return; }', /nests 4/),
  inCore('a default export', 'export default 1;', /default/),
  inCore('a default function', 'export default function f() {}', /default/),
  inCore('an enum', 'enum E { a }', /enum/),
  inCore('a class', 'class Thing {}', /class/),
  inCore('any', 'let a: any;', /any/),
  inCore('an assertion', 'const f = (a: 1 | null) => a!;', /!/),
  inCore('an undocumented function', 'export function f() {}', /doc comment/),
  inCore('an undocumented constant', 'export const f = 1;', /doc comment/),
  inCore('an undocumented type', 'export type F = 1;', /doc comment/),
  inCore('exported later, undocumented', 'interface F {}\nexport { type F };', /doc comment/),
];

const ALLOWED: Readonly<Record<string, string>> = {
  'src/core/a.ts': '/** a */ export const a = (o: { process: 1; now: 1 }) => { switch (o.process) { default: return new Date(0); } };',
  'src/core/define-account.ts': "throw new Error('a');",
  'src/providers/b.ts': "import { a } from '../core/a.js'; a;",
  'src/evaluate.ts': "import { a } from './core/a.js'; import './providers/b.js'; a;",
  'src/shell/ports.ts': "import type { a } from '../core/a.js';",
  'src/shell/engine.ts': "import * as z from 'zod'; import './ports.js'; const f = async () => z;",
  'src/create-engine.ts': "import './evaluate.js'; import './shell/engine.js'; const f = async () => 1;",
  'src/adapters/memory.ts': "import '../shell/ports.js'; import '../core/a.js';",
  'src/view/c.ts': "import { addDays } from 'date-fns/addDays'; import '../core/a.js'; addDays;",
  'src/index.ts': "export { a } from './core/a.js'; import './adapters/memory.js'; import './shell/engine.js';",
};

const parseAll = (files: Readonly<Record<string, string>>): readonly Module[] =>
  Object.entries(files).map(([path, text]) => parseModule(path, text));

describe('the architecture of src', () => {
  it('has sources to look at', () => {
    expect(modules.length).toBeGreaterThan(20);
  });

  it.each(RULES)('$name', ({ check }) => {
    expect(check(modules)).toEqual([]);
  });

  it('the core entry reaches no shell, no adapter and no dependency', () => {
    const reached = reachableFrom('src/core.ts', modules);
    expect(reached.length).toBeGreaterThan(20);
    const zones = new Set(reached.filter(({ path }) => path !== FROM_FETCH).map(({ path }) => zoneOf(path)));
    expect([...zones].filter((zone) => zone === null || !['core-entry', 'core', 'providers', 'join', 'view'].includes(zone))).toEqual([]);
    expect(reached.flatMap(referencesOf).filter(({ specifier }) => !specifier.startsWith('.'))).toEqual([]);
  });
});

describe('the rules notice', () => {
  it.each(BROKEN)('$title', ({ files, says }) => {
    const found = RULES.flatMap(({ check }) => check(parseAll(files)));
    expect(found.join('\n')).toMatch(says);
  });

  it('nothing in a project that keeps them', () => {
    expect(RULES.flatMap(({ check }) => check(parseAll(ALLOWED)))).toEqual([]);
  });
});
