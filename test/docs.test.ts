import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencesOf, relativeLinksOf, type Snippet, snippetsOf } from '../scripts/lib/markdown.js';
import { binary, filesUnder, inRoot, type Outcome, run } from '../scripts/lib/project.js';

const PROCESS_MS = 120_000;
const README_MAX_LINES = 200;

const documents = ['README.md', ...filesUnder('docs', '.md')].filter((path) => existsSync(inRoot(path)));
const textOf = (path: string): string => readFileSync(inRoot(path), 'utf8');

/** Where the snippets become files: inside `test`, so that the paths of tsconfig.json apply. */
const folder = inRoot('test/.snippets');
const fileOf = ({ file, line }: Snippet): string => join(folder, `${file.replaceAll(/[^a-z0-9]/gi, '-')}-${line}.ts`);
const snippets = documents.flatMap((path) => snippetsOf(path, textOf(path)));

function compilerOptions(): ts.CompilerOptions {
  const config = ts.getParsedCommandLineOfConfigFile(
    inRoot('tsconfig.json'),
    { noUnusedLocals: false, noUnusedParameters: false, isolatedDeclarations: false, declaration: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  );
  if (config === undefined) throw new Error('tsconfig.json cannot be read');
  return config.options;
}

/** Compile errors of all files, each as `name: message`. One program for all of them: most of its time goes to what they import. */
function compile(files: readonly string[]): readonly string[] {
  const program = ts.createProgram(files, compilerOptions());
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
    return `${diagnostic.file?.fileName ?? ''}:${line + 1}: ${message}`;
  });
}

/** Runs a file of TypeScript as one bundle: of all ways to run dozens of them the one that takes the least time. */
function execute(file: string): Outcome {
  const outfile = join(folder, `${basename(file, '.ts')}.mjs`);
  buildSync({ entryPoints: [file], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent' });
  return run(process.execPath, [outfile]);
}

const trimLines = (text: string): string => text.replaceAll(/[ \t]{1,200}$/gm, '').trim();

const examples = filesUnder('examples', '.ts').filter((path) => path.split('/').length === 2);
const broken = join(folder, 'broken.ts');
let errors: readonly string[] = [];
const errorsOf = (file: string): readonly string[] => errors.filter((error) => error.startsWith(file));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const snippet of snippets) writeFileSync(fileOf(snippet), `${snippet.code}\nexport {};\n`);
  writeFileSync(broken, 'const a: number = "1";\nexport {};\n');
  errors = compile([...snippets.map(fileOf), ...examples.map((path) => inRoot(path)), broken]);
}, PROCESS_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('documents', () => {
  it('are there', () => {
    expect(documents).toContain('README.md');
    expect(documents.length).toBeGreaterThan(4);
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippets.filter(({ output }) => output !== null).length).toBeGreaterThan(0);
  });

  it('the README is short', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(README_MAX_LINES + 1);
  });

  it.each(snippets)('$file:$line compiles', (snippet) => {
    expect(errorsOf(fileOf(snippet))).toEqual([]);
  });

  it.each(snippets.filter(({ output }) => output !== null))(
    '$file:$line prints what the document says',
    { timeout: PROCESS_MS },
    (snippet) => {
      const outcome = execute(fileOf(snippet));
      expect(outcome.stderr).toBe('');
      expect(trimLines(outcome.stdout)).toBe(trimLines(snippet.output ?? ''));
      expect(outcome.status).toBe(0);
    },
  );

  it.each(documents)('%s links only to files that exist', (path) => {
    const missing = relativeLinksOf(textOf(path)).filter((target) => !existsSync(join(dirname(inRoot(path)), target)));
    expect(missing).toEqual([]);
  });

  it.runIf(existsSync(inRoot('scripts/generate-docs.ts')))('the generated ones are up to date', { timeout: PROCESS_MS }, () => {
    const outcome = run(binary('tsx'), ['scripts/generate-docs.ts', '--check']);
    expect(outcome.status, `${outcome.stdout}${outcome.stderr}\nRun \`npm run docs:generate\`.`).toBe(0);
  });
});

describe('examples', () => {
  it('are there', () => {
    expect(examples).toEqual(expect.arrayContaining(['examples/custom-repository.ts', 'examples/minimal.ts']));
  });

  it.each(examples)('%s compiles and runs', { timeout: PROCESS_MS }, (path) => {
    expect(errorsOf(inRoot(path))).toEqual([]);
    const outcome = execute(inRoot(path));
    expect(outcome.status, outcome.stdout + outcome.stderr).toBe(0);
    expect(outcome.stdout).not.toBe('');
  });
});

describe('the reader of documents', () => {
  const markdown = [
    '<!-- run -->',
    '```ts',
    'const a = 1;',
    '```',
    '',
    '```text',
    '1',
    '```',
    '<!-- continued, run -->',
    '',
    '```ts',
    'a;',
    '```',
  ];

  it('finds blocks, marks and outputs', () => {
    expect(fencesOf(markdown.join('\n')).map(({ language, line }) => [language, line])).toEqual([
      ['ts', 3],
      ['text', 7],
      ['ts', 12],
    ]);
    expect(snippetsOf('a.md', markdown.join('\n'))).toEqual([
      { file: 'a.md', line: 3, code: 'const a = 1;', output: '1' },
      { file: 'a.md', line: 12, code: 'const a = 1;\na;', output: '(a text block with the output is missing)' },
    ]);
  });

  it('finds relative links only', () => {
    expect(relativeLinksOf('[a](docs/a.md#x) [b](https://example.com) [c](#here)\n```text\n[d](gone.md)\n```')).toEqual(['docs/a.md']);
  });

  it('a snippet that does not compile is noticed', () => {
    expect(errorsOf(broken).join()).toMatch(/not assignable/);
  });
});
