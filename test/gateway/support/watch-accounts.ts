/** Watches the event streams of gateways from a process of its own, so that no load on the test's process delays what it sees: a line for each account that changed, with the instant. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

const { TOKEN = '', URLS = '' } = process.env;

async function watch(url: string, process: number): Promise<void> {
  const response = await fetch(`${url}/admin/events`, { headers: { authorization: `Bearer ${TOKEN}` } });
  if (!response.ok || response.body === null) throw new Error(`${url}: ${response.status}`);
  console.log(JSON.stringify({ process, isOpen: true }));
  let event = '';
  for await (const line of createInterface({ input: Readable.from(response.body) })) {
    if (line.startsWith('event: ')) event = line.slice(7);
    if (event !== 'accounts' || !line.startsWith('data: ')) continue;
    const at = Date.now();
    for (const { id, view } of JSON.parse(line.slice(6))) console.log(JSON.stringify({ process, id, status: view.status, at }));
  }
}

await Promise.all(URLS.split(' ').map(watch));
