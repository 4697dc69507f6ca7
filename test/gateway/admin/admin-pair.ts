/** Two gateway processes with one database, as far as the admin API goes, in front of one upstream. */
import { createLoopback, type Loopback } from '../accounts/loopback.js';
import { createTestStores, type TestStores } from '../stores/test-stores.js';
import { type Answer, type RunningAdmin, startAdmin } from './running-admin.js';

/** The processes and what they stand on. */
export interface AdminPair {
  readonly test: TestStores;
  readonly upstream: Loopback;
  readonly one: RunningAdmin;
  readonly other: RunningAdmin;
  /** Posts to an account's path of the first process. */
  post(path: string, body?: unknown): Promise<Answer>;
  /** All that both have answered so far, and none of it may show. */
  said(): string;
  close(): Promise<void>;
}

/** Starts both, and imports accounts at the first. */
export async function startAdminPair(accounts: readonly { readonly id: string }[] = []): Promise<AdminPair> {
  const [test, upstream] = await Promise.all([createTestStores(), createLoopback()]);
  const one = await startAdmin(test, upstream);
  const other = await startAdmin(test, upstream, { token: one.announced[0] ?? '' });
  if (accounts.length > 0) {
    const { status, text } = await one.call('/admin/accounts', { method: 'POST', body: accounts });
    if (status !== 201) throw new Error(`the accounts were not imported: ${text}`);
  }
  return {
    test,
    upstream,
    one,
    other,
    post: (path, body) => one.call(`/admin/accounts/${path}`, { method: 'POST', body }),
    said: () => [...one.said, ...other.said].join('\n'),
    async close() {
      await Promise.all([one.close(), other.close()]);
      await upstream.close();
      await test.close();
    },
  };
}
