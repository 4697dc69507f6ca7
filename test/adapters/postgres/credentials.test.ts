import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPostgresCredentialRepository, migratePostgres, type PostgresClient } from '../../../src/adapters/postgres.js';
import type { BeginResult, CredentialRepository, NextCredentials } from '../../../src/refresh/ports.js';
import { NOW } from '../../support/accounts.js';
import { BINDING_CODEC } from '../../support/binding-codec.js';
import { connectPostgres, type PostgresConnection } from '../../support/postgres-server.js';
import { counting, DRIVERS, freshId, OPENING_MS, type Opened } from './support.js';

const LONG_MS = 60_000;
const next = (token: string, expiresAt: number | null = NOW): NextCredentials => ({
  credentials: { refresh_token: token, access_token: `access ${token}` },
  expiresAt,
});
const attempt = (nonce: string, ttlMs: number = LONG_MS) => ({ nonce, ttlMs });
const kindOf = ({ kind }: { readonly kind: string }): string => kind;

describe.each(DRIVERS)('credentials with $driver', ({ open }) => {
  let opened: Opened;
  let client: PostgresClient;
  let credentials: CredentialRepository;
  beforeAll(async () => {
    opened = await open();
    client = opened.client;
    credentials = createPostgresCredentialRepository(client);
  }, OPENING_MS);
  afterAll(() => opened.close());

  const added = async (token = 'r0'): Promise<string> => {
    const id = freshId();
    await credentials.replace(id, next(token));
    return id;
  };
  const tokenOf = async (id: string): Promise<unknown> => (await credentials.read(id))?.credentials.refresh_token;

  it('are read as they were stored, and rotated by one revision at a time', async () => {
    const id = freshId();
    expect(await credentials.read(id)).toBeNull();
    const given: NextCredentials = {
      credentials: { refresh_token: "a\0'\ud800🙂", nested: { list: [1.5, null, true] }, ['__proto__']: 'x' },
      expiresAt: null,
    };
    expect(await credentials.replace(id, given)).toEqual({ revision: 0 });
    expect(await credentials.read(id)).toEqual({ revision: 0, ...given });
    expect(await credentials.begin(id, 0, attempt('n0'))).toEqual({ kind: 'granted', orphan: false, revision: 0, ...given });
    expect(await credentials.commit(id, 0, 'n0', next('r1'))).toEqual({ kind: 'committed', revision: 1 });
    expect(await credentials.read(id)).toEqual({ revision: 1, ...next('r1') });
  });

  it('references of thousands of accounts are one statement, and hold no secret', async () => {
    const [a, b, blank, gone] = [await added(), await added(), await added(' \t'), await added()];
    await credentials.remove(gone);
    const counted = counting(client);
    const repository = createPostgresCredentialRepository(counted);
    const references = await repository.references([
      a,
      b,
      blank,
      gone,
      'nobody',
      'a\0',
      ...Array.from({ length: 5_000 }, (_, index) => `other ${index}`),
    ]);
    expect(counted.statements()).toBe(1);
    expect(references).toEqual(
      new Map([
        [a, { revision: 0, expiresAt: NOW, refreshable: true }],
        [b, { revision: 0, expiresAt: NOW, refreshable: true }],
        [blank, { revision: 0, expiresAt: NOW, refreshable: false }],
      ]),
    );
    expect(await repository.references([])).toEqual(new Map());
  });

  it('begin says why it does not grant', async () => {
    const id = await added();
    expect(await credentials.begin('nobody', 0, attempt('n'))).toEqual({ kind: 'missing' });
    expect(await credentials.begin(id, 1, attempt('n'))).toEqual({ kind: 'stale', revision: 0 });
    expect(kindOf(await credentials.begin(id, 0, attempt('n')))).toBe('granted');
    const busy = await credentials.begin(id, 0, attempt('m'));
    expect(busy.kind === 'busy' && busy.remainingMs > LONG_MS - 10_000 && busy.remainingMs <= LONG_MS).toBe(true);
    expect(kindOf(await credentials.begin(id, 0, attempt('n')))).toBe('busy');
    expect(await credentials.condemn(id, 0, 'n', 'lost_rotation')).toBe(true);
    expect(await credentials.begin(id, 0, attempt('n'))).toEqual({ kind: 'condemned', code: 'lost_rotation' });
  });

  it('every method is one statement', async () => {
    const counted = counting(client);
    const repository = createPostgresCredentialRepository(counted);
    const id = freshId();
    const steps: readonly (() => Promise<unknown>)[] = [
      () => repository.replace(id, next('r0')),
      () => repository.read(id),
      () => repository.references([id]),
      () => repository.begin(id, 0, attempt('n')),
      () => repository.begin(id, 0, attempt('m')),
      () => repository.commit(id, 0, 'n', next('r1')),
      () => repository.commit(id, 0, 'm', next('r1')),
      () => repository.keepAlternate(id, 0, next('x')),
      () => repository.promoteAlternate(id, 1, 'n'),
      () => repository.condemn(id, 1, 'n', 'revoked'),
      () => repository.release(id, 'n'),
      () => repository.remove(id),
    ];
    for (const [index, step] of steps.entries()) {
      await step();
      expect(counted.statements()).toBe(index + 1);
    }
  });

  it('an attempt that is over makes room and leaves its mark, until the next revision', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n', 1));
    await sleep(5);
    expect(await credentials.begin(id, 0, attempt('m'))).toMatchObject({ kind: 'granted', orphan: true });
    await credentials.release(id, 'm');
    // The first attempt still ended without a word.
    expect(await credentials.begin(id, 0, attempt('o'))).toMatchObject({ kind: 'granted', orphan: true });
    await credentials.commit(id, 0, 'o', next('r1'));
    expect(await credentials.begin(id, 1, attempt('p'))).toMatchObject({ kind: 'granted', orphan: false });
  });

  it('an attempt that was given back leaves none, and only its owner gives it back', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n'));
    await credentials.release(id, 'm');
    expect(kindOf(await credentials.begin(id, 0, attempt('m')))).toBe('busy');
    await credentials.release(id, 'n');
    expect(await credentials.begin(id, 0, attempt('m'))).toMatchObject({ kind: 'granted', orphan: false });
  });

  it('an answer is committed though the attempt is over and another one is running', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n', 1));
    await sleep(5);
    await credentials.begin(id, 0, attempt('m'));
    expect(await credentials.commit(id, 0, 'n', next('r1'))).toEqual({ kind: 'committed', revision: 1 });
    expect(await credentials.commit(id, 0, 'm', next('other'))).toEqual({ kind: 'conflict', revision: 1, same: false });
    expect(await credentials.condemn(id, 0, 'm', 'revoked')).toBe(false);
    expect(await tokenOf(id)).toBe('r1');
    expect(kindOf(await credentials.begin(id, 1, attempt('o')))).toBe('granted');
  });

  it('a commit whose answer was lost is told by its nonce, not by its secrets', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n'));
    await credentials.commit(id, 0, 'n', next('r1'));
    expect(await credentials.commit(id, 0, 'n', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: true });
    expect(await credentials.commit(id, 0, 'm', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: false });
    await credentials.replace(id, next('r2'));
    expect(await credentials.commit(id, 0, 'n', next('r1'))).toEqual({ kind: 'conflict', revision: 2, same: false });
    expect(await credentials.commit('nobody', 0, 'n', next('r1'))).toEqual({ kind: 'missing' });
  });

  it('alternates are a set of two, tried from the newest, and keep a token from being condemned', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n'));
    await credentials.commit(id, 0, 'n', next('r1'));
    for (const token of ['x', 'y', 'y', 'z', 'z']) await credentials.keepAlternate(id, 0, next(token, null));
    await credentials.begin(id, 1, attempt('m'));
    expect(await credentials.condemn(id, 1, 'm', 'revoked')).toBe(false);
    expect(await credentials.promoteAlternate(id, 1, 'n')).toBeNull();
    expect(await credentials.promoteAlternate(id, 0, 'm')).toBeNull();
    expect(await credentials.promoteAlternate(id, 1, 'm')).toEqual({ revision: 2 });
    expect(await credentials.read(id)).toEqual({ revision: 2, ...next('z', null) });
    await credentials.begin(id, 2, attempt('o'));
    expect(await credentials.promoteAlternate(id, 2, 'o')).toEqual({ revision: 3 });
    expect(await tokenOf(id)).toBe('y');
    await credentials.begin(id, 3, attempt('p'));
    expect(await credentials.promoteAlternate(id, 3, 'p')).toBeNull();
    expect(await credentials.condemn(id, 3, 'p', 'revoked')).toBe(true);
  });

  it('a commit drops the alternates of earlier revisions', async () => {
    const id = await added();
    await credentials.commit(id, 0, 'n', next('r1'));
    await credentials.keepAlternate(id, 0, next('x'));
    await credentials.keepAlternate(id, 1, next('rival'));
    await credentials.commit(id, 1, 'm', next('r2'));
    await credentials.begin(id, 2, attempt('o'));
    expect(await credentials.promoteAlternate(id, 2, 'o')).toEqual({ revision: 3 });
    expect(await tokenOf(id)).toBe('rival');
    await credentials.begin(id, 3, attempt('p'));
    expect(await credentials.promoteAlternate(id, 3, 'p')).toBeNull();
  });

  it('an answer to the token of a revision before the last one that was answered does not come back', async () => {
    const id = await added();
    await credentials.commit(id, 0, 'n', next('r1'));
    await credentials.commit(id, 1, 'm', next('r2'));
    await credentials.keepAlternate(id, 0, next('spent'));
    await credentials.begin(id, 2, attempt('o'));
    expect(await credentials.promoteAlternate(id, 2, 'o')).toBeNull();
    expect(await credentials.condemn(id, 2, 'o', 'revoked')).toBe(true);
    await credentials.keepAlternate(id, 0, next('spent'));
    expect(kindOf(await credentials.begin(id, 2, attempt('p')))).toBe('condemned');
    // A rival of the last answer may be the one that is still taken: it voids the condemnation.
    await credentials.keepAlternate(id, 1, next('rival'));
    expect(kindOf(await credentials.begin(id, 2, attempt('p')))).toBe('granted');
    expect(await credentials.promoteAlternate(id, 2, 'p')).toEqual({ revision: 3 });
  });

  it('an operator wins: alternates and attempts of earlier revisions are void (fault F21)', async () => {
    const id = await added();
    await credentials.begin(id, 0, attempt('n'));
    await credentials.keepAlternate(id, 0, next('early'));
    expect(await credentials.replace(id, next('operator'))).toEqual({ revision: 1 });
    expect(await credentials.commit(id, 0, 'n', next('late'))).toEqual({ kind: 'conflict', revision: 1, same: false });
    await credentials.keepAlternate(id, 0, next('late'));
    expect(await credentials.begin(id, 1, attempt('m'))).toMatchObject({ kind: 'granted', orphan: false });
    expect(await credentials.promoteAlternate(id, 1, 'm')).toBeNull();
    expect(await credentials.condemn(id, 1, 'm', 'revoked')).toBe(true);
    expect(await credentials.replace(id, next('again'))).toEqual({ revision: 2 });
    expect(kindOf(await credentials.begin(id, 2, attempt('o')))).toBe('granted');
    // What was asked with the operator's own token is kept.
    await credentials.keepAlternate(id, 2, next('child'));
    expect(await credentials.promoteAlternate(id, 2, 'o')).toEqual({ revision: 3 });
  });

  it('what was removed is missing, leaves no secret, and never starts again at 0 (fault F22)', async () => {
    const id = await added('secret 0');
    await credentials.begin(id, 0, attempt('n'));
    await credentials.keepAlternate(id, 0, next('secret 1'));
    await credentials.remove(id);
    await credentials.remove('nobody');
    expect(await credentials.read(id)).toBeNull();
    expect(await credentials.begin(id, 0, attempt('m'))).toEqual({ kind: 'missing' });
    expect(await credentials.commit(id, 0, 'n', next('secret 2'))).toEqual({ kind: 'missing' });
    await credentials.keepAlternate(id, 0, next('secret 3'));
    expect(await credentials.promoteAlternate(id, 0, 'n')).toBeNull();
    expect(await credentials.condemn(id, 0, 'n', 'revoked')).toBe(false);
    const { rows } = await client.query('select c::text as row from poolwarden_credentials as c where account_id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('secret');
    expect(await credentials.replace(id, next('r1'))).toEqual({ revision: 1 });
  });

  it('are sealed by the codec, alternates too', async () => {
    const sealing = createPostgresCredentialRepository(client, { codec: BINDING_CODEC });
    const id = freshId();
    await sealing.replace(id, next('hidden0'));
    await sealing.commit(id, 0, 'n', next('hidden1'));
    // Sealed twice, the same text differs; it still is the same alternate.
    for (const token of ['hidden2', 'hidden3', 'hidden3']) await sealing.keepAlternate(id, 0, next(token));
    const { rows } = await client.query('select c::text as row from poolwarden_credentials as c where account_id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain('hidden');
    expect(await sealing.begin(id, 1, attempt('m'))).toMatchObject({ kind: 'granted', ...next('hidden1') });
    await sealing.promoteAlternate(id, 1, 'm');
    expect(await sealing.read(id)).toEqual({ revision: 2, ...next('hidden3') });
    await sealing.begin(id, 2, attempt('o'));
    await sealing.promoteAlternate(id, 2, 'o');
    expect(await sealing.read(id)).toEqual({ revision: 3, ...next('hidden2') });
  });

  it('that somebody copied to another account do not open there, and no attempt is left of it', async () => {
    const sealing = createPostgresCredentialRepository(client, { codec: BINDING_CODEC });
    const [rich, poor] = [freshId(), freshId()];
    await sealing.replace(rich, next('r'));
    await sealing.replace(poor, next('p'));
    const copy =
      'update poolwarden_credentials set secret = (select secret from poolwarden_credentials where account_id = $1) where account_id = $2';
    await client.query(copy, [rich, poor]);
    await expect(sealing.read(poor)).rejects.toThrow('sealed for another account');
    await expect(sealing.begin(poor, 0, attempt('n'))).rejects.toThrow('sealed for another account');
    expect(await sealing.read(rich)).toEqual({ revision: 0, ...next('r') });
    await sealing.replace(poor, next('q'));
    expect(await sealing.begin(poor, 1, attempt('m'))).toMatchObject({ kind: 'granted', orphan: false, ...next('q') });
  });

  it.each(['{"refresh_token":"top secret', '"top secret"', '["top secret"]', 'null', ''])(
    'secrets that cannot be read are a rejection that does not tell them: %s',
    async (text) => {
      const id = await added();
      await client.query('update poolwarden_credentials set secret = $2 where account_id = $1', [id, text]);
      for (const ask of [() => credentials.read(id), () => credentials.begin(id, 0, attempt('n'))]) {
        const error = await ask().then(
          () => null,
          (reason: Error) => reason,
        );
        expect(error?.message).toMatch(/malformed/);
        expect(`${error?.message} ${error?.stack} ${JSON.stringify(error)} ${error?.cause}`).not.toContain('top secret');
      }
      // The attempt was given back: nothing can have been sent.
      await client.query('update poolwarden_credentials set secret = $2 where account_id = $1', [id, '{}']);
      expect(await credentials.begin(id, 0, attempt('m'))).toMatchObject({ kind: 'granted', orphan: false });
    },
  );

  it('account ids that cannot be stored are refused', async () => {
    await expect(credentials.replace('a\0', next('r'))).rejects.toMatchObject({ code: 'invalid_account_id' });
    await expect(credentials.read('a\ud800')).rejects.toMatchObject({ code: 'invalid_account_id' });
  });
});

