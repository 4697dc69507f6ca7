import { posix } from 'node:path';
import ts from 'typescript';
import { type Module, type Violation, violation, walk } from './module.js';

/** A specifier that a module names in an import, an export or a dynamic import. */
export interface Reference {
  readonly specifier: string;
  readonly node: ts.Node;
  /** Names in braces; empty for a namespace import or a re-export of everything. */
  readonly names: readonly string[];
}

/**
 * The part of `src` that a file belongs to. Files directly in `src` join parts: `join` is pure and brings core and providers together,
 * `assembly` is asynchronous and puts the shell on top.
 */
export type Zone =
  | 'core'
  | 'providers'
  | 'view'
  | 'shell'
  | 'refresh'
  | 'usage'
  | 'adapters'
  | 'testing'
  | 'join'
  | 'assembly'
  | 'core-entry'
  | 'testing-entry'
  | 'entry';

/** The joining files that are not pure. */
const ASSEMBLY: ReadonlySet<string> = new Set(['src/create-engine.ts', 'src/from-fetch.ts']);

interface ZoneRule {
  /** Zones that this one may import from. */
  readonly zones: readonly Zone[];
  /** Single files of other zones that it may import. */
  readonly files: readonly string[];
  /** Dependencies that it may import. */
  readonly packages: readonly RegExp[];
}

const PORTS = 'src/shell/ports.ts';
/** What adapters implement for the refresh part, and the small things that all of them need beside it. */
const ADAPTER_FILES: readonly string[] = [
  'src/refresh/ports.ts',
  'src/refresh/is-refreshable.ts',
  'src/refresh/no-credential.ts',
  'src/refresh/secret-codec.ts',
  'src/shell/hex-digest.ts',
];
/** The one asynchronous helper of the core entry: edge runtimes need it, and it imports nothing of the shell. */
export const FROM_FETCH: string = 'src/from-fetch.ts';
const ZOD = /^zod(\/|$)/;
const DATE_FNS = /^(date-fns|@date-fns)\/[a-z]/i;

/** Who may import what (design, part 7). */
export const ZONE_RULES: Readonly<Record<Zone, ZoneRule>> = {
  core: { zones: ['core'], files: [], packages: [] },
  providers: { zones: ['providers', 'core'], files: [], packages: [] },
  join: { zones: ['join', 'core', 'providers'], files: [], packages: [] },
  view: { zones: ['view', 'core'], files: [], packages: [DATE_FNS] },
  usage: { zones: ['usage', 'core', 'providers'], files: [PORTS], packages: [] },
  assembly: { zones: ['join', 'core', 'providers', 'view', 'shell'], files: [], packages: [] },
  shell: { zones: ['shell', 'core'], files: [], packages: [ZOD, DATE_FNS] },
  refresh: { zones: ['refresh', 'core'], files: [PORTS], packages: [ZOD, DATE_FNS] },
  adapters: { zones: ['core'], files: [PORTS, ...ADAPTER_FILES], packages: [ZOD] },
  testing: {
    zones: ['testing', 'core', 'providers', 'join', 'assembly', 'view', 'shell', 'refresh', 'usage'],
    files: [],
    packages: [/^fast-check$/],
  },
  'core-entry': { zones: ['core', 'providers', 'join', 'view'], files: [FROM_FETCH], packages: [] },
  'testing-entry': { zones: ['testing'], files: [], packages: [] },
  entry: {
    zones: ['core-entry', 'core', 'providers', 'join', 'assembly', 'view', 'shell', 'refresh', 'usage', 'adapters'],
    files: [],
    packages: [],
  },
};

const FOLDERS: ReadonlySet<string> = new Set(['core', 'providers', 'view', 'shell', 'refresh', 'usage', 'adapters', 'testing']);

/** The entries that stand directly in `src`; those of adapters stand with them. */
const ENTRIES: ReadonlyMap<string, Zone> = new Map([
  ['src/index.ts', 'entry'],
  ['src/core.ts', 'core-entry'],
  ['src/refresh.ts', 'entry'],
  ['src/usage.ts', 'entry'],
  ['src/testing.ts', 'testing-entry'],
]);

