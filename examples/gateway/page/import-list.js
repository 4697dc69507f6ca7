/** A list of accounts as a person hands it in, and what the gateway says of its entries. */

/** The gateway reads no more: `LARGEST_BODY_BYTES` of admin/http.ts. */
const LARGEST_BYTES = 8 * 1024 * 1024;
const LONGEST_NAME = 128;
/** Where the parser stopped. Nothing else of its message is shown: that repeats a piece of the text, which may be a secret. */
const PLACE = /line (\d+) column (\d+)(?:\)| of the JSON data)$/;

/** @typedef {{ index: number | null, id: string, problems: readonly { path: string, message: string }[] }} EntryProblems `index` counts from 0; null: of the list as a whole */

/** @param {unknown} error @returns {string} */
function placeWords(error) {
  const [, line, column] = PLACE.exec(error instanceof Error ? error.message : '') ?? [];
  return line === undefined ? '' : `: see line ${line}, column ${column}`;
}

/** What is wrong with a file of this size; empty: nothing. @param {number} bytes @returns {string} */
export function sizeProblem(bytes) {
  return bytes > LARGEST_BYTES ? 'A list can have 8 MB at most. Import it in parts.' : '';
}

/**
 * Reads the text of a list; what is wrong with it is said without any of it.
 *
 * @param {string} text
 * @returns {{ list: readonly unknown[] } | { problem: string }}
 */
export function readList(text) {
  if (text.trim() === '') return { problem: 'Choose a file, or paste a list.' };
  try {
    const list = JSON.parse(text);
    return Array.isArray(list) ? { list } : { problem: 'This is no list: it has to begin with [ and end with ].' };
  } catch (error) {
    return { problem: `This is no JSON${placeWords(error)}.` };
  }
}

/** @param {unknown} entry @returns {string} */
function idOf(entry) {
  const id = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'id') : undefined;
  return typeof id === 'string' ? id.slice(0, LONGEST_NAME) : '';
}

/**
 * Issues by the entry that they are about, in the order of the list. Their paths begin with its number: `3.credentials.api_key`.
 *
 * @param {readonly import('./field-issues.js').Issue[]} issues
 * @param {readonly unknown[]} list what was sent
 * @returns {readonly EntryProblems[]}
 */
export function problemsByEntry(issues, list) {
  /** @type {Map<number | null, { path: string, message: string }[]>} */
  const groups = new Map();
  for (const { path, message } of issues) {
    const [, number, rest = ''] = /^(\d+)(?:\.(.*))?$/.exec(path) ?? [];
    const index = number === undefined ? null : Number(number);
    const group = groups.get(index) ?? [];
    group.push({ path: index === null ? path : rest, message });
    groups.set(index, group);
  }
  return [...groups]
    .map(([index, problems]) => ({ index, id: index === null ? '' : idOf(list[index]), problems }))
    .sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
}
