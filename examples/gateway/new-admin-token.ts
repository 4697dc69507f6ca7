/** `npm start -- --new-admin-token`: for an operator who has lost the token, or shares it with somebody who should not have it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { renewAdminToken } from './admin/authenticate.js';
import type { GatewayConfig } from './config.js';
import { openStores } from './stores/open-stores.js';
import { StartError } from './stores/start-error.js';

/** Whether there is a database already: a shared one, or one that an earlier start has left here. */
export function hasDatabase({ databaseUrl, dataDir }: Pick<GatewayConfig, 'databaseUrl' | 'dataDir'>): boolean {
  return databaseUrl !== null || existsSync(join(dataDir, 'postgres'));
}

/** Replaces the token in the stores, and gives back the new one. Gateways that run take it within seconds. Rejects with a `StartError` where that would help nobody, and as the stores do. */
export async function makeNewAdminToken(config: GatewayConfig): Promise<string> {
  if (config.adminToken !== null) throw new StartError('GATEWAY_ADMIN_TOKEN is set, and is the admin token: change it there.');
  if (!hasDatabase(config)) {
    throw new StartError(
      `There is no gateway whose token could be lost: DATABASE_URL names no database, and ${config.dataDir} holds none.`,
    );
  }
  const stores = await openStores(config);
  return renewAdminToken(stores.facts).finally(() => stores.close());
}
