import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { Client, Pool } from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createPostgresCredentialRepository,
  createPostgresHealthRepository,
  listenWithPg,
  listenWithPglite,
  listenWithPostgresJs,
  migratePostgres,
  type PostgresClient,
  type PostgresListener,
} from '../../../src/adapters/postgres.js';
import type { HealthPatch } from '../../../src/core/patch.js';
import type { HealthChange } from '../../../src/shell/ports.js';
import { hold, NOW } from '../../support/accounts.js';
import { connectPostgres, type PostgresConnection, startOwnPostgres } from '../../support/postgres-server.js';
import { freshId } from './support.js';

const limit = (until: number): HealthPatch => [{ cell: 'rateLimit', value: hold(until) }];

let connection: PostgresConnection;
beforeAll(async () => {
  connection = await connectPostgres();
  await migratePostgres(connection.pool);
});
afterAll(() => connection.close());

/** Opens connections of its own, under a name by which they can be found. */
function connectorTo(url: string, name: string): () => Promise<Client> {
  return async () => {
    const client = new Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 2_000 });
    await client.connect();
    return client;
  };
}

/** What a listener hears. */
interface Heard {
  readonly changes: HealthChange[];
  /** The latest end of the rate limit that was told of an account. */
  readonly until: (accountId: string) => number | undefined;
  readonly revision: (accountId: string) => number | null | undefined;
  readonly stop: () => Promise<void>;
}

async function hear(client: PostgresClient, listener: PostgresListener): Promise<Heard> {
  const changes: HealthChange[] = [];
  const repository = createPostgresHealthRepository(client, { listener });
  const stop = await repository.subscribe?.((change) => changes.push(change));
  if (stop === undefined) throw new Error('a repository with a listener has subscribe');
  onTestFinished(stop);
  const of = (accountId: string) => changes.filter((change) => change.accountId === accountId);
  return {
    changes,
    until: (accountId) => of(accountId).findLast(({ health }) => health !== undefined)?.health?.rateLimit?.until,
    revision: (accountId) => of(accountId).findLast(({ credential }) => credential !== undefined)?.credential?.revision,
    stop,
  };
}

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 });

async function terminate(name: string): Promise<number> {
  const { rows } = await connection.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    name,
  ]);
  return rows.length;
}

