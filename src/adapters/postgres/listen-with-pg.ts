/** Listens with a `Client` of `pg`, which does not connect again by itself. */
import type { PostgresListener } from './listener.js';
import { pause } from './pause.js';

/** The part of a connected `Client` of `pg` that is used. */
export interface PgNotifications {
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
  end(): Promise<void>;
}

/** When a connection is taken for lost, and tried again. */
export interface PgListenerOptions {
  /** How often the connection is asked for a sign of life, and how long it has to give one. Default 30,000. */
  readonly heartbeatMs?: number;
  /** The longest pause between two attempts to connect. Default 5,000; the first is 50. */
  readonly maxPauseMs?: number;
}

const FIRST_PAUSE_MS = 50;
const HEARTBEAT_MS = 30_000;
const MAX_PAUSE_MS = 5_000;

interface Session {
  /** Resolves when the connection is lost or closed. */
  readonly lost: Promise<void>;
  readonly close: () => Promise<void>;
}

/** A connection that broke without a word looks like one on which nothing happens, so it is asked. */
function watch(client: PgNotifications, heartbeatMs: number): Promise<void> {
  return new Promise((resolve) => {
    let isWaiting = false;
    const lose = (): void => {
      clearInterval(timer);
      resolve();
    };
    const beat = (): void => {
      if (isWaiting) lose();
      isWaiting = true;
      client.query('select 1').then(() => {
        isWaiting = false;
      }, lose);
    };
    const timer = setInterval(beat, heartbeatMs);
    client.on('error', lose);
    client.on('end', lose);
  });
}

/** Opens the connection and listens on it. */
type Open = () => Promise<Session>;

function opener(
  connect: () => Promise<PgNotifications>,
  heartbeatMs: number,
): (channel: string, onPayload: (payload: string) => void) => Open {
  return (channel, onPayload) => async () => {
    const client = await connect();
    const lost = watch(client, heartbeatMs);
    // What cannot be closed any more is closed.
    const close = (): Promise<void> => client.end().catch(() => undefined);
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
    try {
      await client.query(`listen ${channel}`);
    } catch (error) {
      await close();
      throw error;
    }
    return { lost, close };
  };
}

/** Tries until it is open or not wanted any more (null). */
async function reopen(open: Open, maxPauseMs: number, signal: AbortSignal): Promise<Session | null> {
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    await pause(pauseMs, signal);
    const session = await open().catch(() => null);
    if (session !== null && signal.aborted) await session.close();
    else if (session !== null) return session;
  }
  return null;
}

/**
 * Listens on connections that `connect` opens: a new one each time the last was lost, or gave no sign of life. It must be one that nothing else uses, and not of a pool.
 *
 * @example listenWithPg(async () => { const client = new pg.Client(url); await client.connect(); return client; })
 */
export function listenWithPg(connect: () => Promise<PgNotifications>, options: PgListenerOptions = {}): PostgresListener {
  const { heartbeatMs = HEARTBEAT_MS, maxPauseMs = MAX_PAUSE_MS } = options;
  const openOn = opener(connect, heartbeatMs);
  return {
    async listen(channel, { onPayload, onReturn }) {
      const stopping = new AbortController();
      const open = openOn(channel, onPayload);
      let session: Session | null = await open();
      async function stayConnected(): Promise<void> {
        while (session !== null) {
          await session.lost;
          if (stopping.signal.aborted) return;
          // Not waited for: on a broken connection it may take minutes.
          session.close();
          session = await reopen(open, maxPauseMs, stopping.signal);
          if (session !== null) onReturn();
        }
      }
      const staying = stayConnected();
      return async () => {
        stopping.abort();
        await session?.close();
        await staying;
      };
    },
  };
}
