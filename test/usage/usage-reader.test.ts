import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Account } from '../../src/core/account.js';
import { PolicyError } from '../../src/core/policy-error.js';
import type { UsageAnswer } from '../../src/usage/usage-answer.js';
import { type CachedUsage, createUsageCache, type UsageCache } from '../../src/usage/usage-cache.js';
import { createUsageReader, type UsageFetch, type UsageReaderOptions } from '../../src/usage/usage-reader.js';
import { account, accountError, NOW, sample } from '../support/accounts.js';
import { CHATGPT, LOAD_CODE_ASSIST, USER_QUOTA } from './payloads.js';

const MINUTE = 60_000;
const openai = account({ id: 'o', platform: 'openai' });
const json = (payload: unknown, status = 200): Response => new Response(JSON.stringify(payload), { status });

/** A host's `fetch` that counts, and answers when it is told to. */
function controlled() {
  const waiting: {
    readonly account: Account;
    readonly signal: AbortSignal;
    readonly answer: (answer: UsageAnswer) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const fetch: UsageFetch = (of, { signal }) => new Promise((answer, fail) => waiting.push({ account: of, signal, answer, fail }));
  return { fetch, waiting };
}

function counted(respond: (of: Account) => UsageAnswer | readonly UsageAnswer[]) {
  const asked: string[] = [];
  const fetch: UsageFetch = async (of) => {
    asked.push(of.id);
    return respond(of);
  };
  return { fetch, asked };
}

const flush = async (): Promise<void> => {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a usage reader', () => {
  it('reads an answer, and the error of the account with it', async () => {
    const { fetch } = counted(() => json(CHATGPT));
    const reader = createUsageReader({ fetch });
    expect(await reader.read(openai)).toMatchObject({ tier: 'plus', forbidden: null, updatedAt: NOW });
    const banned = account({ ...openai, health: { errors: new Map([['violation', accountError()]]) } });
    expect(await reader.read(banned)).toMatchObject({ tier: 'plus', isBanned: true, errorCode: 'forbidden' });
  });

  it('asks once for callers at the same time, and for each account by itself', async () => {
    const { fetch, waiting } = controlled();
    const reader = createUsageReader({ fetch });
    const reads = [reader.read(openai), reader.read(openai), reader.read(account({ id: 'p', platform: 'openai' }))];
    await flush();
    expect(waiting.map((one) => one.account.id)).toEqual(['o', 'p']);
    for (const one of waiting) one.answer(json({ ...CHATGPT, plan_type: one.account.id }));
    expect((await Promise.all(reads)).map(({ tier }) => tier)).toEqual(['o', 'o', 'p']);
  });

  it.each([
    { title: 'a success', respond: () => json(CHATGPT), minutes: 3 },
    { title: 'a 403', respond: () => json({ error: { message: 'No' } }, 403), minutes: 3 },
    { title: 'a 429', respond: () => json({}, 429), minutes: 1 },
    {
      title: 'a failure',
      respond: () => {
        throw new Error('refused');
      },
      minutes: 1,
    },
  ])('shows $title again for $minutes minutes', async ({ respond, minutes }) => {
    const { fetch, asked } = counted(respond);
    const reader = createUsageReader({ fetch });
    const first = await reader.read(openai);
    await vi.advanceTimersByTimeAsync(minutes * MINUTE - 1);
    expect(await reader.read(openai)).toEqual(first);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    await reader.read(openai);
    expect(asked).toHaveLength(2);
  });

  it('a new credential asks anew, and an answer to the old one does not hide it', async () => {
    const { fetch, waiting } = controlled();
    const reader = createUsageReader({ fetch });
    const renewed = { ...openai, credential: { ...openai.credential, revision: 1 } };
    const [old, next] = [reader.read(openai), reader.read(renewed)];
    await flush();
    waiting[1]?.answer(json({ ...CHATGPT, plan_type: 'new' }));
    expect((await next).tier).toBe('new');
    waiting[0]?.answer(json({}, 401));
    expect((await old).needsReauth).toBe(true);
    const again = reader.read(renewed);
    await flush();
    waiting[2]?.answer(json({ ...CHATGPT, plan_type: 'newer' }));
    expect((await again).tier).toBe('newer');
  });

  it('a clock that was set back does not keep an answer longer', async () => {
    const { fetch, asked } = counted(() => json(CHATGPT));
    let now = NOW;
    const reader = createUsageReader({ fetch, now: () => now });
    await reader.read(openai);
    now -= 60 * MINUTE;
    await reader.read(openai);
    expect(asked).toHaveLength(2);
  });

  it('joins the answers of several endpoints, and what is left of them when one fails', async () => {
    const antigravity = account({ id: 'g', platform: 'antigravity' });
    const both = counted(() => [json(LOAD_CODE_ASSIST), json(USER_QUOTA)]);
    const info = await createUsageReader(both).read(antigravity);
    expect(info).toMatchObject({ tier: 'g1-pro-tier', errorCode: null });
    expect(info.models.size).toBe(3);
    const broken = new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) }));
    const one = counted(() => [json(LOAD_CODE_ASSIST), broken]);
    expect(await createUsageReader(one).read(antigravity)).toMatchObject({
      tier: 'g1-pro-tier',
      errorCode: 'network_error',
      error: 'usage API error: reset',
    });
    const told = counted(() => [{ failure: 'HTTP 429' }, json(USER_QUOTA)]);
    expect(await createUsageReader(told).read(antigravity)).toMatchObject({ errorCode: 'rate_limited' });
  });

  it('takes an answer that another client has read', async () => {
    const { fetch } = counted(() => ({ status: 200, headers: [['content-type', 'application/json']], body: JSON.stringify(CHATGPT) }));
    expect((await createUsageReader({ fetch }).read(openai)).tier).toBe('plus');
  });

  it('never asks for a setup token of Anthropic', async () => {
    const { fetch, asked } = counted(() => json({}, 403));
    const usage = new Map([['7d', sample(0.4, null)]]);
    const setupToken = account({ type: 'setup_token', health: { usage } });
    const reader = createUsageReader({ fetch });
    expect([...(await reader.read(setupToken)).windows.keys()]).toEqual(['5h', '7d']);
    expect(asked).toEqual([]);
    await reader.read(account({ ...setupToken, platform: 'openai' }));
    expect(asked).toHaveLength(1);
  });
});