describe('subscribe with pg', () => {
  it('is there only with a listener', () => {
    expect(createPostgresHealthRepository(connection.pool).subscribe).toBeUndefined();
  });

  it('tells what other processes wrote, and nothing of patches that changed nothing', async () => {
    const heard = await hear(connection.pool, listenWithPg(connectorTo(connection.url, 'news')));
    const [id, quiet] = [freshId(), freshId()];
    const writer = createPostgresHealthRepository(connection.pool);
    await createPostgresHealthRepository(connection.pool, { notify: false }).patch(quiet, limit(NOW));
    await writer.patch(id, limit(NOW));
    await soon(() => expect(heard.until(id)).toBe(NOW));
    await writer.patch(id, limit(NOW + 1));
    await soon(() => expect(heard.until(id)).toBe(NOW + 1));
    const before = heard.changes.length;
    await writer.patch(id, limit(NOW));
    await writer.patch(freshId(), []);
    const last = freshId();
    await writer.patch(last, limit(NOW));
    await soon(() => expect(heard.until(last)).toBe(NOW));
    expect(heard.changes.slice(before).map(({ accountId }) => accountId)).toEqual([last]);
    expect(heard.until(quiet)).toBeUndefined();
  });

  it('tells of new credential revisions, without the secrets', async () => {
    const heard = await hear(connection.pool, listenWithPg(connectorTo(connection.url, 'news')));
    const credentials = createPostgresCredentialRepository(connection.pool);
    const id = freshId();
    const next = (token: string) => ({ credentials: { refresh_token: token, access_token: 'top secret' }, expiresAt: NOW });
    await credentials.replace(id, next('r0'));
    await soon(() => expect(heard.revision(id)).toBe(0));
    await credentials.begin(id, 0, { nonce: 'n', ttlMs: 60_000 });
    await credentials.commit(id, 0, 'n', next('r1'));
    await soon(() => expect(heard.revision(id)).toBe(1));
    await credentials.keepAlternate(id, 0, next('alternate'));
    await credentials.begin(id, 1, { nonce: 'm', ttlMs: 60_000 });
    await credentials.promoteAlternate(id, 1, 'm');
    await soon(() => expect(heard.revision(id)).toBe(2));
    expect(heard.changes.at(-1)).toEqual({ accountId: id, credential: { revision: 2, expiresAt: NOW, refreshable: true } });
    expect(JSON.stringify(heard.changes)).not.toMatch(/secret|alternate|r0|r1/);
    await credentials.remove(id);
    await soon(() =>
      expect(heard.changes.at(-1)).toEqual({ accountId: id, credential: { revision: null, expiresAt: null, refreshable: false } }),
    );
    const before = heard.changes.length;
    await credentials.remove(id);
    await credentials.remove(freshId());
    await createPostgresCredentialRepository(connection.pool, { notify: false }).replace(id, next('r3'));
    const marker = freshId();
    await credentials.replace(marker, next('r0'));
    await soon(() => expect(heard.revision(marker)).toBe(0));
    expect(heard.changes.slice(before).map(({ accountId }) => accountId)).toEqual([marker]);
  });

  it('ids of accounts are data', async () => {
    const heard = await hear(connection.pool, listenWithPg(connectorTo(connection.url, 'news')));
    const ids = ['__proto__', 'a:b', "o'brien{,}", 'health:x', '🙂', ' ', 'x'.repeat(256)];
    for (const id of ids) await createPostgresHealthRepository(connection.pool).patch(id, limit(NOW));
    await soon(() => expect(ids.map(heard.until)).toEqual(ids.map(() => NOW)));
    const before = heard.changes.length;
    await connection.pool.query('select pg_notify(poolwarden_channel(), x) from unnest($1::text[]) as x', [
      ['', 'nonsense', ':', 'other:a', 'health:'],
    ]);
    await createPostgresHealthRepository(connection.pool).patch('last', limit(NOW));
    await soon(() => expect(heard.until('last')).toBe(NOW));
    expect(heard.changes.slice(before)).toHaveLength(1);
  });

  it('a listener that throws harms nobody, and leaving twice is leaving once', async () => {
    const repository = createPostgresHealthRepository(connection.pool, { listener: listenWithPg(connectorTo(connection.url, 'news')) });
    const throwing = vi.fn((_change: HealthChange) => {
      throw new Error('a listener that throws');
    });
    const leave = await repository.subscribe?.(throwing);
    const heard = await hear(connection.pool, listenWithPg(connectorTo(connection.url, 'news')));
    const id = freshId();
    for (let step = 0; step < 3; step += 1) {
      await repository.patch(id, limit(NOW + step));
      await soon(() => expect(heard.until(id)).toBe(NOW + step));
    }
    // It is told each change once, as if it had not thrown.
    await soon(() => expect(throwing).toHaveBeenLastCalledWith(expect.objectContaining({ health: heard.changes.at(-1)?.health })));
    const told = throwing.mock.calls.length;
    await sleep(600);
    expect(throwing.mock.calls.length).toBe(told);
    await leave?.();
    await leave?.();
    const calls = throwing.mock.calls.length;
    await repository.patch(id, limit(NOW + 10));
    await soon(() => expect(heard.until(id)).toBe(NOW + 10));
    expect(throwing.mock.calls.length).toBe(calls);
    await heard.stop();
    await soon(async () =>
      expect((await connection.pool.query(`select 1 from pg_stat_activity where application_name = 'news'`)).rows).toEqual([]),
    );
  });

  it('rejects where it cannot listen at first', async () => {
    const refused = listenWithPg(() => Promise.reject(new Error('no connection')));
    await expect(createPostgresHealthRepository(connection.pool, { listener: refused }).subscribe?.(() => undefined)).rejects.toThrow(
      'no connection',
    );
  });

  it('after the connection was lost it tells all that changed meanwhile, also of accounts that were not known', async () => {
    const name = `lost ${freshId()}`;
    const open = connectorTo(connection.url, name);
    let isOpen = true;
    let attempts = 0;
    const listener = listenWithPg(
      async () => {
        attempts += 1;
        if (!isOpen) throw new Error('not yet');
        return open();
      },
      { maxPauseMs: 60 },
    );
    const [known, unknown] = [freshId(), freshId()];
    const writer = createPostgresHealthRepository(connection.pool);
    const credentials = createPostgresCredentialRepository(connection.pool);
    await writer.patch(known, limit(NOW));
    const heard = await hear(connection.pool, listener);
    expect(heard.changes).toEqual([]);
    isOpen = false;
    expect(await terminate(name)).toBe(1);
    await writer.patch(known, limit(NOW + 1));
    await writer.patch(unknown, limit(NOW + 2));
    await credentials.replace(unknown, { credentials: { refresh_token: 'r' }, expiresAt: null });
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3), { timeout: 5_000 });
    expect(heard.changes).toEqual([]);
    isOpen = true;
    await soon(() => expect([heard.until(known), heard.until(unknown), heard.revision(unknown)]).toEqual([NOW + 1, NOW + 2, 0]));
    await writer.patch(known, limit(NOW + 3));
    await soon(() => expect(heard.until(known)).toBe(NOW + 3));
  });

  it('reads again where the store did not answer, and forgets nothing of it', async () => {
    let failures = 3;
    const flaky: PostgresClient = {
      query(text, parameters) {
        if (text.includes('any($1') && failures > 0) {
          failures -= 1;
          return Promise.reject(new Error('the store is down'));
        }
        return connection.pool.query(text, parameters);
      },
    };
    const heard = await hear(flaky, listenWithPg(connectorTo(connection.url, 'news')));
    const [a, b] = [freshId(), freshId()];
    await createPostgresHealthRepository(connection.pool).patch(a, limit(NOW));
    await soon(() => expect(failures).toBeLessThan(3));
    await createPostgresHealthRepository(connection.pool).patch(b, limit(NOW + 1));
    await soon(() => expect([heard.until(a), heard.until(b)]).toEqual([NOW, NOW + 1]));
    expect(failures).toBe(0);
  });

  it('a connection that broke without a word is noticed by its silence', async () => {
    const url = new URL(connection.url);
    const { hostname, port } = url;
    const sockets: Socket[] = [];
    const proxy = createServer((inner) => {
      const outer = connectTcp(Number(port || 5432), hostname);
      sockets.push(inner, outer);
      for (const socket of [inner, outer]) socket.on('error', () => undefined);
      inner.pipe(outer).pipe(inner);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });
    url.port = String((proxy.address() as AddressInfo).port);
    const heard = await hear(connection.pool, listenWithPg(connectorTo(url.href, 'news'), { heartbeatMs: 100, maxPauseMs: 50 }));
    const before = sockets.length;
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }
    const id = freshId();
    await createPostgresHealthRepository(connection.pool).patch(id, limit(NOW));
    await soon(() => expect(heard.until(id)).toBe(NOW));
    expect(sockets.length).toBe(before + 2);
  });

  it('lives through a crash of the server', async () => {
    const server = await startOwnPostgres();
    onTestFinished(server.stop);
    const pool = new Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
    onTestFinished(() => pool.end());
    await migratePostgres(pool);
    const heard = await hear(pool, listenWithPg(connectorTo(server.url, 'news')));
    const [before, after] = [freshId(), freshId()];
    const writer = createPostgresHealthRepository(pool);
    await writer.patch(before, limit(NOW));
    await soon(() => expect(heard.until(before)).toBe(NOW));
    await server.kill9();
    await expect(writer.patch(before, limit(NOW + 1))).rejects.toThrow();
    await server.restart();
    await writer.patch(after, limit(NOW + 2));
    await soon(() => expect(heard.until(after)).toBe(NOW + 2));
  });
});

