import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { filesUnder, inRoot } from '../project.js';

/** One parsed source file; `path` is relative to the repository, with `/`. */
export interface Module {
  readonly path: string;
  readonly ast: ts.SourceFile;
}

/** Something that breaks a rule of the architecture, as `path:line: what`. */
export type Violation = string;

/** Parses one text as if it stood at that path. */
export function parseModule(path: string, text: string): Module {
  return { path, ast: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS) };
}

/** Every TypeScript file of `src`, parsed. */
export function sourceModules(): readonly Module[] {
  return filesUnder('src', '.ts').map((path) => parseModule(path, readFileSync(inRoot(path), 'utf8')));
}

/** Calls `see` with each node below `node`, in source order. */
export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    see(child);
    walk(child, see);
  });
}

/** The line, from 1, on which a node begins. */
export function lineOf(module: Module, node: ts.Node): number {
  return module.ast.getLineAndCharacterOfPosition(node.getStart(module.ast)).line + 1;
}

/** A violation at a node. */
export function violation(module: Module, node: ts.Node, what: string): Violation {
  return `${module.path}:${lineOf(module, node)}: ${what}`;
}
