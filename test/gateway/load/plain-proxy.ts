/** The plainest proxy of `node:http` and undici: what the gateway is measured against. Run as `tsx plain-proxy.ts <origin> <key>`; prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';

const [origin = '', key = ''] = process.argv.slice(2);

const server = createServer((incoming, response) => {
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  request(origin + incoming.url, { method: 'POST', headers, body: incoming })
    .then(async (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      await pipeline(answer.body, response);
    })
    .catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
