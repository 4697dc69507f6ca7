/** OpenAI's own SDK, unchanged, through the whole gateway. */
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { WORDS } from '../../../examples/gateway/upstream/answers.js';
import { CLIENT_KEY, type RunningGateway, startGateway } from '../support/running-gateway.js';

const TEXT = WORDS.join('');
const CHAT = { model: 'gpt-5.3', messages: [{ role: 'user' as const, content: 'hi' }] };
const RESPONSE = { model: 'gpt-5.3', input: 'hi' };

let running: RunningGateway;
afterEach(() => running.close());

async function start(scenarios: readonly string[], pauseMs = 0): Promise<OpenAI> {
  running = await startGateway(
    scenarios.map((scenario, index) => ({ id: `o${index}-${scenario}`, scenario })),
    { pauseMs },
  );
  return new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${running.url}/v1`, maxRetries: 0 });
}

describe('openai through the gateway', () => {
  it('gets responses and chat completions, whole and streamed; ChatGPT plans serve responses only', async () => {
    const client = await start(['openai_key', 'codex']);
    for (let count = 0; count < 3; count += 1) {
      expect((await client.responses.create(RESPONSE)).output_text).toBe(TEXT);
      expect((await client.responses.stream(RESPONSE).finalResponse()).output_text).toBe(TEXT);
      expect((await client.chat.completions.create(CHAT)).choices[0]?.message.content).toBe(TEXT);
      expect(await client.chat.completions.stream(CHAT).finalContent()).toBe(TEXT);
    }
    const asked = running.upstream.seen.map(({ accountId, path }) => `${accountId} ${path}`);
    expect(asked).toContain('o1-codex /backend-api/codex/responses');
    expect(asked.filter((line) => line.startsWith('o1-') && line.includes('chat/completions'))).toEqual([]);
  });

  it('does not notice spent plans, spent keys and a block at the edge', async () => {
    const client = await start(['codex_spent', 'html_block', 'quota_key', 'openai_key']);
    for (let count = 0; count < 40; count += 1) expect((await client.responses.create(RESPONSE)).output_text).toBe(TEXT);
    const refused = new Set(running.upstream.seen.filter(({ outcome }) => outcome === 'refused').map(({ accountId }) => accountId));
    expect(refused).toEqual(new Set(['o0-codex_spent', 'o1-html_block', 'o2-quota_key']));
  });

  it('is told in its own words, and when to come again, where the plan is spent', async () => {
    const client = await start(['codex_spent']);
    for (let count = 0; count < 6; count += 1) await client.responses.create(RESPONSE);
    const error = await client.responses.create(RESPONSE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(Number((error as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after'))).toBeGreaterThan(60);
    await expect(client.chat.completions.create(CHAT)).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  it('sees an overload inside a stream as an error, in both protocols', async () => {
    for (const open of [
      (client: OpenAI) => client.chat.completions.create({ ...CHAT, stream: true }),
      (client: OpenAI) => client.responses.create({ ...RESPONSE, stream: true }),
    ] as const) {
      const client = await start(['openai_stream_overload'], 10);
      for (let count = 0; count < 4; count += 1) await client.responses.create(RESPONSE);
      let events = 0;
      const reading = (async () => {
        for await (const _ of await open(client)) events += 1;
      })();
      await expect(reading).rejects.toThrow(/overloaded/);
      expect(events).toBeGreaterThan(0);
      await expect.poll(() => running.log()).toContain('"verdict":"overloaded"');
      await running.close();
    }
    await start(['openai_key']);
  });

  it('goes away, and the upstream stops too', async () => {
    const client = await start(['openai_key'], 60);
    const stream = await client.chat.completions.create({ ...CHAT, stream: true });
    for await (const _ of stream) break;
    await expect.poll(() => running.upstream.seen.map(({ outcome }) => outcome)).toEqual(['aborted']);
  });
});
