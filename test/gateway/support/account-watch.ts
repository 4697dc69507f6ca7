/** What gateways tell the pages that are open, and when. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const WATCHER = resolve(import.meta.dirname, 'watch-accounts.ts');

/** An account that was told of. `process` counts the gateways from 0; `at` is when the watcher heard of it. */
export interface ToldAccount {
  readonly process: number;
  readonly id: string;
  readonly status: string;
  readonly at: number;
}

/** A watch. */
export interface AccountWatch {
  /** All that was told so far, in order. */
  readonly told: readonly ToldAccount[];
  /** Ends it. */
  close(): Promise<void>;
}

/** Watches gateways until `close`. Resolves when every stream is open. */
export async function watchAccounts(urls: readonly string[], token: string): Promise<AccountWatch> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', WATCHER], {
    env: { PATH, HOME, TOKEN: token, URLS: urls.join(' ') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: ToldAccount[] = [];
  let open = 0;
  const opened = new Promise<void>((resolveAll) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const heard = JSON.parse(line);
      if (heard.isOpen !== true) told.push(heard);
      else if (++open === urls.length) resolveAll();
    });
  });
  const ended = once(child, 'exit');
  await Promise.race([opened, ended.then(() => Promise.reject(new Error('the watcher has ended')))]);
  return {
    told,
    async close() {
      child.kill();
      await ended;
    },
  };
}
