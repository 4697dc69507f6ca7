/** The scripted upstream alone: the official SDKs take its answers, and its scripts and tokens do what their table says. */

import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { defineAccount, evaluate } from 'poolwarden';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORDS } from '../../../examples/gateway/upstream/answers.js';
import { createScriptedUpstream, type ScriptedUpstream } from '../../../examples/gateway/upstream/create-scripted-upstream.js';
import { SCENARIOS, stepOf } from '../../../examples/gateway/upstream/scenarios.js';

const TEXT = WORDS.join('');
const accounts = Object.keys(SCENARIOS).map((scenario) => ({ id: `one-${scenario}`, scenario }));

let upstream: ScriptedUpstream;
beforeAll(async () => {
  upstream = await createScriptedUpstream({ accounts });
});
afterAll(() => upstream.close());

function secretOf(scenario: string): string {
  const secrets = upstream.secretsOf(`one-${scenario}`);
  return secrets.type === 'oauth' ? secrets.accessToken : secrets.secret;
}

async function ask(
  scenario: string,
  path = '/v1/messages',
  body: object = { model: 'claude-sonnet-4-6', messages: [] },
): Promise<Response> {
  return fetch(upstream.origin + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretOf(scenario)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const ENVELOPE = '/v1internal:generateContent';
/** A path of each kind's host. */
const PATH_OF: Readonly<Record<string, string>> = {
  'anthropic api_key': '/v1/messages',
  'anthropic oauth': '/v1/messages',
  'anthropic setup_token': '/v1/messages',
  'openai api_key': '/v1/responses',
  'openai oauth': '/backend-api/codex/responses',
  'gemini api_key': '/v1beta/models/gemini-3-pro:generateContent',
  'gemini oauth': ENVELOPE,
  'antigravity oauth': ENVELOPE,
};
const kindOf = (name: string): string => `${SCENARIOS[name]?.platform} ${SCENARIOS[name]?.type}`;
const enveloped = (more: object = {}): object => ({ model: 'claude-sonnet-4-6', project: 'p', request: { contents: [] }, ...more });

async function redeem(refreshToken: string): Promise<Response> {
  return fetch(`${upstream.origin}/v1/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'c' }),
  });
}

describe('official SDKs straight at the scripted upstream', () => {
  it('Anthropic takes the message, the stream and the count', async () => {
    const client = new Anthropic({ apiKey: secretOf('healthy_key'), baseURL: upstream.origin, maxRetries: 0 });
    const request = { model: 'claude-sonnet-4-6', max_tokens: 64, messages: [{ role: 'user' as const, content: 'hi' }] };
    const whole = await client.messages.create(request);
    const streamed = await client.messages.stream(request).finalMessage();
    const { input_tokens } = await client.messages.countTokens({ model: request.model, messages: request.messages });
    expect(whole.content).toEqual([{ type: 'text', text: TEXT }]);
    expect(streamed.content).toMatchObject([{ type: 'text', text: TEXT }]);
    expect(streamed.stop_reason).toBe('end_turn');
    expect(input_tokens).toBe(WORDS.length);
  });

  it('OpenAI takes responses and chat completions', async () => {
    const client = new OpenAI({ apiKey: secretOf('openai_key'), baseURL: `${upstream.origin}/v1`, maxRetries: 0 });
    const whole = await client.responses.create({ model: 'gpt-5.3', input: 'hi' });
    const streamed = await client.responses.stream({ model: 'gpt-5.3', input: 'hi' }).finalResponse();
    const chat = await client.chat.completions.create({ model: 'gpt-5.3', messages: [{ role: 'user', content: 'hi' }] });
    const chatStream = client.chat.completions.stream({ model: 'gpt-5.3', messages: [{ role: 'user', content: 'hi' }] });
    expect(whole.output_text).toBe(TEXT);
    expect(streamed.output_text).toBe(TEXT);
    expect(chat.choices[0]?.message.content).toBe(TEXT);
    expect(await chatStream.finalContent()).toBe(TEXT);
  });

  it('Google takes generateContent and its stream', async () => {
    const client = new GoogleGenAI({ apiKey: secretOf('gemini_key'), httpOptions: { baseUrl: upstream.origin } });
    const whole = await client.models.generateContent({ model: 'gemini-3-pro', contents: 'hi' });
    expect(whole.text).toBe(TEXT);
    let streamed = '';
    for await (const part of await client.models.generateContentStream({ model: 'gemini-3-pro', contents: 'hi' }))
      streamed += part.text ?? '';
    expect(streamed).toBe(TEXT);
  });
});

describe('scripts', () => {
  it('spans follow each other by the number of the request and begin again', () => {
    const spans = SCENARIOS.window_spent?.spans ?? [];
    const kinds = Array.from({ length: 27 }, (_, number) => stepOf(spans, number).step.type);
    expect(kinds.indexOf('refuse')).toBe(12);
    expect(kinds.filter((kind) => kind === 'refuse')).toHaveLength(2);
    expect(kinds[25]).toBe('refuse');
  });

  it('a spent window, told with a reset in the near future, holds the account until then', async () => {
    for (let count = 0; count < 12; count += 1) expect((await ask('window_spent')).status).toBe(200);
    const response = await ask('window_spent');
    const account = defineAccount({ id: 'a', platform: 'anthropic', type: 'oauth' });
    const now = Date.now();
    const { verdict } = evaluate({
      account,
      model: null,
      response: { status: response.status, headers: response.headers, body: await response.text() },
      receivedAt: now,
    });
    expect(verdict).toMatchObject({ kind: 'quota_exhausted', scope: 'account' });
    expect((verdict.resetAt ?? 0) - now).toBeGreaterThan(60_000);
    expect((verdict.resetAt ?? 0) - now).toBeLessThan(95_000);
  });

  it('only the used-up model is refused', async () => {
    expect((await ask('model_limit', '/v1/messages', { model: 'claude-opus-4-6' })).status).toBe(429);
    expect((await ask('model_limit', '/v1/messages', { model: 'claude-sonnet-4-6' })).status).toBe(200);
  });

  it('paid credits answer where the quota is spent, until they are spent too', async () => {
    for (const scenario of ['credits', 'credits_spent'])
      for (let count = 0; count < 3; count += 1) expect((await ask(scenario, ENVELOPE, enveloped())).status).toBe(200);
    const paid = enveloped({ enabledCreditTypes: ['GOOGLE_ONE_AI'] });
    expect((await ask('credits', ENVELOPE, enveloped())).status).toBe(429);
    expect((await ask('credits', ENVELOPE, paid)).status).toBe(200);
    const spent = await ask('credits_spent', ENVELOPE, paid);
    expect(spent.status).toBe(429);
    expect(await spent.text()).toContain('INSUFFICIENT_G1_CREDITS_BALANCE');
  });

  it('a stream breaks off by an error event, or by its connection', async () => {
    const stream = { model: 'claude-sonnet-4-6', stream: true };
    for (let count = 0; count < 5; count += 1) await (await ask('stream_overload', '/v1/messages', stream)).text();
    expect(await (await ask('stream_overload', '/v1/messages', stream)).text()).toMatch(
      /text_delta[\s\S]*event: error\ndata: .*overloaded_error/,
    );
    for (let count = 0; count < 7; count += 1) await (await ask('stream_reset', '/v1/messages', stream)).text();
    const response = await ask('stream_reset', '/v1/messages', stream);
    await expect(response.text()).rejects.toThrow();
  });

  it('a sign-in with Google spends its day for one model, in the words of Code Assist', async () => {
    for (let count = 0; count < 4; count += 1) expect((await ask('code_assist_spent', ENVELOPE, enveloped())).status).toBe(200);
    const response = await ask('code_assist_spent', ENVELOPE, enveloped());
    const now = Date.now();
    const { verdict, actions } = evaluate({
      account: defineAccount({ id: 'a', platform: 'gemini', type: 'oauth' }),
      model: 'gemini-3-pro',
      response: { status: response.status, headers: response.headers, body: await response.text() },
      receivedAt: now,
    });
    expect(verdict).toMatchObject({ kind: 'quota_exhausted', scope: 'model', rule: 'google_quota_exhausted' });
    expect(actions).toMatchObject([{ type: 'set_model_rate_limit', model: 'gemini-3-pro' }]);
    expect((verdict.resetAt ?? 0) - now).toBeGreaterThan(3_500_000);
  });

  it('every scenario begins without a failure of the server itself, at the path of its host', async () => {
    for (const name of Object.keys(SCENARIOS)) {
      expect([200, 400, 429], name).toContain((await ask(name, PATH_OF[kindOf(name)], enveloped({ stream: false }))).status);
    }
  });

  it('an account finds nothing at the paths of other hosts', async () => {
    const kinds = ['healthy_key', 'openai_key', 'codex', 'gemini_key', 'code_assist'].map((name) => [name, kindOf(name)] as const);
    for (const [name, kind] of kinds) {
      const foreign = Object.values(PATH_OF).filter((path) => path !== PATH_OF[kind]);
      for (const path of new Set(foreign)) expect([name, path, (await ask(name, path, enveloped())).status]).toEqual([name, path, 404]);
    }
  });
});

describe('tokens', () => {
  it('a revoked token is refused until the account comes with a newer one', async () => {
    for (let count = 0; count < 20 && (await ask('revoked_token')).status === 200; count += 1);
    const old = secretOf('revoked_token');
    expect((await ask('revoked_token')).status).toBe(401);
    const secrets = upstream.secretsOf('one-revoked_token');
    if (secrets.type !== 'oauth') throw new Error('not an oauth account');
    const answer = (await (await redeem(secrets.refreshToken)).json()) as { access_token: string };
    expect(answer.access_token).not.toBe(old);
    expect((await ask('revoked_token')).status).toBe(200);
  });

  it('a refresh token that is used twice revokes the whole family', async () => {
    const first = upstream.secretsOf('one-rotation');
    if (first.type !== 'oauth') throw new Error('not an oauth account');
    expect((await redeem(first.refreshToken)).status).toBe(200);
    expect((await ask('rotation')).status).toBe(200);
    expect((await redeem(first.refreshToken)).status).toBe(400);
    expect((await ask('rotation')).status).toBe(401);
  });

  it('tells what the account has used', async () => {
    const headers = { authorization: `Bearer ${secretOf('healthy')}` };
    const usage = (await (await fetch(`${upstream.origin}/api/oauth/usage`, { headers })).json()) as { five_hour: { utilization: number } };
    expect(usage.five_hour.utilization).toBeGreaterThan(0);
    const refused = await fetch(`${upstream.origin}/api/oauth/usage`, { headers: { authorization: `Bearer ${secretOf('setup_token')}` } });
    expect(refused.status).toBe(403);
  });
});
