import ts from 'typescript';
import { zoneOf } from './imports.js';
import { type Module, type Violation, violation, walk } from './module.js';

/** Zones that are pure: no clock, randomness, timer, I/O, promise or throw. */
const PURE_ZONES: ReadonlySet<string> = new Set(['core', 'providers', 'join', 'view', 'core-entry']);

/** The two defining functions tell a programmer's mistake by throwing; this is all that may. */
const MAY_THROW: ReadonlySet<string> = new Set(['src/core/define-account.ts', 'src/core/policy-error.ts', 'src/define-policy.ts']);

/** Globals that read a clock, draw randomness, wait or touch the world. */
const FORBIDDEN_GLOBALS: ReadonlySet<string> = new Set([
  'Buffer',
  'Promise',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'eval',
  'fetch',
  'globalThis',
  'localStorage',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
  '__dirname',
  '__filename',
  '__proto__',
]);

/** Members that read a clock, draw randomness or play with prototypes. */
const FORBIDDEN_MEMBERS: ReadonlySet<string> = new Set([
  'Date.now',
  'Math.random',
  'Object.setPrototypeOf',
  'Object.prototype',
  'Reflect.setPrototypeOf',
  'Temporal.Now',
]);

/** What makes a pure file impure. Empty for files of other zones. */
export function purityViolations(module: Module): readonly Violation[] {
  if (!PURE_ZONES.has(zoneOf(module.path) ?? '')) return [];
  const found: Violation[] = [];
  walk(module.ast, (node) => {
    const what = impurity(node);
    if (what !== null) found.push(violation(module, node, what));
    if (ts.isThrowStatement(node) && !MAY_THROW.has(module.path)) found.push(violation(module, node, 'throws'));
  });
  return found;
}

function impurity(node: ts.Node): string | null {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) return 'is asynchronous';
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return 'is asynchronous';
  if (ts.isForInStatement(node)) return 'uses for…in, which sees inherited keys';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return 'imports dynamically';
  if (ts.isNewExpression(node) && isName(node.expression, 'Date') && (node.arguments?.length ?? 0) === 0)
    return 'reads the clock: new Date()';
  if (ts.isCallExpression(node) && isName(node.expression, 'Date')) return 'reads the clock: Date()';
  if (ts.isNewExpression(node) && isName(node.expression, 'Function')) return 'compiles code: new Function';
  if (ts.isPropertyAccessExpression(node)) return forbiddenMember(node);
  if (ts.isIdentifier(node) && FORBIDDEN_GLOBALS.has(node.text) && !isMemberName(node)) return `uses ${node.text}`;
  return null;
}

function forbiddenMember(node: ts.PropertyAccessExpression): string | null {
  if (node.name.text === '__proto__') return 'uses __proto__';
  const member = `${node.expression.getText()}.${node.name.text}`;
  return FORBIDDEN_MEMBERS.has(member) ? `uses ${member}` : null;
}

function isName(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** `x.process`, `{ process: 1 }` and `interface { process: … }` name a member, not the global. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isPropertyDeclaration(parent)) &&
    parent.name === node
  );
}
