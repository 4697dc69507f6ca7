/** Google's own SDK, unchanged, through the whole gateway; and Antigravity's envelope, which has no SDK. */
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterEach, describe, expect, it } from 'vitest';
import { WORDS } from '../../../examples/gateway/upstream/answers.js';
import { CLIENT_KEY, type RunningGateway, startGateway } from '../support/running-gateway.js';

const TEXT = WORDS.join('');
const REQUEST = { model: 'gemini-3-pro', contents: 'hi' };

let running: RunningGateway;
afterEach(() => running.close());

async function start(scenarios: readonly string[], pauseMs = 0, environment: Readonly<Record<string, string>> = {}): Promise<GoogleGenAI> {
  running = await startGateway(
    scenarios.map((scenario, index) => ({ id: `g${index}-${scenario}`, scenario })),
    { pauseMs, environment },
  );
  return new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: running.url } });
}

async function envelope(method = 'generateContent', model = 'claude-sonnet-4-6'): Promise<Response> {
  return fetch(`${running.url}/v1internal:${method}${method.startsWith('stream') ? '?alt=sse' : ''}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, request: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] } }),
  });
}

describe('@google/genai through the gateway', () => {
  it('gets content, whole and streamed, also where a wrong key is in the pool', async () => {
    const client = await start(['gemini_wrong_key', 'gemini_key']);
    for (let count = 0; count < 3; count += 1) {
      expect((await client.models.generateContent(REQUEST)).text).toBe(TEXT);
      let streamed = '';
      for await (const part of await client.models.generateContentStream(REQUEST)) streamed += part.text ?? '';
      expect(streamed).toBe(TEXT);
    }
    const wrong = running.upstream.seen.filter(({ accountId }) => accountId === 'g0-gemini_wrong_key');
    expect(wrong).toHaveLength(1);
  });

  it('is told in its own words where no account is left', async () => {
    const client = await start(['gemini_wrong_key']);
    const error = await client.models.generateContent(REQUEST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(503);
    expect(String(error)).not.toContain('API key not valid');
  });
});

describe('streams of @google/genai', () => {
  it('an overload inside is an error, and nothing is sent twice', async () => {
    const client = await start(['gemini_stream_overload', 'gemini_key'], 10);
    const texts: string[] = [];
    let failures = 0;
    for (let count = 0; count < 10; count += 1) {
      let text = '';
      try {
        for await (const part of await client.models.generateContentStream(REQUEST)) text += part.text ?? '';
        texts.push(text);
      } catch (error) {
        failures += 1;
        expect(error).toBeInstanceOf(ApiError);
        expect(text).not.toBe('');
      }
    }
    expect(failures).toBe(1);
    expect(texts).toEqual(Array.from({ length: 9 }, () => TEXT));
    expect(running.upstream.seen).toHaveLength(10);
  });

  it('whoever goes away stops the upstream too', async () => {
    const client = await start(['gemini_key'], 60);
    const leaving = new AbortController();
    const stream = await client.models.generateContentStream({ ...REQUEST, config: { abortSignal: leaving.signal } });
    const reading = (async () => {
      for await (const _ of stream) leaving.abort();
    })();
    await expect(reading).rejects.toThrow();
    await expect.poll(() => running.upstream.seen.map(({ outcome }) => outcome)).toEqual(['aborted']);
  });
});

describe('sign-ins with Google through the gateway', () => {
  /** Nobody listens there. */
  const NOWHERE = 'http://127.0.0.1:1';
  const GEMINI = 'gemini-3-pro';

  it('are served by Code Assist, for their project, whole and streamed; the connection test asks there too', async () => {
    await start(['code_assist'], 0, { GEMINI_ORIGIN: NOWHERE, ANTIGRAVITY_ORIGIN: NOWHERE });
    const answer = (await (await envelope('generateContent', GEMINI)).json()) as { response: { modelVersion: string } };
    expect(answer.response.modelVersion).toBe(GEMINI);
    expect(await (await envelope('streamGenerateContent', GEMINI)).text()).toContain('"finishReason":"STOP"');
    const headers = { authorization: `Bearer ${running.adminToken}`, 'content-type': 'application/json' };
    const test = await fetch(`${running.url}/admin/accounts/g0-code_assist/test`, { method: 'POST', headers, body: '{}' });
    expect(await test.json()).toMatchObject({ ok: true, status: 200 });
    const { seen } = running.upstream;
    expect(seen.map(({ path }) => path)).toEqual([
      '/v1internal:generateContent',
      '/v1internal:streamGenerateContent',
      '/v1internal:generateContent',
    ]);
    expect(seen.every(({ body }) => JSON.parse(body).project === 'scripted-project')).toBe(true);
  });

  it('that have spent a model’s day rest for that model until the quota is back, and another one answers', async () => {
    await start(['code_assist_spent', 'code_assist']);
    for (let count = 0; count < 14; count += 1) expect((await envelope('generateContent', GEMINI)).status).toBe(200);
    expect(running.upstream.seen.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1);
    const limits = running.gateway.directory.find('g0-code_assist_spent')?.account.health.modelRateLimits;
    expect([...(limits?.keys() ?? [])]).toEqual([GEMINI]);
    expect(limits?.get(GEMINI)?.rule).toBe('google_quota_exhausted');
    expect((await envelope('generateContent', 'gemini-3-flash')).status).toBe(200);
  });

  it('serve neither the Gemini API’s own paths nor other vendors’ models', async () => {
    const client = await start(['code_assist']);
    await expect(client.models.generateContent(REQUEST)).rejects.toMatchObject({ status: 503 });
    expect((await envelope()).status).toBe(503);
    expect(running.upstream.seen).toEqual([]);
  });
});

describe("Antigravity's envelope through the gateway", () => {
  it('names the project of the account, and goes on with paid credits where the quota is spent', async () => {
    await start(['credits']);
    for (let count = 0; count < 8; count += 1) {
      const answer = (await (await envelope()).json()) as { response: { candidates: { content: { parts: { text: string }[] } }[] } };
      expect(answer.response.candidates[0]?.content.parts[0]?.text).toBe(TEXT);
    }
    const bodies = running.upstream.seen.map(({ body }) => JSON.parse(body));
    expect(bodies.every(({ project }) => project === 'scripted-project')).toBe(true);
    expect(bodies.filter(({ enabledCreditTypes }) => enabledCreditTypes !== undefined).length).toBeGreaterThanOrEqual(5);
  });

  it('fails over from accounts that are to be verified, are banned or have spent everything', async () => {
    await start(['validation', 'violation', 'credits_spent', 'antigravity']);
    for (let count = 0; count < 24; count += 1) expect((await envelope('streamGenerateContent')).status).toBe(200);
    const errors = ['g0-validation', 'g1-violation'].map((id) => [
      ...(running.gateway.directory.find(id)?.account.health.errors.keys() ?? []),
    ]);
    expect(errors).toEqual([['verification'], ['violation']]);
    expect(running.gateway.directory.find('g2-credits_spent')?.account.health.modelRateLimits.size).toBe(2);
  });
});