/** The zone of a file of `src`; null for a folder that the design does not know. */
export function zoneOf(path: string): Zone | null {
  const entry = ENTRIES.get(path);
  if (entry !== undefined) return entry;
  const folder = path.split('/')[1] ?? '';
  if (folder.endsWith('.ts')) return ASSEMBLY.has(path) ? 'assembly' : 'join';
  return FOLDERS.has(folder) ? (folder as Zone) : null;
}

/** Everything that a module imports or re-exports, type-only or not. */
export function referencesOf(module: Module): readonly Reference[] {
  const found: Reference[] = [];
  walk(module.ast, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push({ specifier: (node.moduleSpecifier as ts.StringLiteral).text, node, names: namesOf(node) });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ specifier: node.argument.literal.text, node, names: [] });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const argument = node.arguments[0];
      found.push({ specifier: argument !== undefined && ts.isStringLiteral(argument) ? argument.text : '(computed)', node, names: [] });
    }
  });
  return found;
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): readonly string[] {
  const named = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (named === undefined || ts.isNamespaceImport(named) || ts.isNamespaceExport(named)) return [];
  return named.elements.map((element) => element.name.text);
}

/** The file of `src` that a relative specifier means: `./hold.js` in `src/core/patch.ts` is `src/core/hold.ts`. Null for a package. */
export function resolveSpecifier(fromPath: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.normalize(posix.join(posix.dirname(fromPath), specifier)).replace(/\.js$/, '.ts');
}

/** Imports that go in a forbidden direction, name a missing file, or a package that the zone may not use. */
export function importViolations(modules: readonly Module[]): readonly Violation[] {
  const known = new Set(modules.map((module) => module.path));
  return modules.flatMap((module) => {
    const zone = zoneOf(module.path);
    if (zone === null) return [`${module.path}:1: stands in a folder that the layout does not know`];
    return referencesOf(module).flatMap((reference) => {
      const target = resolveSpecifier(module.path, reference.specifier);
      const problem = target === null ? packageProblem(zone, reference) : fileProblem(module.path, target, known);
      return problem === null ? [] : [violation(module, reference.node, problem)];
    });
  });
}

function packageProblem(zone: Zone, reference: Reference): string | null {
  const { specifier } = reference;
  if (!ZONE_RULES[zone].packages.some((allowed) => allowed.test(specifier))) return `${zone} must not import '${specifier}'`;
  if (specifier === 'zod' && reference.names.includes('z'))
    return "write `import * as z from 'zod'`: the named import drags in all locales";
  return null;
}

function fileProblem(fromPath: string, target: string, known: ReadonlySet<string>): string | null {
  if (!known.has(target)) return `imports ${target}, which is missing (relative imports end in .js)`;
  const from = zoneOf(fromPath);
  const to = zoneOf(target);
  if (from === null || to === null) return `imports ${target}, which has no zone`;
  if (from === 'adapters' && to === 'adapters') return sameAdapter(fromPath, target) ? null : `adapter imports another adapter, ${target}`;
  const rule = ZONE_RULES[from];
  return rule.zones.includes(to) || rule.files.includes(target) ? null : `${from} must not import ${to} (${target})`;
}

function sameAdapter(a: string, b: string): boolean {
  const nameOf = (path: string): string => (path.split('/')[2] ?? '').replace(/\.ts$/, '');
  return nameOf(a) === nameOf(b);
}

/** Each cycle of imports, as the path of its files. Type-only imports count: they tie files together as much. */
export function importCycles(modules: readonly Module[]): readonly Violation[] {
  const edges = new Map(modules.map((module) => [module.path, targetsOf(module)]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push(`import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

function targetsOf(module: Module): readonly string[] {
  return referencesOf(module).flatMap(({ specifier }) => resolveSpecifier(module.path, specifier) ?? []);
}

/** Every file that an entry reaches. */
export function reachableFrom(entry: string, modules: readonly Module[]): readonly Module[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const reached = new Set<string>();
  const queue = [entry];
  for (const path of queue) {
    const module = byPath.get(path);
    if (module === undefined || reached.has(path)) continue;
    reached.add(path);
    queue.push(...targetsOf(module));
  }
  return modules.filter((module) => reached.has(module.path));
}
