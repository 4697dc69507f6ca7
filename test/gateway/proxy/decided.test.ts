import { once } from 'node:events';
import type { HealthRepository } from 'poolwarden';
import { describe, expect, it } from 'vitest';
import { MESSAGE, post, startGateway, until } from './gateway.js';
import { type Answering, json, OVERLOADED } from './upstream.js';

const TWO = [{ id: 'a' }, { id: 'b' }];

/** Account `a` is overloaded, every other one answers. */
const overloadA: Answering = ({ accountId }, response) => (accountId === 'a' ? json(response, 529, OVERLOADED) : json(response, 200, {}));

describe('what the engine decided', () => {
  it('counts at once, also while the store does not answer', async () => {
    const store = new AbortController();
    const patch = async (): Promise<never> => {
      if (!store.signal.aborted) await once(store.signal, 'abort');
      throw new Error('the store is gone');
    };
    const gateway = await startGateway({ accounts: TWO, store: ({ load }) => ({ load, patch }) });
    gateway.upstream.answer = overloadA;
    for (let count = 0; count < 3; count += 1) expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    expect(gateway.upstream.received.map(({ accountId }) => accountId)).toEqual(['a', 'b', 'b', 'b']);
    store.abort();
  });

  it('comes back from the store with what other processes know', async () => {
    const gateway = await startGateway({ accounts: TWO });
    const elsewhere = {
      generation: 0,
      credentialRevision: -1,
      until: Date.now() + 9_000,
      rule: 'rate_limited',
      kind: 'quota',
      detail: '',
    } as const;
    await gateway.repository.patch('a', [{ cell: 'rateLimit', value: elsewhere }]);
    gateway.upstream.answer = overloadA;
    await post(gateway, '/v1/messages', MESSAGE);
    await until(() => gateway.directory.find('a')?.account.health.rateLimit?.until === elsewhere.until);
  });

  it('is noticed where it cannot be written, without a word of the store’s', async () => {
    const store = (): HealthRepository => ({ load: async () => new Map(), patch: () => Promise.reject(new Error('password=hunter2')) });
    const gateway = await startGateway({ accounts: TWO, store });
    gateway.upstream.answer = overloadA;
    expect((await post(gateway, '/v1/messages', MESSAGE)).status).toBe(200);
    await until(() => gateway.events.some((event) => event.type === 'notice'));
    expect(gateway.events.filter(({ type }) => type === 'notice')).toMatchObject([
      { level: 'error', code: 'write_failed', detail: 'set_overloaded of a' },
    ]);
  });
});
