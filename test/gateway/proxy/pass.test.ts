import { describe, expect, it } from 'vitest';
import { MESSAGE, open, post, startGateway, until } from './gateway.js';
import { beginStream, events, json } from './upstream.js';

const CHAT = { model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] };

describe('an answer passes as it came', () => {
  it('gives a plain answer byte for byte, and sends the body byte for byte', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }] });
    const odd = '{"id":"msg_1",  "n": 1.0, "text":"é\\u00e9 😀"}\n';
    gateway.upstream.answer = (_received, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_1' }).end(odd);
    const sent = '{ "model":"claude-sonnet-4-5", "max_tokens":1.0,\n"messages":[] }';
    const { status, text, headers } = await post(gateway, '/v1/messages?beta=true', sent);
    expect([status, text, headers['request-id']]).toEqual([200, odd, 'req_1']);
    expect(gateway.upstream.received.map(({ method, url, text }) => [method, url, text])).toEqual([
      ['POST', '/v1/messages?beta=true', sent],
    ]);
    expect(gateway.ended()).toMatchObject([
      { outcome: 'answered', status: 200, accountId: 'a', attempts: 1, protocol: 'anthropic', model: MESSAGE.model },
    ]);
    expect(gateway.attempts()).toMatchObject([{ status: 200, attempt: 1, exchange: { phase: 'headers', credentialRevision: 7 } }]);
  });

  it('gives a stream byte for byte, also where characters are cut, and before it has ended', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }] });
    const whole = Buffer.from(
      events({ type: 'message_start' }, { type: 'content_block_delta', text: 'Grüße 😀' }, { type: 'message_stop' }).join(''),
    );
    const cut = whole.indexOf('😀') + 2;
    let finish = (): void => undefined;
    gateway.upstream.answer = (_received, response) => {
      beginStream(response).write(whole.subarray(0, cut));
      finish = () => response.end(whole.subarray(cut));
    };
    const answer = await open(gateway, '/v1/messages', { ...MESSAGE, stream: true });
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    await until(() => Buffer.concat(chunks).length === cut);
    finish();
    await until(() => answer.complete);
    expect(Buffer.concat(chunks).equals(whole)).toBe(true);
    expect(answer.headers['content-type']).toBe('text/event-stream');
  });

  it('gives a refusal that is the request’s own whole, however long it is', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a' }, { id: 'b' }] });
    const refusal = { type: 'error', error: { type: 'invalid_request_error', message: `messages: ${'x'.repeat(300_000)}` } };
    gateway.upstream.answer = (_received, response) => json(response, 400, refusal);
    const reply = await post(gateway, '/v1/messages', MESSAGE);
    expect([reply.status, reply.json]).toEqual([400, refusal]);
    expect(gateway.upstream.received).toHaveLength(1);
    expect(gateway.ended()).toMatchObject([{ outcome: 'refused_by_upstream', status: 400, accountId: 'a' }]);
  });

  it('knows the paths of every protocol, and no others', async () => {
    const accounts = [{ id: 'anthropic' }, { id: 'plan', platform: 'openai' }, { id: 'key', platform: 'openai', type: 'api_key' }];
    const google = [
      { id: 'gemini', platform: 'gemini' },
      { id: 'antigravity', platform: 'antigravity', projectId: 'p-1' },
    ];
    const gateway = await startGateway({ accounts: [...accounts, ...google] });
    const paths: readonly (readonly [string, unknown])[] = [
      ['/v1/messages', MESSAGE],
      ['/v1/messages/count_tokens', MESSAGE],
      ['/v1/responses', { model: 'gpt-5', input: 'Hello' }],
      ['/v1/chat/completions', CHAT],
      ['/v1beta/models/gemini-2.5-pro:generateContent', { contents: [] }],
      ['/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', { contents: [] }],
      ['/v1internal:generateContent', { model: 'gemini-3', request: {} }],
      ['/v1internal:streamGenerateContent?alt=sse', { model: 'gemini-3', request: {} }],
    ];
    for (const [path, body] of paths) expect([path, (await post(gateway, path, body)).status]).toEqual([path, 200]);
    expect(gateway.upstream.received.map(({ url }) => url)).toEqual(paths.map(([path]) => path));
    expect(gateway.ended().map(({ protocol }) => protocol)).toEqual([
      'anthropic',
      'anthropic',
      'openai_responses',
      'openai_chat',
      'gemini',
      'gemini',
      'antigravity',
      'antigravity',
    ]);
    for (const path of [
      '/',
      '/v1/models',
      '/v1/messages/',
      '/v1beta/models/a/b:generateContent',
      '/v1internal:loadCodeAssist',
      '//v1/messages',
      '/admin/overview',
    ]) {
      expect([path, (await post(gateway, path, {})).text]).toEqual([path, 'not the proxy']);
    }
  });
});

describe('what is changed of a request', () => {
  it('names the model as the account’s upstream does, in the body or in the path', async () => {
    const settings = { modelMapping: { fast: 'claude-haiku-4-5', flash: 'gemini/2.5 flash' } };
    const gateway = await startGateway({
      accounts: [
        { id: 'a', settings },
        { id: 'g', platform: 'gemini', settings },
      ],
    });
    await post(gateway, '/v1/messages', { ...MESSAGE, model: 'fast' });
    await post(gateway, '/v1beta/models/flash:generateContent', { contents: [] });
    const [first, second] = gateway.upstream.received;
    expect(JSON.parse(first?.text ?? '')).toEqual({ ...MESSAGE, model: 'claude-haiku-4-5' });
    expect(second?.url).toBe('/v1beta/models/gemini%2F2.5%20flash:generateContent');
    expect(gateway.ended().map(({ model }) => model)).toEqual(['fast', 'flash']);
  });

  it('fills the account’s project into Antigravity’s envelope, and takes out a client’s wish to spend credits', async () => {
    const gateway = await startGateway({ accounts: [{ id: 'a', platform: 'antigravity', projectId: 'project-of-a' }] });
    await post(gateway, '/v1internal:generateContent', {
      model: 'm',
      project: 'another',
      enabledCreditTypes: ['GOOGLE_ONE_AI'],
      request: { contents: [] },
    });
    expect(JSON.parse(gateway.upstream.received[0]?.text ?? '')).toEqual({
      model: 'm',
      project: 'project-of-a',
      request: { contents: [] },
    });
  });

  it('takes a base with a path for OpenAI’s whole prefix, and gives a ChatGPT plan no chat completions', async () => {
    const gateway = await startGateway({ accounts: [] });
    const baseUrl = `${gateway.upstream.url}/backend-api/codex`;
    const plan = await startGateway({ accounts: [{ id: 'plan', platform: 'openai', baseUrl }] });
    expect((await post(plan, '/v1/responses', { model: 'gpt-5', input: 'Hello' })).status).toBe(200);
    expect(gateway.upstream.received.map(({ url }) => url)).toEqual(['/backend-api/codex/responses']);
    expect((await post(plan, '/v1/chat/completions', CHAT)).status).toBe(503);
    expect(gateway.upstream.received).toHaveLength(1);
  });
});
