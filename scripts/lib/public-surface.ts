import { join } from 'node:path';
import ts from 'typescript';
import { ENTRY_POINTS } from './entry-points.js';
import { inRoot, root } from './project.js';

/** One exported name, as its declaration file states it, without comments. */
export interface PublicName {
  readonly name: string;
  readonly isType: boolean;
  readonly declaration: string;
}

/** One entry point with everything that it exports, in alphabetical order. */
export interface PublicEntry {
  readonly name: string;
  readonly names: readonly PublicName[];
}

/** Reads the public surface from the sources. Throws if they do not emit declarations. */
export function readPublicSurface(): readonly PublicEntry[] {
  const program = createProgram();
  const declarations = emitDeclarations(program);
  const checker = program.getTypeChecker();
  return ENTRY_POINTS.map(({ name, source }) => {
    const file = program.getSourceFile(inRoot(source));
    const symbol = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (symbol === undefined) throw new Error(`${source} is missing or exports nothing`);
    const names = checker.getExportsOfModule(symbol).map((exported) => describeExport(exported, checker, declarations));
    return { name, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

function createProgram(): ts.Program {
  const configPath = inRoot('tsconfig.build.json');
  const config = ts.getParsedCommandLineOfConfigFile(configPath, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} });
  if (config === undefined) throw new Error('tsconfig.build.json cannot be read');
  const options: ts.CompilerOptions = {
    ...config.options,
    noEmit: false,
    emitDeclarationOnly: true,
    removeComments: true,
    outDir: join(root, 'dist-types'),
  };
  return ts.createProgram(config.fileNames, options);
}

/** The declaration file of each source, by the path of the source. */
function emitDeclarations(program: ts.Program): ReadonlyMap<string, ts.SourceFile> {
  const emitted = new Map<string, ts.SourceFile>();
  program.emit(undefined, (fileName, text, _mark, _onError, sources) => {
    const source = sources?.[0]?.fileName;
    if (source !== undefined) emitted.set(source, ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true));
  });
  return emitted;
}

function describeExport(exported: ts.Symbol, checker: ts.TypeChecker, emitted: ReadonlyMap<string, ts.SourceFile>): PublicName {
  const original = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const file = emitted.get(original.declarations?.[0]?.getSourceFile().fileName ?? '');
  if (file === undefined) throw new Error(`${exported.name} is declared outside of src`);
  const statements = file.statements.filter((statement) => namesIn(statement).includes(original.name));
  const declaration = statements.map((statement) => statement.getText(file).replace(/^export (declare )?/, '')).join('\n');
  const isType = (original.flags & ts.SymbolFlags.Value) === 0;
  return { name: exported.name, isType, declaration };
}

function namesIn(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  const name = ts.getNameOfDeclaration(statement as unknown as ts.Declaration);
  return name === undefined ? [] : [name.getText()];
}
