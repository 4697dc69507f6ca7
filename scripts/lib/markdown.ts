/** A fenced block of a Markdown text. */
export interface Fence {
  readonly language: string;
  readonly code: string;
  /** Line, from 1, of the first line of code. */
  readonly line: number;
  /** Words of the HTML comment right above: `<!-- run -->`, `<!-- continued -->`, or both with a comma. */
  readonly marks: ReadonlySet<string>;
}

const OPENING = /^```([a-z]{0,20})$/;
const MARK = /^<!-- ([a-z, ]{1,40}) -->$/;

/** Every fenced block, in order. A fence that is never closed runs to the end. */
export function fencesOf(markdown: string): readonly Fence[] {
  const lines = markdown.split('\n');
  const fences: Fence[] = [];
  let index = 0;
  while (index < lines.length) {
    const language = OPENING.exec(lines[index] ?? '')?.[1];
    if (language === undefined) {
      index += 1;
      continue;
    }
    const closing = lines.indexOf('```', index + 1);
    const end = closing < 0 ? lines.length : closing;
    fences.push({ language, code: lines.slice(index + 1, end).join('\n'), line: index + 2, marks: marksAbove(lines, index) });
    index = end + 1;
  }
  return fences;
}

function marksAbove(lines: readonly string[], index: number): ReadonlySet<string> {
  const above = lines[index - 1] === '' ? lines[index - 2] : lines[index - 1];
  const words = MARK.exec(above ?? '')?.[1];
  return new Set(words?.split(',').map((word) => word.trim()) ?? []);
}

/** A `ts` block as a module of its own, with what it continues in front of it. */
export interface Snippet {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  /** What running it must print; null: it is only compiled. */
  readonly output: string | null;
}

/** The `ts` blocks of a document. A block marked `run` must be followed by a `text` block with its output. */
export function snippetsOf(file: string, markdown: string): readonly Snippet[] {
  const fences = fencesOf(markdown);
  let previous = '';
  return fences.flatMap((fence, index) => {
    if (fence.language !== 'ts') return [];
    const code = fence.marks.has('continued') ? `${previous}\n${fence.code}` : fence.code;
    previous = code;
    const next = fences[index + 1];
    const expected = next?.language === 'text' ? next.code : '(a text block with the output is missing)';
    return [{ file, line: fence.line, code, output: fence.marks.has('run') ? expected : null }];
  });
}

/** Relative link targets of a document, without fragments. */
export function relativeLinksOf(markdown: string): readonly string[] {
  const prose = fencesOf(markdown).reduce((text, { code }) => text.replace(code, ''), markdown);
  return [...prose.matchAll(/\]\(([^()\s#]{1,200})/g)].map((match) => match[1] ?? '').filter((target) => !/^[a-z]{1,10}:/.test(target));
}
