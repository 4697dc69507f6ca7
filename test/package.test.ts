import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleOf } from '../scripts/lib/bundle.js';
import { type Consumer, installPackedPackage, installPeer } from '../scripts/lib/consumer.js';
import { baseName, ENTRY_POINTS } from '../scripts/lib/entry-points.js';
import { binary, inRoot, run } from '../scripts/lib/project.js';
import { type PublicEntry, readPublicSurface } from '../scripts/lib/public-surface.js';

/** What the core entry is to weigh, and what it weighs today with a little room: a test fails where it grows. */
const CORE_GZIP_BYTES = { target: 16 * 1024, gate: 38 * 1024 };
/** Cold import of the bundled core as a multiple of an empty module: the target, and what is reached today with room for a busy machine. */
const COLD_IMPORT_RATIO = { target: 2, gate: 3.5 };
const COLD_IMPORT_SAMPLES = 21;

/** What the tarball holds besides the shared chunks, whose names carry a hash. */
const FILES = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  ...ENTRY_POINTS.map(baseName)
    .sort()
    .flatMap((entry) => ['cjs', 'd.cts', 'd.ts', 'js'].map((ending) => `dist/${entry}.${ending}`)),
  'package.json',
];
const CHUNK = /^dist\/(chunk-[A-Z0-9]{8}\.(cjs|js)|[a-z-]{1,40}-[A-Za-z0-9_-]{8}\.d\.(cts|ts))$/;

/** Compiler options of a user: what TypeScript calls strict, and every declaration file checked. */
const STRICT = { strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true, types: [], target: 'es2022' };
const COMPILERS = [
  { name: 'node16', options: { module: 'node16', moduleResolution: 'node16' }, files: ['user.mts', 'user.cts'] },
  { name: 'bundler', options: { module: 'esnext', moduleResolution: 'bundler' }, files: ['user.mts'] },
];

let consumer: Consumer;
let surface: readonly PublicEntry[];

const inConsumer = (...parts: readonly string[]): string => join(consumer.folder, ...parts);
const valuesOf = (entry: PublicEntry): readonly string[] => entry.names.filter(({ isType }) => !isType).map(({ name }) => name);

/** Runs one program of the consumer with Node and reads the JSON that it prints. */
function printedBy(file: string, code: string, ...args: readonly string[]): unknown {
  writeFileSync(inConsumer(file), code);
  const outcome = run(process.execPath, [file, ...args], { cwd: consumer.folder });
  expect(outcome.stderr).toBe('');
  return JSON.parse(outcome.stdout);
}

/** A TypeScript module that names everything that is exported, and proves that types have not decayed to `any`. */
function userModule(): string {
  const imports = surface.map(({ name, names }, index) => {
    const list = names.map((exported) => `${exported.isType ? 'type ' : ''}${exported.name} as ${exported.name}${index}`);
    return `import { ${list.join(', ')} } from '${name}';`;
  });
  return `${imports.join('\n')}
const account: Account0 = defineAccount0({ id: 'a', platform: 'anthropic', type: 'api_key' });
const sameType: Account1 = account;
const decision: Decision0 = evaluate0({ account: sameType, model: null, response: { status: 200, headers: {} }, receivedAt: 0 });
// @ts-expect-error an account is no number
const wrong: number = account;
// @ts-expect-error a decision cannot be written to
decision.actions = [];
export { decision, wrong };
`;
}

/** Entries that can be imported before any peer is installed. */
let importableAlone: readonly string[];

function isImportable({ name }: { readonly name: string }): boolean {
  return run(process.execPath, ['--input-type=module', '--eval', `await import('${name}')`], { cwd: consumer.folder }).status === 0;
}

beforeAll(() => {
  consumer = installPackedPackage();
  importableAlone = ENTRY_POINTS.filter(isImportable).map(({ name }) => name);
  installPeer(consumer, 'fast-check');
  surface = readPublicSurface();
});
afterAll(() => {
  if (consumer !== undefined) rmSync(dirname(consumer.folder), { recursive: true, force: true });
});

