/** Keeps the page at the gateway's side: a fresh overview, then its events, again and again. */

import { ApiError, call, openEvents } from './api.js';
import { readEvents } from './event-stream.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Three heartbeats: who is silent for longer is gone. */
const SILENCE_MS = 45_000;

/**
 * What the page does with what it hears.
 *
 * @typedef {object} Listener
 * @property {(overview: any, decisions: any[]) => void} onFresh everything anew
 * @property {(name: string, data: any) => void} onEvent
 * @property {(state: 'connecting' | 'live' | 'waiting', waitMs?: number) => void} onState
 * @property {() => void} onRefused the token is not valid
 */

/**
 * One connection until it ends; rejects when it breaks. The stream is opened first, so that nothing is missed between the overview and the first event.
 *
 * @param {Listener} listener
 * @param {AbortController} controller
 */
async function follow({ onFresh, onEvent, onState }, controller) {
  const { signal } = controller;
  /** @type {number | undefined} */
  let silence;
  const onBytes = () => {
    clearTimeout(silence);
    silence = setTimeout(() => controller.abort(), SILENCE_MS);
  };
  try {
    onBytes();
    const stream = await openEvents(signal);
    const [overview, decisions] = await Promise.all([call('/admin/overview', { signal }), call('/admin/decisions?limit=100', { signal })]);
    onFresh(overview, decisions);
    onState('live');
    for await (const { name, data } of readEvents(stream, onBytes)) onEvent(name, data);
  } finally {
    clearTimeout(silence);
    controller.abort();
  }
}

/** Waits; ends early when the network or the tab comes back. @param {number} waitMs @returns {Promise<void>} */
function pause(waitMs) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      document.removeEventListener('visibilitychange', onVisibility);
      resolve();
    };
    const onVisibility = () => {
      if (!document.hidden) end();
    };
    const timer = setTimeout(end, waitMs);
    window.addEventListener('online', end);
    document.addEventListener('visibilitychange', onVisibility);
  });
}

/**
 * Connects, and again with growing pauses after each loss, until the token is refused or the returned function is called.
 *
 * @param {Listener} listener
 * @returns {() => void}
 */
export function connect(listener) {
  let isOver = false;
  let controller = new AbortController();
  let waitMs = FIRST_WAIT_MS;
  const onState = (/** @type {'connecting' | 'live' | 'waiting'} */ state, /** @type {number | undefined} */ ms) => {
    if (state === 'live') waitMs = FIRST_WAIT_MS;
    if (!isOver) listener.onState(state, ms);
  };

  async function run() {
    while (!isOver) {
      onState('connecting', undefined);
      controller = new AbortController();
      const error = await follow({ ...listener, onState }, controller).catch((cause) => cause);
      if (isOver) return;
      if (error instanceof ApiError && error.status === 401) return listener.onRefused();
      onState('waiting', waitMs);
      await pause(waitMs * (0.75 + Math.random() / 2));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  void run();
  return () => {
    isOver = true;
    controller.abort();
  };
}