describe('the time limit of a reading', () => {
  it.each([
    { timeoutMs: undefined, limit: 30_000 },
    { timeoutMs: 50, limit: 50 },
  ])('ends it after $limit ms, degraded', async ({ timeoutMs, limit }) => {
    const { fetch, waiting } = controlled();
    const options: UsageReaderOptions = timeoutMs === undefined ? { fetch } : { fetch, timeoutMs };
    const reader = createUsageReader(options);
    const reads = [reader.read(openai), reader.read(openai)];
    await vi.advanceTimersByTimeAsync(limit - 1);
    expect(waiting[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(waiting[0]?.signal.aborted).toBe(true);
    for (const info of await Promise.all(reads)) {
      expect(info).toMatchObject({ errorCode: 'network_error', error: `usage API error: no answer within ${limit} ms` });
    }
    waiting[0]?.answer(json(CHATGPT));
    await flush();
    expect((await reader.read(openai)).errorCode).toBe('network_error');
    expect(waiting).toHaveLength(1);
  });

  it('is over the body too, which is cancelled', async () => {
    const cancel = vi.fn();
    const { fetch } = counted(
      () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])), cancel })),
    );
    const read = createUsageReader({ fetch }).read(openai);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await read).errorCode).toBe('network_error');
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('is over the cache too', async () => {
    const { fetch } = counted(() => json(CHATGPT));
    const cache: UsageCache = { get: () => new Promise(() => undefined), set: () => new Promise(() => undefined) };
    const read = createUsageReader({ fetch, cache }).read(openai);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await read).errorCode).toBe('network_error');
  });
});