describe('subscribe with postgres.js', () => {
  it('tells what was written, and after a loss of the connection all that is stored', async () => {
    const name = `postgres.js ${freshId()}`;
    const sql = postgres(connection.url, { connection: { search_path: connection.schema, application_name: name }, backoff: () => 0.05 });
    onTestFinished(() => sql.end());
    const heard = await hear(connection.pool, listenWithPostgresJs(sql));
    const [id, missed] = [freshId(), freshId()];
    const writer = createPostgresHealthRepository(connection.pool);
    await writer.patch(id, limit(NOW));
    await soon(() => expect(heard.until(id)).toBe(NOW));
    await createPostgresHealthRepository(connection.pool, { notify: false }).patch(missed, limit(NOW + 1));
    expect(await terminate(name)).toBeGreaterThan(0);
    await soon(() => expect(heard.until(missed)).toBe(NOW + 1));
    await writer.patch(id, limit(NOW + 2));
    await soon(() => expect(heard.until(id)).toBe(NOW + 2));
    await heard.stop();
    await heard.stop();
  });
});

describe('subscribe with PGlite', () => {
  it('tells what was written', async () => {
    const database = new PGlite();
    onTestFinished(() => database.close());
    await migratePostgres(database);
    const heard = await hear(database, listenWithPglite(database));
    const id = freshId();
    await createPostgresHealthRepository(database).patch(id, limit(NOW));
    await createPostgresCredentialRepository(database).replace(id, { credentials: {}, expiresAt: null });
    await soon(() => expect([heard.until(id), heard.revision(id)]).toEqual([NOW, 0]));
    await heard.stop();
    const before = heard.changes.length;
    await createPostgresHealthRepository(database).patch(id, limit(NOW + 1));
    expect(heard.changes.length).toBe(before);
  });
});