describe('many processes at once', () => {
  let connection: PostgresConnection;
  const repositories: CredentialRepository[] = [];
  beforeAll(async () => {
    connection = await connectPostgres();
    await migratePostgres(connection.pool);
  }, OPENING_MS);
  afterAll(() => connection.close());

  function processes(count: number): readonly CredentialRepository[] {
    while (repositories.length < count) repositories.push(createPostgresCredentialRepository(openPool()));
    return repositories.slice(0, count);
  }
  function openPool(): Pool {
    const pool = new Pool({ connectionString: connection.url, options: `-c search_path=${connection.schema}`, max: 1 });
    onTestFinished(async () => {
      repositories.length = 0;
      await pool.end();
    });
    return pool;
  }

  it('of 20 that begin exactly one is granted, and no answer misleads the others', async () => {
    const all = processes(20);
    const first = createPostgresCredentialRepository(connection.pool);
    let granted = 0;
    for (let round = 0; round < 15; round += 1) {
      const id = freshId();
      await first.replace(id, next('r0'));
      const answers = await Promise.all(all.map((repository, index) => repository.begin(id, 0, attempt(`n${index}`))));
      granted += answers.filter(({ kind }) => kind === 'granted').length;
      for (const answer of answers) {
        if (answer.kind !== 'granted') expect(answer.kind === 'busy' && answer.remainingMs > LONG_MS / 2).toBe(true);
      }
    }
    expect(granted).toBe(15);
  });

  it('a chain of rotations never breaks: each revision is committed once, by the one who was granted', async () => {
    const all = processes(8);
    const id = freshId();
    const first = createPostgresCredentialRepository(connection.pool);
    await first.replace(id, next('0'));
    const ROTATIONS = 60;
    const seen: Record<BeginResult['kind'], number> = { granted: 0, busy: 0, stale: 0, condemned: 0, missing: 0 };
    const committed: string[] = [];
    await Promise.all(
      all.map(async (repository, writer) => {
        for (let round = 0; ; round += 1) {
          const revision = (await repository.read(id))?.revision ?? 0;
          if (revision >= ROTATIONS) return;
          const nonce = `${writer} ${round}`;
          const begun = await repository.begin(id, revision, attempt(nonce));
          seen[begun.kind] += 1;
          if (begun.kind !== 'granted') continue;
          const token = `${begun.credentials.refresh_token} ${begun.revision + 1}`;
          const answer = await repository.commit(id, begun.revision, nonce, next(token));
          expect(answer).toEqual({ kind: 'committed', revision: begun.revision + 1 });
          committed.push(token);
        }
      }),
    );
    const last = await first.read(id);
    expect(last?.credentials.refresh_token).toBe(Array.from({ length: (last?.revision ?? 0) + 1 }, (_, revision) => revision).join(' '));
    expect(committed).toHaveLength(last?.revision ?? 0);
    expect(Math.min(seen.granted, seen.busy, seen.stale)).toBeGreaterThan(0);
  });

  it('commits of one revision: one wins, the others are told so and kept as alternates', async () => {
    const all = processes(8);
    const first = createPostgresCredentialRepository(connection.pool);
    const id = freshId();
    await first.replace(id, next('r0'));
    const answers = await Promise.all(all.map((repository, index) => repository.commit(id, 0, `n${index}`, next(`r1 ${index}`))));
    expect(answers.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
    expect(answers.filter((answer) => answer.kind === 'conflict' && answer.revision === 1 && !answer.same)).toHaveLength(7);
    await Promise.all(all.map((repository, index) => repository.keepAlternate(id, 0, next(`r1 ${index}`))));
    const { rows } = await connection.pool.query(
      'select jsonb_array_length(alternates) as kept from poolwarden_credentials where account_id = $1',
      [id],
    );
    expect(rows).toEqual([{ kept: 2 }]);
  });

  it('replacing and beginning at once: the one that came last decides', async () => {
    const [one, two] = processes(2);
    const id = freshId();
    await one?.replace(id, next('r0'));
    for (let revision = 0; revision < 20; revision += 1) {
      const [begun, replaced] = await Promise.all([one?.begin(id, revision, attempt('n')), two?.replace(id, next(`r${revision + 1}`))]);
      expect(replaced).toEqual({ revision: revision + 1 });
      if (begun?.kind === 'granted') expect(begun).toMatchObject({ revision, ...next(`r${revision}`) });
      else expect(begun).toEqual({ kind: 'stale', revision: revision + 1 });
      expect(await two?.begin(id, revision + 1, attempt('m', 1))).toMatchObject({ kind: 'granted', orphan: false });
      await two?.release(id, 'm');
    }
  });
});
