/** Long work in short slices, so that the page answers while it is drawn. */

const SLICE_MS = 8;
/** How many items the first frame may bring: what they change is mostly on the screen, and has to be laid out in it too. */
const FIRST_ITEMS = 40;
/** Each frame may bring twice as many as the one before, up to this: most of what they change is off the screen. */
const MOST_ITEMS = 320;

/** Behind the next frame; a hidden tab draws none. @returns {Promise<void>} */
function nextFrame() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    const go = () => port2.postMessage(null);
    if (document.hidden) go();
    else requestAnimationFrame(go);
  });
}

/**
 * Calls `work` with a few items at a time, for 8 ms a frame, and at most so many that the frame can be laid out in time. Ends early when `isCurrent` says no, because a newer run has taken over.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {{ work: (slice: readonly Item[]) => void, isCurrent?: () => boolean, size?: number }} options `size`: how many items before the time is looked at
 * @returns {Promise<void>}
 */
export async function inSlices(items, { work, isCurrent = () => true, size = 20 }) {
  let start = performance.now();
  let most = FIRST_ITEMS;
  let end = most;
  for (let index = 0; index < items.length; index += size) {
    if (index > 0 && (performance.now() - start > SLICE_MS || index >= end)) {
      await nextFrame();
      if (!isCurrent()) return;
      start = performance.now();
      most = Math.min(most * 2, MOST_ITEMS);
      end = index + most;
    }
    work(items.slice(index, index + size));
  }
}

/**
 * A queue that is worked on in slices as soon as something is in it. What comes again before its turn comes once.
 *
 * @template Item
 * @param {{ work: (slice: readonly Item[]) => void, onEmpty: () => void }} options `onEmpty`: told when everything is done
 * @returns {(items: readonly Item[]) => void} adds to it
 */
export function createSliceQueue({ work, onEmpty }) {
  /** @type {Set<Item>} */
  const waiting = new Set();
  let isWorking = false;

  async function workAll() {
    isWorking = true;
    try {
      while (waiting.size > 0) {
        const items = [...waiting];
        waiting.clear();
        await inSlices(items, { work });
      }
    } finally {
      isWorking = false;
    }
    onEmpty();
  }
  return (items) => {
    for (const item of items) waiting.add(item);
    if (!isWorking) void workAll();
  };
}
