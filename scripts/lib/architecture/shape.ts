import ts from 'typescript';
import { type Module, type Violation, violation, walk } from './module.js';

const MAX_FILE_LINES = 250;
const MAX_FUNCTION_LINES = 40;
const MAX_PARAMETERS = 4;
const MAX_NESTING = 3;

/** What breaks the style law: size, nesting, and constructs that the project does without. */
export function shapeViolations(module: Module): readonly Violation[] {
  const found: Violation[] = [];
  const lines = module.ast.text.split('\n').length - (module.ast.text.endsWith('\n') ? 1 : 0);
  if (lines > MAX_FILE_LINES) found.push(`${module.path}:1: has ${lines} lines, more than ${MAX_FILE_LINES}`);
  walk(module.ast, (node) => {
    const what = isFunction(node) ? functionProblem(module, node) : constructProblem(node);
    if (what !== null) found.push(violation(module, node, what));
  });
  return found;
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function functionProblem(module: Module, node: ts.FunctionLikeDeclaration): string | null {
  const lineAt = (position: number): number => module.ast.getLineAndCharacterOfPosition(position).line;
  const lines = lineAt(node.end) - lineAt(node.getStart(module.ast)) + 1;
  if (lines > MAX_FUNCTION_LINES) return `function has ${lines} lines, more than ${MAX_FUNCTION_LINES}`;
  if (node.parameters.length > MAX_PARAMETERS) return `function has ${node.parameters.length} parameters, more than ${MAX_PARAMETERS}`;
  const depth = node.body === undefined ? 0 : nesting(node.body);
  return depth > MAX_NESTING ? `function nests ${depth} levels, more than ${MAX_NESTING}` : null;
}

/** Levels of control flow below a node, not entering inner functions; `else if` continues its chain. */
function nesting(node: ts.Node): number {
  let deepest = 0;
  ts.forEachChild(node, (child) => {
    if (isFunction(child)) return;
    const opens = isControl(child) && !(ts.isIfStatement(child) && ts.isIfStatement(node) && node.elseStatement === child);
    deepest = Math.max(deepest, nesting(child) + (opens ? 1 : 0));
  });
  return deepest;
}

function isControl(node: ts.Node): boolean {
  return ts.isIfStatement(node) || ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node);
}

function constructProblem(node: ts.Node): string | null {
  if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword) return isDefaultExport(node) ? 'exports a default' : null;
  if (ts.isEnumDeclaration(node)) return 'declares an enum';
  if (ts.isModuleDeclaration(node)) return 'declares a namespace';
  if (ts.isClassLike(node) && !/Error$/.test(node.name?.text ?? '')) return 'declares a class that is no error';
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'uses any';
  if (ts.isNonNullExpression(node)) return 'asserts with !';
  return null;
}

function isDefaultExport(node: ts.Node): boolean {
  return ts.isExportAssignment(node) || !(ts.isDefaultClause(node.parent) || ts.isCaseBlock(node.parent));
}

/** Exported declarations without a doc comment. */
export function docViolations(module: Module): readonly Violation[] {
  const exportedLater = new Set(localExports(module));
  return module.ast.statements.flatMap((statement) => {
    const names = declaredNames(statement);
    const isExported = hasExport(statement) || names.some((name) => exportedLater.has(name));
    if (names.length === 0 || !isExported || ts.getJSDocCommentsAndTags(statement).length > 0) return [];
    return [violation(module, statement, `${names.join(', ')} is exported without a doc comment`)];
  });
}

function hasExport(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
  );
}

function localExports(module: Module): readonly string[] {
  return module.ast.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) return [];
    return statement.exportClause.elements.map((element) => (element.propertyName ?? element.name).text);
  });
}

/** The names that a top-level statement declares. */
export function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  const isDeclaration =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isDeclaration && statement.name !== undefined ? [statement.name.text] : [];
}
