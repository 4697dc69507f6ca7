import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoopback, type Loopback } from '../accounts/loopback.js';
import { createTestStores, type TestStores } from '../stores/test-stores.js';
import { type RunningAdmin, startAdmin } from './running-admin.js';

let test: TestStores;
let upstream: Loopback;
let all: readonly RunningAdmin[];
let token: string;
const around = mkdtempSync(join(tmpdir(), 'gateway-page-'));
const folder = join(around, 'page');

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>pool</title>');
  mkdirSync(join(folder, 'parts'));
  writeFileSync(join(folder, 'parts', 'chart.js'), 'export const a = 1;');
  writeFileSync(join(folder, 'notes.txt'), 'not of the page');
  writeFileSync(join(around, 'outside.js'), 'outside');
  test = await createTestStores();
  upstream = await createLoopback();
  all = await Promise.all([1, 2, 3].map(() => startAdmin(test, upstream, { pageFolder: folder })));
  token = all.flatMap(({ announced }) => announced).join();
});
afterAll(async () => {
  await Promise.all(all.map((one) => one.close()));
  await upstream.close();
  await test.close();
  rmSync(around, { recursive: true });
});

function first(): RunningAdmin {
  const [one] = all;
  if (one === undefined) throw new Error('nothing runs');
  return one;
}

describe('the admin token', () => {
  it('is announced by one of the processes that start at once, and serves in all of them', async () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const one of all) expect((await one.call('/admin/overview', { token })).status).toBe(200);
  });

  it('is not announced again, and is stored nowhere', async () => {
    const later = await startAdmin(test, upstream, { pageFolder: folder });
    expect(later.announced).toEqual([]);
    await later.close();
    const { rows } = await test.postgres.pool.query(
      'select row_to_json(f)::text as row from gateway_facts f union all select row_to_json(s)::text from poolwarden_settings s',
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).toMatch(/admin_token_sha256.{1,30}[0-9a-f]{64}/);
  });

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['another one', 'x'.repeat(43)],
    ['a long one', 'x'.repeat(4_000)],
  ])('is asked for on every path: %s is refused', async (_what, wrong) => {
    const paths = [
      'GET /admin',
      'GET /admin/',
      'GET /admin/overview',
      'GET /admin/events',
      'GET /admin/nothing',
      'PUT /admin/settings',
      'POST /admin/accounts',
      'DELETE /admin/accounts/a',
      'GET /admin/%zz',
    ];
    for (const path of paths) {
      const [method = '', url = ''] = path.split(' ');
      const { status, headers, json } = await first().call(url, { method, token: wrong });
      expect([path, status, json.error.code]).toEqual([path, 401, 'unauthorized']);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="gateway"');
    }
  });

  it('is compared whole: one that begins or ends like it is refused', async () => {
    for (const near of [
      token.slice(0, -1),
      `${token}x`,
      `x${token}`,
      token.toUpperCase(),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    ]) {
      expect((await first().call('/admin/overview', { token: near })).status).toBe(401);
    }
  });

  it('may be configured: then nothing is announced or stored, and what the store holds stays as it is', async () => {
    const configured = 'configured-admin-token-of-one-process';
    const facts = async () => (await test.postgres.pool.query('select * from gateway_facts order by name')).rows;
    const before = await facts();
    const one = await startAdmin(test, upstream, { pageFolder: folder, adminToken: configured });
    expect(one.announced).toEqual([]);
    expect((await one.call('/admin/overview', { token: configured })).status).toBe(200);
    expect((await one.call('/admin/overview', { token })).status).toBe(401);
    expect((await first().call('/admin/overview', { token: configured })).status).toBe(401);
    expect(await facts()).toEqual(before);
    await one.close();
    const without = await startAdmin(test, upstream, { pageFolder: folder });
    expect((await without.call('/admin/overview', { token })).status).toBe(200);
    await without.close();
  });

  it('may come in one way only', async () => {
    for (const path of [`/admin/overview?token=${token}`, `/admin/overview?authorization=Bearer%20${token}`])
      expect((await first().call(path, { token: null })).status).toBe(401);
    const headers = [{ cookie: `token=${token}` }, { 'x-api-key': token }, { authorization: `Basic ${token}` }, { authorization: token }];
    for (const one of headers)
      expect((await fetch(`${first().origin}/admin/overview`, { headers: one as unknown as Record<string, string> })).status).toBe(401);
    expect((await fetch(`${first().origin}/admin/overview`, { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
  });
});

describe('requests', () => {
  it('to no path, or with no method of it, are told so', async () => {
    expect((await first().call('/admin/nothing', { token })).status).toBe(404);
    expect((await first().call('/admin/accounts/a/b/c', { token })).status).toBe(404);
    const { status, headers } = await first().call('/admin/settings', { method: 'DELETE', token });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, PUT']);
    expect((await first().call('/admin/accounts/%zz/enable', { method: 'POST', token })).status).toBe(400);
  });

  it('with a body that is no JSON, or too large, are refused, and nothing of it is repeated', async () => {
    const broken = await first().call('/admin/accounts', { method: 'POST', body: '[{"api_key":"planted', token });
    expect([broken.status, broken.json.error.code]).toEqual([400, 'invalid_json']);
    expect(broken.text).not.toContain('planted');
    const large = await first()
      .call('/admin/accounts', { method: 'POST', body: `"${'x'.repeat(9 * 1024 * 1024)}"`, token })
      .catch(() => null);
    // The connection may be gone before the client has sent everything.
    if (large !== null) expect(large.status).toBe(413);
    expect((await first().call('/admin/settings', { token })).status).toBe(200);
  });

  it('that fail in a store tell nobody why', async () => {
    const one = first();
    const failing = { ...one.live, save: () => Promise.reject(new Error('connection to 10.0.0.7 lost')) };
    Object.assign(one.live, failing);
    const settings = (await one.call('/admin/settings', { token })).json;
    const { status, text: said } = await one.call('/admin/settings', { method: 'PUT', body: settings, token });
    expect(status).toBe(503);
    expect(said).not.toContain('10.0.0.7');
  });
});

/** A path as it is written, without the tidying that `fetch` does. */
async function raw(path: string): Promise<readonly [status: number | undefined, body: string]> {
  const url = new URL(first().origin);
  return new Promise((resolve, reject) => {
    httpRequest({ host: url.hostname, port: url.port, path }, (response) => {
      text(response).then((body) => resolve([response.statusCode, body]), reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('the page', () => {
  it('is served with headers that let nothing else run, frame it, or learn of it', async () => {
    for (const [path, type] of [
      ['/', 'text/html; charset=utf-8'],
      ['/page/parts/chart.js', 'text/javascript; charset=utf-8'],
    ] as const) {
      const { status, headers } = await first().call(path, { token: null });
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, type]);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    const { headers } = await first().call('/admin/overview', { token });
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is not sent again where the reader has it', async () => {
    const { headers } = await first().call('/', { token: null });
    const again = await fetch(`${first().origin}/`, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it.each([
    '/page/../outside.js',
    '/page/%2e%2e/outside.js',
    '/page/..%2foutside.js',
    '/page//etc/passwd',
    '/page/notes.txt',
    '/page/',
    '/page/parts',
    '//',
    '/page/parts/../../../outside.js',
  ])('has nothing at %s', async (path) => {
    expect((await raw(path))[0]).toBe(404);
  });

  it('leaves paths of others alone', async () => {
    expect((await raw('/administrator'))[0]).toBe(404);
    expect((await first().call('/', { method: 'POST', token: null })).status).toBe(404);
  });
});
