/** Anthropic's own SDK, unchanged, through the whole gateway. */
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { WORDS } from '../../../examples/gateway/upstream/answers.js';
import type { ScriptedAccount } from '../../../examples/gateway/upstream/token-ledger.js';
import { CLIENT_KEY, type RunningGateway, startGateway } from '../support/running-gateway.js';

const TEXT = WORDS.join('');
const REQUEST = { model: 'claude-sonnet-4-6', max_tokens: 64, messages: [{ role: 'user' as const, content: 'hi' }] };

let running: RunningGateway;
afterEach(() => running.close());

async function start(scenarios: readonly string[], pauseMs = 0): Promise<Anthropic> {
  const accounts: readonly ScriptedAccount[] = scenarios.map((scenario, index) => ({ id: `a${index}-${scenario}`, scenario }));
  running = await startGateway(accounts, { pauseMs });
  return new Anthropic({ apiKey: CLIENT_KEY, baseURL: running.url, maxRetries: 0 });
}

function outcomes(): readonly (readonly [string | null, string | null])[] {
  return running.upstream.seen.map(({ accountId, outcome }) => [accountId, outcome]);
}

describe('@anthropic-ai/sdk through the gateway', () => {
  it('gets messages, streams and counts, and no account sees its key', async () => {
    const client = await start(['healthy', 'healthy_key', 'setup_token']);
    for (let count = 0; count < 3; count += 1) {
      expect((await client.messages.create(REQUEST)).content).toMatchObject([{ text: TEXT }]);
      expect((await client.messages.stream(REQUEST).finalMessage()).content).toMatchObject([{ text: TEXT }]);
    }
    expect((await client.messages.countTokens({ model: REQUEST.model, messages: REQUEST.messages })).input_tokens).toBe(WORDS.length);
    expect(new Set(running.upstream.seen.map(({ accountId }) => accountId)).size).toBe(3);
    expect(JSON.stringify(running.upstream.seen)).not.toContain(CLIENT_KEY);
  });

  it('is refused without the key of the gateway, in its own words', async () => {
    await start(['healthy']);
    const stranger = new Anthropic({ apiKey: 'somebody-elses-key', baseURL: running.url, maxRetries: 0 });
    await expect(stranger.messages.create(REQUEST)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    expect(running.upstream.seen).toHaveLength(0);
  });

  it('does not notice when an account spends its window: another one answers', async () => {
    const client = await start(['window_spent', 'healthy_key']);
    for (let count = 0; count < 30; count += 1) expect((await client.messages.create(REQUEST)).content).toMatchObject([{ text: TEXT }]);
    const spent = outcomes().filter(([id, outcome]) => id === 'a0-window_spent' && outcome === 'refused');
    expect(spent).toHaveLength(1);
    expect(running.gateway.directory.find('a0-window_spent')?.account.health.rateLimit?.rule).toBe('anthropic_5h_window_exhausted');
  });

  it('does not notice an overload storm, nor a revoked token, which is refreshed behind its back', async () => {
    const client = await start(['overload_storm', 'revoked_token', 'healthy_key']);
    for (let count = 0; count < 40; count += 1)
      expect((await client.messages.stream(REQUEST).finalMessage()).content).toMatchObject([{ text: TEXT }]);
    const seen = outcomes();
    expect(seen).toContainEqual(['a0-overload_storm', 'refused']);
    expect(seen).toContainEqual(['a1-revoked_token', 'refused']);
    await expect.poll(() => outcomes().some(([id, outcome]) => id === 'a1-revoked_token' && outcome === 'token')).toBe(true);
  });

  it('is told when to come again where every account is exhausted', async () => {
    const client = await start(['window_spent']);
    for (let count = 0; count < 12; count += 1) await client.messages.create(REQUEST);
    for (let count = 0; count < 3; count += 1) {
      const error = await client.messages.create(REQUEST).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Anthropic.RateLimitError);
      const retryAfter = Number((error as InstanceType<typeof Anthropic.RateLimitError>).headers?.get('retry-after'));
      expect(retryAfter).toBeGreaterThan(60);
      expect(retryAfter).toBeLessThan(95);
    }
    expect(running.upstream.seen).toHaveLength(13);
  });

  it('never sees the 401 or the ban of an account, but that there is none', async () => {
    const client = await start(['billing']);
    for (let count = 0; count < 4; count += 1) await client.messages.create(REQUEST);
    const error = await client.messages.create(REQUEST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect([429, 503]).toContain((error as InstanceType<typeof Anthropic.APIError>).status);
    expect(String(error)).not.toContain('credit balance');
  });

  it('sees an overload inside a stream as an error, and the account is on hold', async () => {
    const client = await start(['stream_overload'], 10);
    for (let count = 0; count < 5; count += 1) await client.messages.stream(REQUEST).finalMessage();
    const stream = client.messages.stream(REQUEST);
    let text = '';
    stream.on('text', (delta) => {
      text += delta;
    });
    await expect(stream.finalMessage()).rejects.toThrow(/[Oo]verloaded/);
    expect(TEXT.startsWith(text)).toBe(true);
    expect(text).not.toBe('');
    await expect.poll(() => running.gateway.directory.find('a0-stream_overload')?.account.health.overload).not.toBeNull();
  });

  it('does not notice an overload that comes before anything was given on', async () => {
    const client = await start(['stream_overload', 'healthy_key']);
    for (let count = 0; count < 14; count += 1)
      expect((await client.messages.stream(REQUEST).finalMessage()).content).toMatchObject([{ text: TEXT }]);
    expect(outcomes()).toContainEqual(['a0-stream_overload', 'broken']);
  });

  it('sees a connection that breaks in the middle as an error, and no second answer', async () => {
    const client = await start(['stream_reset', 'healthy_key']);
    let broken = 0;
    for (let count = 0; count < 20; count += 1) {
      const failed = await client.messages
        .stream(REQUEST)
        .finalMessage()
        .then(
          () => false,
          () => true,
        );
      if (failed) broken += 1;
    }
    expect(broken).toBe(1);
    expect(running.upstream.seen).toHaveLength(20);
  });

  it('goes away, and the upstream stops too', async () => {
    const client = await start(['healthy'], 60);
    const stream = client.messages.stream(REQUEST);
    const over = expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await new Promise<void>((resolve) => stream.once('text', () => resolve()));
    stream.abort();
    await over;
    await expect.poll(() => outcomes()).toEqual([['a0-healthy', 'aborted']]);
    await expect.poll(() => running.log()).toContain('"outcome":"aborted"');
    expect(running.gateway.directory.find('a0-healthy')?.account.health.temporary).toBeNull();
  });
});