describe('what a reader takes in', () => {
  it('is 1 MiB of a body and the rest of a chunk, and the connection is given back', async () => {
    let taken = 0;
    const cancel = vi.fn();
    const chunk = new Uint8Array(100_000).fill(32);
    const endless = () =>
      new Response(
        new ReadableStream(
          {
            pull: (controller) => {
              taken += 1;
              controller.enqueue(chunk);
            },
            cancel,
          },
          { highWaterMark: 0 },
        ),
      );
    const { fetch } = counted(endless);
    expect((await createUsageReader({ fetch }).read(openai)).errorCode).toBe('network_error');
    expect(taken).toBe(11);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('an answer whose body somebody else reads has none', async () => {
    const { fetch } = counted(() => {
      const response = json(CHATGPT);
      response.body?.getReader();
      return response;
    });
    expect((await createUsageReader({ fetch }).read(openai)).error).toBe('usage API error: HTTP 200: an empty body');
  });

  it.each([
    {
      title: 'throws',
      fetch: () => {
        throw new Error('no token');
      },
    },
    { title: 'rejects', fetch: () => Promise.reject(new Error('no token')) },
    { title: 'rejects with nothing', fetch: () => Promise.reject() },
    { title: 'gives nothing', fetch: () => undefined as unknown as UsageAnswer },
    { title: 'gives nonsense', fetch: () => [null, 7] as unknown as UsageAnswer },
  ])('a host that $title gets a degraded answer', async ({ fetch }) => {
    expect((await createUsageReader({ fetch }).read(openai)).errorCode).toBe('network_error');
  });

  it("shows no secret of the host's", async () => {
    const secret = 'hunter2-hunter2';
    const redact = (text: string): string => text.replaceAll(secret, '***');
    for (const respond of [
      () => json({ error: { message: `bad ${secret}` } }, 403),
      () => json({ error: { message: `bad ${secret}` } }, 500),
    ]) {
      const info = await createUsageReader({ ...counted(respond), redact }).read(openai);
      expect(info.forbidden?.reason ?? info.error).toMatch(/bad \*\*\*/);
    }
    const thrown = counted(() => {
      throw new Error(`Bearer ${secret}`);
    });
    expect((await createUsageReader({ ...thrown, redact }).read(openai)).error).not.toContain(secret);
    const failing = {
      redact: () => {
        throw new Error('x');
      },
    };
    expect((await createUsageReader({ ...thrown, ...failing }).read(openai)).error).toBe('[redacted]');
  });
});

describe('the cache of a reader', () => {
  it('forgets the account that was written longest ago', async () => {
    const { fetch, asked } = counted(() => json(CHATGPT));
    const reader = createUsageReader({ fetch, cache: createUsageCache({ maxAccounts: 2 }) });
    const [a, b, c] = ['a', 'b', 'c'].map((id) => account({ id, platform: 'openai' })) as [Account, Account, Account];
    for (const one of [a, b, c, b, c, a]) await reader.read(one);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('counts from the last time that an account was written', async () => {
    const { fetch, asked } = counted(() => json(CHATGPT));
    const reader = createUsageReader({ fetch, cache: createUsageCache({ maxAccounts: 2 }) });
    const [a, b, c] = ['a', 'b', 'c'].map((id) => account({ id, platform: 'openai' })) as [Account, Account, Account];
    const renewed = { ...a, credential: { ...a.credential, revision: 1 } };
    for (const one of [a, b, renewed, c, renewed, b]) await reader.read(one);
    expect(asked).toEqual(['a', 'b', 'a', 'c', 'b']);
  });

  it('may be shared by readers, and be slow', async () => {
    const stored = new Map<string, CachedUsage>();
    const cache: UsageCache = {
      get: async (id) => stored.get(id) ?? null,
      set: async (id, cached) => void stored.set(id, cached),
    };
    const { fetch, asked } = counted(() => json(CHATGPT));
    await createUsageReader({ fetch, cache }).read(openai);
    expect((await createUsageReader({ fetch, cache }).read(openai)).tier).toBe('plus');
    expect(asked).toHaveLength(1);
    expect(stored.get('o')).toMatchObject({ credentialRevision: 0, until: NOW + 3 * MINUTE });
  });

  it.each([
    {
      title: 'throws',
      cache: {
        get: () => {
          throw new Error('down');
        },
        set: () => {
          throw new Error('down');
        },
      },
    },
    {
      title: 'rejects',
      cache: { get: () => Promise.reject(new Error('down')), set: (): Promise<void> => Promise.reject(new Error('down')) },
    },
    {
      title: 'gives nonsense',
      cache: { get: () => ({ credentialRevision: 0, until: NOW + 1 }) as unknown as CachedUsage, set: (): void => undefined },
    },
  ])('that $title costs a request and nothing else', async ({ cache }) => {
    const { fetch, asked } = counted(() => json(CHATGPT));
    const reader = createUsageReader({ fetch, cache });
    for (let round = 1; round <= 2; round += 1) {
      expect((await reader.read(openai)).tier).toBe('plus');
      expect(asked).toHaveLength(round);
    }
  });
});

describe('options that are wrong', () => {
  it.each([
    { options: { fetch: 'x' }, paths: ['fetch'] },
    { options: { fetch: () => json({}), timeoutMs: 0 }, paths: ['timeoutMs'] },
    { options: { fetch: () => json({}), timeoutMs: Number.NaN }, paths: ['timeoutMs'] },
    { options: { fetch: () => json({}), timeoutMs: 600_001 }, paths: ['timeoutMs'] },
    { options: { timeoutMs: -1 }, paths: ['fetch', 'timeoutMs'] },
  ])('$paths', ({ options, paths }) => {
    const make = () => createUsageReader(options as unknown as UsageReaderOptions);
    expect(make).toThrow(PolicyError);
    try {
      make();
    } catch (error) {
      expect((error as PolicyError).code).toBe('invalid_usage_reader');
      expect((error as PolicyError).issues.map(({ path }) => path)).toEqual(paths);
    }
  });

  it.each([0, 1.5, Number.NaN, 1_000_001])('a cache for %d accounts', (maxAccounts) => {
    expect(() => createUsageCache({ maxAccounts })).toThrow(/invalid_usage_cache/);
  });
});
