/** What a person does to accounts. */
import type { Engine } from 'poolwarden';
import type { LiveDirectory } from '../accounts/directory.js';
import type { GatewayAccount } from '../accounts/gateway-account.js';
import { importAccounts, problemLines } from '../accounts/import-accounts.js';
import { readCredentials } from '../accounts/read-credentials.js';
import { voidHealth } from '../accounts/void-health.js';
import type { Stores } from '../stores/open-stores.js';
import type { AccountRow } from './account-rows.js';
import { type TestDeps, testConnection } from './connection-test.js';
import { ApiError, sendJson } from './http.js';
import { ANSWERED, type Call, type Routes } from './router.js';
import type { UsageBook } from './usage.js';

/** What the routes need. */
export interface AccountRouteDeps extends TestDeps {
  readonly stores: Pick<Stores, 'accounts' | 'credentials' | 'health' | 'tokens' | 'exclusively'>;
  readonly directory: LiveDirectory;
  readonly engine: Pick<Engine, 'observe' | 'recover'>;
  readonly usage: UsageBook;
  readonly rowOf: (account: GatewayAccount) => AccountRow;
}

const NO_ACCOUNT = new ApiError(404, 'no_account', { message: 'There is no such account.' });

function findAccount({ directory }: AccountRouteDeps, id: string): GatewayAccount {
  const account = directory.find(id);
  if (account === undefined) throw NO_ACCOUNT;
  return account;
}

/** The account as it is now, in this process and in the stores. */
async function freshRow(deps: AccountRouteDeps, id: string): Promise<AccountRow> {
  await deps.directory.reload(id);
  return deps.rowOf(findAccount(deps, id));
}

async function addAccounts({ body, response }: Call, { stores, directory }: AccountRouteDeps): Promise<typeof ANSWERED> {
  const { added, existing, problems } = await importAccounts(await body(), stores);
  if (problems.length > 0) {
    const issues = problems.flatMap((problem) =>
      problem.issues.map(({ path, message }) => ({ path: [problem.index, path].join('.').replace(/\.$/, ''), message })),
    );
    throw new ApiError(400, 'invalid_accounts', { message: `Nothing was imported: ${problemLines(problems)[0] ?? ''}.`, issues });
  }
  await directory.reload();
  sendJson(response, 201, { added, existing });
  return ANSWERED;
}

async function setEnabled(id: string, enabled: boolean, deps: AccountRouteDeps): Promise<AccountRow> {
  if (!(await deps.stores.accounts.setEnabled(id, enabled))) throw NO_ACCOUNT;
  return freshRow(deps, id);
}

async function removeAccount(id: string, { stores, directory }: AccountRouteDeps): Promise<void> {
  const children = directory.accounts().filter(({ account }) => account.parent?.id === id);
  if (children.length > 0) {
    const names = children.map(({ account }) => account.id).join(', ');
    throw new ApiError(409, 'has_children', { message: `Other accounts use its credentials: ${names}.` });
  }
  // An import of the same id at the same time comes before all of it, or after.
  await stores.exclusively(async () => {
    if ((await stores.accounts.find(id)) === null) throw NO_ACCOUNT;
    const [reference] = (await stores.credentials.references([id])).values();
    // The row last: what a failure leaves is an account that is seen, and can be removed again.
    await stores.credentials.remove(id);
    await stores.tokens.invalidate(id, reference?.revision ?? 0).catch(() => undefined);
    await voidHealth(id, stores.health);
    await stores.accounts.remove(id);
  });
  await directory.reload(id);
}

async function replaceCredentials({ id, body }: Call, deps: AccountRouteDeps): Promise<AccountRow> {
  const { account } = findAccount(deps, id);
  if (account.parent !== null) throw new ApiError(409, 'has_parent', { message: `Its credentials are those of ${account.parent.id}.` });
  const read = readCredentials(account, await body());
  if ('issues' in read) throw new ApiError(400, 'invalid_credentials', { message: 'The credentials were not taken.', issues: read.issues });
  const { revision } = await deps.stores.credentials.replace(id, read.next);
  await deps.stores.tokens.invalidate(id, revision - 1).catch(() => undefined);
  return freshRow(deps, id);
}

async function recoverAccount(id: string, deps: AccountRouteDeps): Promise<AccountRow> {
  const { account } = findAccount(deps, id);
  const { health, failed } = await deps.engine.recover(account);
  if (failed.length > 0)
    throw new ApiError(503, 'unavailable', { message: 'The store did not take all of it; it is written as soon as it does.' });
  deps.directory.takeHealth(health);
  return deps.rowOf(findAccount(deps, id));
}

function modelOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('model' in body) || body.model === null) return null;
  const { model } = body;
  if (typeof model === 'string' && model !== '' && model.length <= 256) return model;
  throw new ApiError(400, 'invalid_test', {
    message: 'The test cannot be made.',
    issues: [{ path: 'model', message: 'must be a text of 1 to 256 characters' }],
  });
}

async function testAccount({ id, body }: Call, deps: AccountRouteDeps): Promise<unknown> {
  const model = modelOf(await body());
  const result = await testConnection(findAccount(deps, id), model, deps);
  return { ...result, account: deps.rowOf(findAccount(deps, id)) };
}

/** The routes. Secrets go in and never come out. */
export function accountRoutes(deps: AccountRouteDeps): Routes {
  return {
    'POST /admin/accounts': (call) => addAccounts(call, deps),
    'POST /admin/accounts/:id/enable': ({ id }) => setEnabled(id, true, deps),
    'POST /admin/accounts/:id/disable': ({ id }) => setEnabled(id, false, deps),
    'POST /admin/accounts/:id/recover': ({ id }) => recoverAccount(id, deps),
    'POST /admin/accounts/:id/test': (call) => testAccount(call, deps),
    async 'POST /admin/accounts/:id/usage'({ id }) {
      await deps.usage.read(findAccount(deps, id));
      return deps.rowOf(findAccount(deps, id));
    },
    'DELETE /admin/accounts/:id': ({ id }) => removeAccount(id, deps),
    'PUT /admin/accounts/:id/credentials': (call) => replaceCredentials(call, deps),
  };
}
