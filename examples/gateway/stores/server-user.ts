/** Whom the embedded server runs as, and where that user may go. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A user of this machine; empty: ourselves. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);

async function idOf(user: string): Promise<ServerUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** PostgreSQL refuses to run as root, so a root's server runs as another user. */
export async function findServerUser(): Promise<ServerUser> {
  if (userInfo().uid !== 0) return {};
  return idOf('postgres').catch(() => idOf('nobody'));
}

/** From the root down to the folder itself. */
function foldersTo(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [...foldersTo(above), path];
}

const ENTER = { owner: 0o100, group: 0o010, others: 0o001 } as const;

/** The first folder on the way to this one, itself included, that the user may not enter; null: it gets there. What is not there is closed to nobody. Rejects as the file system does. */
export async function closedFolder(path: string, { uid, gid }: ServerUser): Promise<string | null> {
  if (uid === undefined) return null;
  for (const folder of foldersTo(path)) {
    const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) return null;
    const role = found.uid === uid ? 'owner' : found.gid === gid ? 'group' : 'others';
    if ((found.mode & ENTER[role]) === 0) return folder;
  }
  return null;
}
