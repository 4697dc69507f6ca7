import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, run } from './project.js';

/** The packed package, and an empty project that has it installed. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** Paths inside the package, sorted. */
  readonly files: readonly string[];
}

interface PackResult {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function succeed(program: string, args: readonly string[], cwd?: string): string {
  const outcome = run(program, args, cwd === undefined ? {} : { cwd });
  if (outcome.status !== 0) throw new Error(`${program} ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}`);
  return outcome.stdout;
}

function install(folder: string, what: string): void {
  succeed('npm', ['install', what, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}

/** Installs a package that is an optional peer, in the version that is developed with. */
export function installPeer({ folder }: Consumer, name: string): void {
  const { version } = JSON.parse(readFileSync(inRoot(`node_modules/${name}/package.json`), 'utf8')) as { readonly version: string };
  install(folder, `${name}@${version}`);
}

/** Packs what is built and installs the tarball in a new project under the folder for temporary files. */
export function installPackedPackage(): Consumer {
  const home = mkdtempSync(join(tmpdir(), 'poolwarden-package-'));
  const output = succeed('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home]);
  const packed = (JSON.parse(output) as readonly PackResult[])[0];
  if (packed === undefined) throw new Error(`npm pack said ${output}`);
  const folder = join(home, 'consumer');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const tarball = join(home, packed.filename);
  install(folder, tarball);
  return { folder, tarball, files: packed.files.map(({ path }) => path).sort() };
}
