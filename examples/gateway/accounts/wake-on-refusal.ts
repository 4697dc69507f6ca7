/** Has a refused token renewed at once, and not with the next pass. */
import type { BackgroundRefresher } from 'poolwarden/refresh';
import type { Directory } from './gateway-account.js';

/** Wakes the background refresher once for each credential revision that a 401 named, whichever process saw it; until the returned function is called. */
export function wakeOnRefusal(directory: Directory, background: Pick<BackgroundRefresher, 'wake'>): () => void {
  const seen = new Map<string, number>();
  return directory.onChange((accountIds) => {
    for (const accountId of accountIds) {
      const account = directory.find(accountId)?.account;
      const refused = account?.health.refreshRequestedFor ?? -1;
      if (refused <= (seen.get(accountId) ?? -1)) continue;
      seen.set(accountId, refused);
      if (refused >= (account?.credential.revision ?? 0)) background.wake();
    }
  });
}
