/** Long work in short slices, so that the page answers while it is drawn. */

const SLICE_MS = 8;

/** The next task, behind input and drawing. A message is not delayed as a timer is. @returns {Promise<void>} */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Calls `work` for each item, for 8 ms a task. Ends early when `isCurrent` says no: a newer run has taken over.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {{ work: (slice: readonly Item[]) => void, isCurrent: () => boolean, size?: number }} options `size`: how many items before the time is looked at
 * @returns {Promise<void>}
 */
export async function inSlices(items, { work, isCurrent, size = 20 }) {
  let start = performance.now();
  for (let index = 0; index < items.length; index += size) {
    if (performance.now() - start > SLICE_MS) {
      await nextTask();
      if (!isCurrent()) return;
      start = performance.now();
    }
    work(items.slice(index, index + size));
  }
}
