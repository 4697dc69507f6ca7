/** Files that are dropped on something. */

/**
 * Marks the target while a file is held over it (`data-dropping`), and hands over what is dropped. Text is left to the field it is dropped on.
 *
 * @param {HTMLElement} target
 * @param {(files: readonly File[]) => void} onFiles
 */
export function acceptDrops(target, onFiles) {
  /** @param {boolean} isOver */
  const mark = (isOver) => target.toggleAttribute('data-dropping', isOver);
  target.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    mark(true);
  });
  target.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!target.contains(/** @type {Node | null} */ (relatedTarget))) mark(false);
  });
  target.addEventListener('drop', (event) => {
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  });
}
