/** A folder for the files of a test, which goes with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Makes it. `file` is the path of a file in it. */
export function scratchFolder(): { file(name: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-page-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { file: (name) => join(folder, name) };
}
