/** Tells a listener what other processes wrote. */
import type { HealthChange } from '../../shell/ports.js';
import type { PostgresListener } from './listener.js';
import { pause } from './pause.js';
import { type Due, type NewsStore, readNews } from './read-news.js';

/** Where news come from. */
export interface NewsSource extends NewsStore {
  readonly listener: PostgresListener;
}

type Tell = (change: HealthChange) => void;

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;
const NOTHING: Due = { everything: false, health: new Set(), credential: new Set() };

/** `health:<account id>` or `credential:<account id>`. Anything else was not sent by us. */
function dueOf(payload: string): Due {
  const border = payload.indexOf(':');
  const accountId = payload.slice(border + 1);
  switch (payload.slice(0, border)) {
    case 'health':
      return { ...NOTHING, health: new Set([accountId]) };
    case 'credential':
      return { ...NOTHING, credential: new Set([accountId]) };
    default:
      return NOTHING;
  }
}

function together(a: Due, b: Due): Due {
  return {
    everything: a.everything || b.everything,
    health: new Set([...a.health, ...b.health]),
    credential: new Set([...a.credential, ...b.credential]),
  };
}

function isNothing({ everything, health, credential }: Due): boolean {
  return !everything && health.size === 0 && credential.size === 0;
}

interface Pump {
  readonly add: (due: Due) => void;
  readonly stop: () => void;
}

/** Reads what is due and tells it: one read at a time, so that whatever is named meanwhile is read together. Where the store does not answer, it is asked again. */
function createPump(store: NewsStore, tell: Tell): Pump {
  const stopping = new AbortController();
  let due = NOTHING;
  let isRunning = false;

  async function tellDue(taken: Due): Promise<void> {
    for await (const changes of readNews(store, taken)) {
      for (const change of changes) if (!stopping.signal.aborted) tell(change);
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (!isNothing(due) && !stopping.signal.aborted) {
      const taken = due;
      due = NOTHING;
      try {
        await tellDue(taken);
        pauseMs = FIRST_PAUSE_MS;
      } catch {
        due = together(taken, due);
        await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
    isRunning = false;
  }

  return {
    add(more) {
      due = together(due, more);
      if (!isRunning) run();
    },
    stop: () => stopping.abort(),
  };
}

/** A listener's failure is no business of the store. */
function guarded(listener: Tell): Tell {
  return (change) => {
    try {
      listener(change);
    } catch {
      // Its host has seen to it, or nobody does.
    }
  };
}

async function channelIn({ client, at }: NewsStore): Promise<string> {
  const { rows } = await client.query(`select ${at}poolwarden_channel() as channel`, []);
  return String(rows[0]?.channel);
}

/** The `subscribe` of a repository. Rejects where it cannot listen at first; later losses are made up for, and are nobody's concern. */
export function subscribeToNews(source: NewsSource): (listener: Tell) => Promise<() => Promise<void>> {
  return async (listener) => {
    const pump = createPump(source, guarded(listener));
    const stop = await source.listener.listen(await channelIn(source), {
      onPayload: (payload) => pump.add(dueOf(payload)),
      onReturn: () => pump.add({ ...NOTHING, everything: true }),
    });
    let stopped: Promise<void> | null = null;
    return () => {
      pump.stop();
      stopped ??= stop();
      return stopped;
    };
  };
}
