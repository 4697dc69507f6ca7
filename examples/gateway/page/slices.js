/** Long work in short slices, so that the page answers while it is drawn. */

const SLICE_MS = 8;
/** How many items a frame may bring: what they change has to be laid out in it too. */
const SLICE_ITEMS = 400;

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
 * Calls `work` with a few items at a time, for 8 ms and 400 items a frame. Ends early when `isCurrent` says no: a newer run has taken over.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {{ work: (slice: readonly Item[]) => void, isCurrent: () => boolean, size?: number }} options `size`: how many items before the time is looked at
 * @returns {Promise<void>}
 */
export async function inSlices(items, { work, isCurrent, size = 20 }) {
  let start = performance.now();
  for (let index = 0; index < items.length; index += size) {
    if (index > 0 && (performance.now() - start > SLICE_MS || index % SLICE_ITEMS === 0)) {
      await nextFrame();
      if (!isCurrent()) return;
      start = performance.now();
    }
    work(items.slice(index, index + size));
  }
}
