import { parseArgs } from 'node:util';
import type { EpochMs } from 'poolwarden';
import { InputError } from './input-error.js';

/** What the command line asks for. */
export interface JudgeOptions {
  /** Paths, or `-` for standard input; empty: the captured answers of the project. */
  readonly files: readonly string[];
  readonly json: boolean;
  readonly explain: boolean;
  readonly help: boolean;
  /** Instead of what the input says or what is guessed from it; null: not given. */
  readonly platform: string | null;
  readonly type: string | null;
  readonly model: string | null;
  readonly at: EpochMs | null;
}

/** What `--help` prints. */
export const HELP = `Usage: npm run judge -- [options] [FILE ...]

Without FILE it judges the captured answers in examples/captures and shows what becomes of the accounts.
FILE is a raw HTTP response (status line, headers, blank line, body) or a capture (a JSON object, or an array of them:
status, headers, body and, if you like, id, platform, accountType, model, resetAt). "-" reads standard input.

  --platform NAME   anthropic, openai, gemini, antigravity or another; default: what the answer looks like
  --type NAME       oauth, setup_token, api_key or another; default: what the answer looks like
  --model NAME      the model that was asked for; default: one of the platform's models
  --at INSTANT      when the answer came: 2026-05-01T12:00:00Z, or milliseconds; default: the Date header, else now
  --explain         which rules were asked, and why each matched or did not
  --json            one JSON object a line: the answers, then the accounts
  --help            this text

Exit code 0; 1 if the input cannot be read as an answer; 2 if the command line is wrong. Nothing is written.`;

const OPTIONS = {
  json: { type: 'boolean' },
  explain: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  platform: { type: 'string' },
  type: { type: 'string' },
  model: { type: 'string' },
  at: { type: 'string' },
} as const;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const MILLISECONDS = /^\d{1,15}$/;

/** An RFC 3339 instant, or milliseconds as digits. */
function readAt(text: string | undefined): EpochMs | null {
  if (text === undefined) return null;
  if (MILLISECONDS.test(text)) return Number(text);
  const instant = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new InputError(`--at: "${text}" is not an instant; write 2026-05-01T12:00:00Z, or milliseconds since 1970.`, 2);
  }
  return instant;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError(`${message.split('. ')[0]?.replace(/\.$/, '')}. "npm run judge -- --help" lists the options.`, 2);
  }
}

function nameOf(option: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  if (value === '' || value.length > 256) throw new InputError(`--${option} needs a name of 1 to 256 characters.`, 2);
  return value;
}

/** Reads the command line. Throws `InputError`. */
export function readOptions(args: readonly string[]): JudgeOptions {
  const { values, positionals } = parse(args);
  const named = (['platform', 'type', 'model', 'at'] as const).find((name) => values[name] !== undefined);
  if (positionals.length === 0 && named !== undefined && values.help !== true) {
    throw new InputError(`--${named} speaks of a FILE (or "-"), and none is given.`, 2);
  }
  return {
    files: positionals,
    json: values.json ?? false,
    explain: values.explain ?? false,
    help: values.help ?? false,
    platform: nameOf('platform', values.platform),
    type: nameOf('type', values.type),
    model: nameOf('model', values.model),
    at: readAt(values.at),
  };
}