describe('the tarball', () => {
  it('holds exactly the built entries, their chunks and the papers', () => {
    expect(consumer.files.filter((path) => !CHUNK.test(path))).toEqual([...FILES].sort());
  });

  it('has no path of the machine that built it', () => {
    const home = inRoot();
    const telling = consumer.files.filter((path) => readFileSync(inConsumer('node_modules/poolwarden', path), 'utf8').includes(home));
    expect(telling).toEqual([]);
  });

  it('depends on what it imports and on nothing else', () => {
    const manifest = JSON.parse(readFileSync(inConsumer('node_modules/poolwarden/package.json'), 'utf8')) as {
      dependencies: object;
      peerDependencies: object;
    };
    // A subpath (`date-fns/constants`) is its package's.
    const packages = ENTRY_POINTS.flatMap(({ built }) => bundleOf(inConsumer('node_modules/poolwarden', built)).externals).map(
      (path) => path.split('/')[0],
    );
    expect([...new Set(packages)].sort()).toEqual(
      [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].sort(),
    );
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: inConsumer('node_modules/poolwarden'), strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('is clean for arethetypeswrong', () => {
    const outcome = run(binary('attw'), [consumer.tarball, '--profile', 'node16', '--no-color', '--no-emoji']);
    expect(outcome.status, outcome.stdout).toBe(0);
  });
});

describe('an empty project', () => {
  it('needs fast-check for the contract suite, and for nothing else', () => {
    expect(importableAlone).toEqual(ENTRY_POINTS.map(({ name }) => name).filter((name) => name !== 'poolwarden/testing'));
  });

  it('imports every value', () => {
    for (const entry of surface) {
      const names = printedBy('import.mjs', `console.log(JSON.stringify(Object.keys(await import('${entry.name}')).sort()));`);
      expect(names, entry.name).toEqual(valuesOf(entry));
    }
  });

  it('requires every value', () => {
    for (const entry of surface) {
      const names = printedBy('require.cjs', `console.log(JSON.stringify(Object.keys(require('${entry.name}')).sort()));`);
      expect(names, entry.name).toEqual(valuesOf(entry));
    }
  });

  it.each([
    ['import', 'same.mjs', "import * as all from 'poolwarden'; import * as core from 'poolwarden/core';"],
    ['require', 'same.cjs', "const all = require('poolwarden'); const core = require('poolwarden/core');"],
  ])('gets one PolicyError from both entries by %s', (_way, file, imports) => {
    expect(printedBy(file, `${imports} console.log(all.PolicyError === core.PolicyError);`)).toBe(true);
  });

  it.each(COMPILERS)('compiles under $name', ({ options, files }) => {
    for (const file of files) writeFileSync(inConsumer(file), userModule());
    writeFileSync(inConsumer('tsconfig.json'), JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }));
    const outcome = run(binary('tsc'), ['-p', '.'], { cwd: consumer.folder });
    expect(outcome.stdout).toBe('');
    expect(outcome.status).toBe(0);
  });

  it('reads the manifest', () => {
    expect(printedBy('manifest.cjs', "console.log(JSON.stringify(require('poolwarden/package.json').exports));")).toEqual(
      expect.objectContaining(Object.fromEntries(ENTRY_POINTS.map(({ name }) => [name.replace('poolwarden', '.'), expect.anything()]))),
    );
  });
});

describe('poolwarden/core', () => {
  it('imports no package and does not grow', () => {
    const bundle = bundleOf(inConsumer('node_modules/poolwarden/dist/core.js'));
    console.log(`poolwarden/core: ${bundle.gzipBytes} bytes gzip (target ${CORE_GZIP_BYTES.target}), ${bundle.code.length} minified`);
    expect(bundle.externals).toEqual([]);
    expect(bundle.gzipBytes).toBeLessThanOrEqual(CORE_GZIP_BYTES.gate);
  });

  it('is imported in a small multiple of the time of an empty module', () => {
    writeFileSync(inConsumer('bundled.mjs'), bundleOf(inConsumer('node_modules/poolwarden/dist/core.js')).code);
    writeFileSync(inConsumer('empty.mjs'), 'export const nothing = null;\n');
    // From CommonJS, so that the cost of starting the module loader is in both, as it is for a program's first import.
    const program = 'const t = performance.now(); import(process.argv[2]).then(() => console.log(performance.now() - t));';
    const importMs = (file: string): number => Number(printedBy('time.cjs', program, `./${file}`));
    const samples = Array.from({ length: COLD_IMPORT_SAMPLES }, () => [importMs('empty.mjs'), importMs('bundled.mjs')] as const);
    const empty = median(samples.map((pair) => pair[0]));
    const core = median(samples.map((pair) => pair[1]));
    console.log(
      `cold import: empty ${empty.toFixed(2)} ms, core ${core.toFixed(2)} ms, ratio ${(core / empty).toFixed(2)} (target ${COLD_IMPORT_RATIO.target})`,
    );
    expect(core / empty).toBeLessThanOrEqual(COLD_IMPORT_RATIO.gate);
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
