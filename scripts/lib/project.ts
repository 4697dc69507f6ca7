import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** The folder of the repository. */
export const root: string = resolve(import.meta.dirname, '../..');

/** An absolute path inside the repository. */
export function inRoot(...parts: readonly string[]): string {
  return join(root, ...parts);
}

/** Every file under a folder of the repository whose name ends so, as sorted paths from the root with `/`. Empty where the folder is missing. */
export function filesUnder(folder: string, ending: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => relative(root, inRoot(folder, name)).split(sep).join('/'))
    .sort();
}

/** What a child process said and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a child process runs, and with which additions to the environment. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and keeps its output. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const child = spawnSync(program, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const problem = child.error === undefined ? '' : String(child.error);
  return { status: child.status ?? 1, stdout: child.stdout ?? '', stderr: `${child.stderr ?? ''}${problem}` };
}

/** Runs a program in the terminal of this process and returns its exit code. */
export function runVisibly(program: string, args: readonly string[], options: RunOptions = {}): number {
  const child = spawnSync(program, args, { cwd: options.cwd ?? root, env: { ...process.env, ...options.env }, stdio: 'inherit' });
  return child.status ?? 1;
}

/** The path of a program that a development dependency brings. */
export function binary(name: string): string {
  return inRoot('node_modules', '.bin', name);
}
