/** A handful of simulated clients, at a gentle pace, so that there is something to see. */
import { setTimeout as pause } from 'node:timers/promises';
import { SAMPLE_REQUESTS, type SampleRequest } from './requests.js';

/** How the clients behave. */
export interface TrafficOptions {
  /** Of the gateway. */
  readonly url: string;
  readonly clientKey: string | null;
  /** Default 4. */
  readonly clients?: number;
  /** Between two requests of a client, about. Default 1500. */
  readonly paceMs?: number;
}

/** Clients at work. */
export interface Traffic {
  /** Answers that came whole, and requests that did not end so. */
  readonly counts: () => { readonly answered: number; readonly failed: number };
  /** Breaks off what is under way. */
  stop(): Promise<void>;
}

interface Client {
  readonly options: TrafficOptions;
  readonly signal: AbortSignal;
  readonly number: number;
}

/** Whether the answer came whole. Never rejects. */
async function ask({ options: { url, clientKey }, signal, number }: Client, { path, body }: SampleRequest): Promise<boolean> {
  const authorization = clientKey === null ? {} : { authorization: `Bearer ${clientKey}` };
  const headers = { 'content-type': 'application/json', 'x-session-id': `client-${number}`, ...authorization };
  try {
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** One client: its own place in the list, its own rhythm, no two at the same time. */
async function work(client: Client, note: (answered: boolean) => void): Promise<void> {
  const { options, signal, number } = client;
  const paceMs = options.paceMs ?? 1_500;
  for (let turn = number; !signal.aborted; turn += 1) {
    const request = SAMPLE_REQUESTS[turn % SAMPLE_REQUESTS.length];
    if (request !== undefined) note(await ask(client, request));
    await pause(paceMs * (0.75 + ((turn * 7 + number) % 10) / 20), undefined, { signal }).catch(() => undefined);
  }
}

/** Starts the clients. */
export function startTraffic(options: TrafficOptions): Traffic {
  const stopping = new AbortController();
  const counts = { answered: 0, failed: 0 };
  const note = (answered: boolean): void => {
    if (answered) counts.answered += 1;
    else if (!stopping.signal.aborted) counts.failed += 1;
  };
  const clients = Array.from({ length: options.clients ?? 4 }, (_, number) => work({ options, signal: stopping.signal, number }, note));
  return {
    counts: () => ({ ...counts }),
    async stop() {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}
