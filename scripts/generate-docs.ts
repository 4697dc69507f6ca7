/** Writes `docs/rules.md` and the table of verdicts in `README.md` from the code. `--check` compares instead and ends non-zero on a difference. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { RULE_STAGES } from '../src/rule-table.js';
import { constantsText } from './docs/constants.js';
import { RULE_COLUMNS, ruleCells } from './docs/describe-rule.js';
import { markdownTable } from './docs/markdown-table.js';
import { verdictTable } from './docs/verdict-table.js';
import { inRoot } from './lib/project.js';

const RULES_PATH = 'docs/rules.md';
const README_PATH = 'README.md';
const BEGIN = '<!-- verdicts: written by npm run docs:generate -->';
const END = '<!-- end of verdicts -->';

/** The text of `docs/rules.md`. */
export function createRulesDocument(): string {
  let count = 0;
  const stages = RULE_STAGES.map(({ title, rules }) => {
    const rows = rules.map((rule, at) => ruleCells(rule, count + at));
    count += rules.length;
    return `## ${title}\n\n${markdownTable(RULE_COLUMNS, rows)}\n`;
  });
  return `# Rules

Generated from the rule table by \`npm run docs:generate\`; do not edit. The ${count} rules are asked in this order and the first match decides;
its id is the reason in every decision, action and stored hold. [policy.md](policy.md) shows how to change one.

- A rule whose hold takes its end from the answer does not match where the answer states none.
- "says" searches the words of the message before its first quotation, so text that a caller controls decides nothing.
- "Its own test" is a function of the rule; its note says what it asks.
- Where a condition has several values, one of them is enough. Texts are compared without regard to case.

${stages.join('\n')}
${constantsText()}`;
}

/** The README with its table of verdicts as the code has it. */
export function updateReadme(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${README_PATH} lacks the marks around the table of verdicts`);
  return `${readme.slice(0, begin)}${BEGIN}\n\n${verdictTable()}\n\n${readme.slice(end)}`;
}

function committed(path: string): string {
  try {
    return readFileSync(inRoot(path), 'utf8');
  } catch {
    return '';
  }
}

function main(): void {
  const readme = committed(README_PATH);
  const documents: readonly (readonly [path: string, text: string, before: string])[] = [
    [RULES_PATH, createRulesDocument(), committed(RULES_PATH)],
    [README_PATH, updateReadme(readme), readme],
  ];
  mkdirSync(inRoot('docs'), { recursive: true });
  for (const [path, text, before] of documents) {
    if (text === before) continue;
    if (process.argv.includes('--check')) {
      console.error(`${path} is out of date.`);
      process.exitCode = 1;
    } else writeFileSync(inRoot(path), text);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
