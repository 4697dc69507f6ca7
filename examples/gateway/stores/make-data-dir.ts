/** The folder of everything that the gateway keeps by itself. */
import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Others may pass, which the embedded server of a root has to, and see nothing: what is secret in the folder is closed by itself. */
const PASSABLE = 0o711;

/** Makes the folder, and those above it, where they are not there. Folders that are there keep the rights that somebody has given them. Rejects as the file system does. */
export async function makeDataDir(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await chmod(folder, PASSABLE);
}
