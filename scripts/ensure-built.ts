/** Builds `dist` if it is missing or older than what it is made of. Also the global setup of the tests that need the built package. */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { binary, filesUnder, inRoot, run } from './lib/project.js';

const CONFIGURATION = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'tsup.config.ts'];
const LAST_WRITTEN = ['dist/index.js', 'dist/index.cjs', 'dist/index.d.ts', 'dist/index.d.cts'];

function modifiedAt(path: string): number {
  return statSync(inRoot(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Whether `dist` is complete and at least as new as every source. */
export function isBuilt(): boolean {
  const newestSource = Math.max(...[...filesUnder('src', '.ts'), ...CONFIGURATION].map(modifiedAt));
  return Math.min(...LAST_WRITTEN.map(modifiedAt)) >= newestSource;
}

/** Builds only when needed; throws with the output of the bundler if that fails. */
export function ensureBuilt(): void {
  if (isBuilt()) return;
  const build = run(binary('tsup'), []);
  if (build.status !== 0) throw new Error(`The build failed:\n${build.stdout}${build.stderr}`);
}

/** Global setup of vitest. */
export function setup(): void {
  ensureBuilt();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) ensureBuilt();
