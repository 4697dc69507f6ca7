import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { redisKeys } from '../../../src/adapters/redis/keys.js';
import { createRedisCredentialRepository, createRedisTokenCache } from '../../../src/adapters/redis.js';
import type { CredentialRepository, Credentials, NextCredentials, SecretCodec } from '../../../src/refresh/ports.js';
import { NOW } from '../../support/accounts.js';
import { BINDING_CODEC } from '../../support/binding-codec.js';
import { describeRedis } from './support.js';

const TTL_MS = 60_000;

const next = (token: string, expiresAt: number | null = NOW): NextCredentials => ({
  credentials: { access_token: `a-${token}`, refresh_token: token, project_id: 'é "x"' },
  expiresAt,
});

const tokenOf = (stored: { readonly credentials: Credentials } | null): unknown => stored?.credentials.refresh_token;
const newId = (): string => crypto.randomUUID();

await describeRedis('createRedisCredentialRepository', ({ connection, drivers }) => {
  const { prefix, client: raw } = connection;
  const keys = redisKeys({ prefix });

  describe.each(drivers)('$name', ({ client }) => {
    const repository: CredentialRepository = createRedisCredentialRepository(client, { prefix });
    const begin = (id: string, revision: number, nonce: string, ttlMs = TTL_MS) => repository.begin(id, revision, { nonce, ttlMs });
    async function account(): Promise<string> {
      const id = newId();
      await repository.replace(id, next('r0'));
      return id;
    }

    it('knows nothing of an account that was never there', async () => {
      const id = newId();
      expect(await repository.read(id)).toBeNull();
      expect(await repository.references([id])).toEqual(new Map());
      expect(await begin(id, 0, 'n')).toEqual({ kind: 'missing' });
      expect(await repository.commit(id, 0, 'n', next('x'))).toEqual({ kind: 'missing' });
      await repository.keepAlternate(id, 0, next('x'));
      await repository.release(id, 'n');
      expect(await repository.promoteAlternate(id, 0, 'n')).toBeNull();
      expect(await repository.condemn(id, 0, 'n', 'revoked')).toBe(false);
      await repository.remove(id);
      expect(await raw.exists(keys.credential(id), keys.alternates(id))).toBe(0);
    });

    it('gives back what was stored, with its revision', async () => {
      const id = newId();
      expect(await repository.replace(id, next('r0'))).toEqual({ revision: 0 });
      expect(await repository.read(id)).toEqual({ revision: 0, ...next('r0') });
      expect(await repository.replace(id, next('r1', null))).toEqual({ revision: 1 });
      expect(await repository.read(id)).toEqual({ revision: 1, ...next('r1', null) });
      expect(await begin(id, 1, 'n')).toEqual({ kind: 'granted', orphan: false, revision: 1, ...next('r1', null) });
      expect(await repository.commit(id, 1, 'n', next('r2'))).toEqual({ kind: 'committed', revision: 2 });
      expect(await repository.read(id)).toEqual({ revision: 2, ...next('r2') });
    });

    it('grants exactly one of twenty that begin at once', async () => {
      const id = await account();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => begin(id, 0, `n${at}`)));
      expect(answers.filter(({ kind }) => kind === 'granted').length).toBe(1);
      const busy = answers.flatMap((answer) => (answer.kind === 'busy' ? [answer.remainingMs] : []));
      expect(busy.length).toBe(19);
      expect(Math.max(...busy)).toBeLessThanOrEqual(TTL_MS);
      expect(Math.min(...busy)).toBeGreaterThan(TTL_MS - 5_000);
    });

    it('commits exactly one of twenty answers', async () => {
      const id = await account();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => repository.commit(id, 0, `n${at}`, next(`r1-${at}`))));
      expect(answers.filter(({ kind }) => kind === 'committed').length).toBe(1);
      expect(answers.filter((answer) => answer.kind === 'conflict' && answer.revision === 1 && !answer.same).length).toBe(19);
      const winner = answers.findIndex(({ kind }) => kind === 'committed');
      expect(tokenOf(await repository.read(id))).toBe(`r1-${winner}`);
    });

    it('refuses another revision, higher or lower', async () => {
      const id = await account();
      await repository.replace(id, next('r1'));
      expect(await begin(id, 0, 'n')).toEqual({ kind: 'stale', revision: 1 });
      expect(await begin(id, 2, 'n')).toEqual({ kind: 'stale', revision: 1 });
      expect(await repository.commit(id, 0, 'n', next('x'))).toEqual({ kind: 'conflict', revision: 1, same: false });
      expect(await repository.commit(id, 2, 'n', next('x'))).toEqual({ kind: 'conflict', revision: 1, same: false });
    });

    it('an attempt that ended without a word leaves a doubt, until the next revision', async () => {
      const id = await account();
      await begin(id, 0, 'first', 20);
      await sleep(30);
      expect(await begin(id, 0, 'second')).toMatchObject({ kind: 'granted', orphan: true });
      await repository.release(id, 'second');
      // That nothing was sent now says nothing of what was sent then.
      expect(await begin(id, 0, 'third')).toMatchObject({ kind: 'granted', orphan: true });
      await repository.commit(id, 0, 'third', next('r1'));
      expect(await begin(id, 1, 'fourth')).toMatchObject({ kind: 'granted', orphan: false });
    });

    it('an attempt that was given back leaves no doubt, and only its owner gives it back', async () => {
      const id = await account();
      await begin(id, 0, 'mine');
      await repository.release(id, 'other');
      expect((await begin(id, 0, 'n')).kind).toBe('busy');
      await repository.release(id, 'mine');
      expect(await begin(id, 0, 'n')).toMatchObject({ kind: 'granted', orphan: false });
    });

    it('stores an answer whoever holds the attempt by now (fault F3)', async () => {
      const id = await account();
      await begin(id, 0, 'slow', 10);
      await sleep(20);
      await begin(id, 0, 'eager');
      expect(await repository.commit(id, 0, 'slow', next('r1'))).toEqual({ kind: 'committed', revision: 1 });
      expect(await begin(id, 1, 'n')).toMatchObject({ kind: 'granted', orphan: false });
    });

    it('knows its own commit again, whose answer was lost (fault F6)', async () => {
      const id = await account();
      await repository.commit(id, 0, 'mine', next('r1'));
      expect(await repository.commit(id, 0, 'mine', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: true });
      expect(await repository.commit(id, 0, 'other', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: false });
      await repository.replace(id, next('r2'));
      expect(await repository.commit(id, 0, 'mine', next('r1'))).toEqual({ kind: 'conflict', revision: 2, same: false });
    });

    it('keeps two alternates, each once, the newest first', async () => {
      const id = await account();
      await repository.commit(id, 0, 'n', next('r1'));
      for (const token of ['x', 'y', 'y', 'z', 'y', 'z']) await repository.keepAlternate(id, 0, next(token));
      expect(await raw.llen(keys.alternates(id))).toBe(2);
      await begin(id, 1, 'a');
      expect(await repository.condemn(id, 1, 'a', 'revoked')).toBe(false);
      expect(await repository.promoteAlternate(id, 1, 'other')).toBeNull();
      expect(await repository.promoteAlternate(id, 0, 'a')).toBeNull();
      expect(await repository.promoteAlternate(id, 1, 'a')).toEqual({ revision: 2 });
      expect(await repository.read(id)).toEqual({ revision: 2, ...next('z') });
      // The attempt has ended, so that the next alternate needs another.
      expect(await repository.promoteAlternate(id, 2, 'a')).toBeNull();
      expect(await begin(id, 2, 'b')).toMatchObject({ kind: 'granted', orphan: false });
      expect(await repository.promoteAlternate(id, 2, 'b')).toEqual({ revision: 3 });
      expect(tokenOf(await repository.read(id))).toBe('y');
      await begin(id, 3, 'c');
      expect(await repository.promoteAlternate(id, 3, 'c')).toBeNull();
      expect(await repository.condemn(id, 3, 'c', 'revoked')).toBe(true);
    });

    it('a commit drops alternates of earlier revisions, and keeps those of its own', async () => {
      const id = await account();
      await repository.commit(id, 0, 'n', next('r1'));
      await repository.keepAlternate(id, 0, next('x'));
      await repository.keepAlternate(id, 1, next('y'));
      await repository.commit(id, 1, 'm', next('r2'));
      expect(await raw.llen(keys.alternates(id))).toBe(1);
      await begin(id, 2, 'a');
      await repository.promoteAlternate(id, 2, 'a');
      expect(tokenOf(await repository.read(id))).toBe('y');
    });

    it('an answer that comes after a later one was committed is not kept', async () => {
      const id = await account();
      await repository.commit(id, 0, 'n', next('r1'));
      await repository.commit(id, 1, 'm', next('r2'));
      await repository.keepAlternate(id, 0, next('x'));
      expect(await raw.exists(keys.alternates(id))).toBe(0);
      await repository.keepAlternate(id, 1, next('y'));
      expect(await raw.llen(keys.alternates(id))).toBe(1);
    });

    it('an alternate voids a condemnation', async () => {
      const id = await account();
      await repository.commit(id, 0, 'n', next('r1'));
      await begin(id, 1, 'a');
      await repository.condemn(id, 1, 'a', 'revoked');
      await repository.keepAlternate(id, 0, next('x'));
      expect(await begin(id, 1, 'b')).toMatchObject({ kind: 'granted', orphan: false });
      expect(await repository.promoteAlternate(id, 1, 'b')).toEqual({ revision: 2 });
    });

    it('an operator’s credentials end all that was before them (fault F21)', async () => {
      const id = await account();
      await begin(id, 0, 'slow');
      await repository.keepAlternate(id, 0, next('x'));
      expect(await repository.replace(id, next('operator'))).toEqual({ revision: 1 });
      expect(await repository.commit(id, 0, 'slow', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: false });
      await repository.keepAlternate(id, 0, next('r1'));
      expect(await raw.exists(keys.alternates(id))).toBe(0);
      expect(await begin(id, 1, 'n')).toMatchObject({ kind: 'granted', orphan: false, ...next('operator') });
      await repository.keepAlternate(id, 1, next('later'));
      expect(await raw.llen(keys.alternates(id))).toBe(1);
    });

    it('condemns one revision, for the attempt that saw it refused', async () => {
      const id = await account();
      await begin(id, 0, 'mine');
      expect(await repository.condemn(id, 0, 'other', 'revoked')).toBe(false);
      expect(await repository.condemn(id, 1, 'mine', 'revoked')).toBe(false);
      expect(await repository.condemn(id, 0, 'mine', 'lost_rotation')).toBe(true);
      expect(await begin(id, 0, 'n')).toEqual({ kind: 'condemned', code: 'lost_rotation' });
      expect(tokenOf(await repository.read(id))).toBe('r0');
      expect(await begin(id, 1, 'n')).toEqual({ kind: 'stale', revision: 0 });
      expect(await repository.commit(id, 0, 'late', next('r1'))).toEqual({ kind: 'committed', revision: 1 });
      expect(await begin(id, 1, 'm')).toMatchObject({ kind: 'granted', orphan: false });
      expect(await repository.condemn(id, 1, 'm', 'revoked')).toBe(true);
      expect(await begin(id, 1, 'n')).toEqual({ kind: 'condemned', code: 'revoked' });
      await repository.replace(id, next('r2'));
      expect((await begin(id, 2, 'n')).kind).toBe('granted');
    });

    it('a removed account keeps its revision and nothing else (fault F22)', async () => {
      const id = await account();
      await begin(id, 0, 'mine');
      await repository.keepAlternate(id, 0, next('x'));
      await repository.remove(id);
      expect(await raw.hgetall(keys.credential(id))).toEqual({ revision: '0' });
      expect(await raw.exists(keys.alternates(id))).toBe(0);
      expect(await repository.read(id)).toBeNull();
      expect(await repository.commit(id, 0, 'mine', next('r1'))).toEqual({ kind: 'missing' });
      await repository.keepAlternate(id, 0, next('r1'));
      expect(await repository.references([id])).toEqual(new Map());
      expect(await repository.replace(id, next('back'))).toEqual({ revision: 1 });
      expect(await repository.commit(id, 0, 'mine', next('r1'))).toEqual({ kind: 'conflict', revision: 1, same: false });
      await repository.keepAlternate(id, 0, next('r1'));
      expect(await raw.exists(keys.alternates(id))).toBe(0);
    });

    it('references are facts without secrets, also of promoted credentials', async () => {
      const [plain, blank, gone] = [await account(), newId(), newId()];
      await repository.replace(blank, { credentials: { access_token: 'a', refresh_token: '  ' }, expiresAt: null });
      await repository.commit(blank, 0, 'n', { credentials: {}, expiresAt: 5 });
      const expected = new Map([
        [plain, { revision: 0, expiresAt: NOW, refreshable: true }],
        [blank, { revision: 1, expiresAt: 5, refreshable: false }],
      ]);
      expect(await repository.references([gone, plain, blank, plain])).toEqual(expected);
      await repository.keepAlternate(blank, 0, next('x', 7));
      await begin(blank, 1, 'n');
      await repository.promoteAlternate(blank, 1, 'n');
      expect((await repository.references([blank])).get(blank)).toEqual({ revision: 2, expiresAt: 7, refreshable: true });
      await repository.remove(blank);
      expect((await repository.references([blank])).size).toBe(0);
    });

    it('a codec seals what is stored; the same alternate is known again under another seal', async () => {
      const sealing = createRedisCredentialRepository(client, { prefix, codec: BINDING_CODEC });
      const id = newId();
      await sealing.replace(id, next('r0'));
      await sealing.keepAlternate(id, 0, next('x'));
      await sealing.keepAlternate(id, 0, next('x'));
      expect(await raw.llen(keys.alternates(id))).toBe(1);
      const stored = JSON.stringify([await raw.hgetall(keys.credential(id)), await raw.lrange(keys.alternates(id), 0, -1)]);
      expect(stored).not.toMatch(/refresh_token|a-r0|a-x/);
      expect(await sealing.read(id)).toEqual({ revision: 0, ...next('r0') });
      await sealing.begin(id, 0, { nonce: 'n', ttlMs: TTL_MS });
      await sealing.promoteAlternate(id, 0, 'n');
      expect(await sealing.read(id)).toEqual({ revision: 1, ...next('x') });
    });

    it('what somebody copied to another account, or out of the token cache, does not open there', async () => {
      const sealing = createRedisCredentialRepository(client, { prefix, codec: BINDING_CODEC });
      const cache = createRedisTokenCache(client, { prefix, codec: BINDING_CODEC });
      const [rich, poor] = [newId(), newId()];
      await sealing.replace(rich, next('r'));
      await sealing.replace(poor, next('p'));
      await raw.hset(keys.credential(poor), 'secret', String(await raw.hget(keys.credential(rich), 'secret')));
      await expect(sealing.read(poor)).rejects.toThrow(/cannot be read/);
      await cache.set(poor, { token: JSON.stringify(next('t').credentials), credentialRevision: 0, until: null });
      const cached = String(await raw.hget(keys.token(poor), 'token'));
      await raw.hset(keys.credential(poor), 'secret', cached);
      await expect(sealing.read(poor)).rejects.toThrow(/cannot be read/);
      await raw.hset(keys.token(rich), { revision: '0', until: '', token: cached });
      expect(await cache.get(rich, NOW)).toBeNull();
      expect((await cache.get(poor, NOW))?.credentialRevision).toBe(0);
      expect(await sealing.read(rich)).toEqual({ revision: 0, ...next('r') });
    });

    it('what cannot be opened is a rejection that quotes nothing, and no attempt', async () => {
      const id = await account();
      await raw.hset(keys.credential(id), 'secret', 'SECRET{');
      for (const call of [() => repository.read(id), () => begin(id, 0, 'n')]) {
        const error = await call().then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(String(error)).toMatch(/cannot be read/);
        expect(String(error)).not.toContain('SECRET');
      }
      // Nobody can send what cannot be read, so that nobody's attempt is left to be doubted.
      expect(await raw.hmget(keys.credential(id), 'attempt', 'orphan')).toEqual([null, null]);
      const failing: SecretCodec = {
        seal: (text) => text,
        open(sealed) {
          throw new Error(`bad ${sealed}`);
        },
      };
      const sealed = createRedisCredentialRepository(client, { prefix, codec: failing });
      await expect(sealed.read(id)).rejects.toThrow(/cannot be read/);
    });

    it('credentials are data: names such as __proto__, and odd account ids', async () => {
      const credentials: Credentials = JSON.parse('{"__proto__":{"a":1},"refresh_token":"r","list":[1,null,true,"\\u0000"]}');
      for (const id of ['__proto__', `${newId()}}{`, '{}', ' ', '😀']) {
        await repository.replace(id, { credentials, expiresAt: null });
        expect(JSON.stringify((await repository.read(id))?.credentials)).toBe(JSON.stringify(credentials));
      }
    });

    it('an answer that is none of the scripts is a rejection', async () => {
      const odd = { evalsha: async () => ['what'], eval: async () => ['what'], configGet: async () => null };
      const broken = createRedisCredentialRepository(odd, { prefix });
      await expect(broken.begin('a', 0, { nonce: 'n', ttlMs: 1 })).rejects.toThrow(/none of this script/);
      await expect(broken.commit('a', 0, 'n', next('x'))).rejects.toThrow(/none of this script/);
    });
  });
});
