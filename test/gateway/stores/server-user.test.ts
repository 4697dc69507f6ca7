import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { closedFolder } from '../../../examples/gateway/stores/server-user.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-user-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'above', 'below'), { recursive: true });
const [above, below] = [join(folder, 'above'), join(folder, 'above', 'below')];
const { uid, gid } = statSync(folder);

it.each<[mode: number, who: { uid: number; gid: number }, closed: boolean]>([
  [0o711, { uid: uid + 1, gid: gid + 1 }, false],
  [0o710, { uid: uid + 1, gid: gid + 1 }, true],
  [0o766, { uid: uid + 1, gid: gid + 1 }, true],
  [0o710, { uid: uid + 1, gid }, false],
  [0o701, { uid: uid + 1, gid }, true],
  [0o700, { uid, gid: gid + 1 }, false],
  [0o077, { uid, gid }, true],
])('a folder of mode %o and the user %j', async (mode, who, closed) => {
  chmodSync(folder, 0o777);
  chmodSync(below, 0o777);
  chmodSync(above, mode);
  expect(await closedFolder(below, who)).toBe(closed ? above : null);
  expect(await closedFolder(above, who)).toBe(closed ? above : null);
  expect(await closedFolder(folder, who)).toBeNull();
  chmodSync(above, 0o777);
});

it('what is not there is closed to nobody, and nothing to ourselves', async () => {
  expect(await closedFolder(join(folder, 'nothing', 'here'), { uid: uid + 1, gid: gid + 1 })).toBeNull();
  chmodSync(above, 0o700);
  expect(await closedFolder(below, {})).toBeNull();
});
