/** `npm run judge`: judges captured answers, or the reader's own, and shows what each decides and what becomes of the accounts. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Answer } from './judge/answer.js';
import { readAnswers, readCaptures } from './judge/captures.js';
import { InputError } from './judge/input-error.js';
import { judge, type Outcome } from './judge/judge-answers.js';
import { HELP, type JudgeOptions, readOptions } from './judge/options.js';
import { createPaint, wantsColour } from './judge/paint.js';
import { placeAnswers } from './judge/place-answers.js';
import { accountLines } from './judge/print-accounts.js';
import { answerLines } from './judge/print-answers.js';
import { jsonLines } from './judge/print-json.js';

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new InputError(`${path}: ${WHY_UNREADABLE[code] ?? `it cannot be read (${code})`}.`, 1);
  }
}

async function readInputs(files: readonly string[]): Promise<readonly Answer[]> {
  if (files.length === 0) return readCaptures();
  const answers: Answer[] = [];
  for (const path of files) {
    const name = path === '-' ? 'standard input' : path;
    answers.push(...readAnswers(path === '-' ? await text(process.stdin) : readFile(path), name));
  }
  return answers;
}

function textLines({ judged, accounts, at }: Outcome, options: JudgeOptions): readonly string[] {
  const paint = createPaint(wantsColour(process.stdout, process.env));
  const ids = accounts.map(({ accountId }) => accountId);
  return [...answerLines(judged, ids, { paint, explain: options.explain }), '', ...accountLines(accounts, at, paint)];
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return;
  }
  const answers = await readInputs(options.files);
  const outcome = await judge(placeAnswers(answers, options, Math.floor(Date.now() / 1_000) * 1_000));
  const lines = options.json ? jsonLines(outcome, options.explain) : textLines(outcome, options);
  process.stdout.write(`${lines.join('\n')}\n`);
}

// A reader who has seen enough (`npm run judge | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await main();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
