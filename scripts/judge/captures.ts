import { readFileSync } from 'node:fs';
import { filesUnder, inRoot } from '../lib/project.js';
import type { Answer } from './answer.js';
import { InputError } from './input-error.js';
import { readRawResponse } from './raw-response.js';

const CAPTURES = 'examples/captures';

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isHeaderValue(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

function headersOf(value: unknown, where: string): Readonly<Record<string, string | readonly string[]>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new InputError(`${where}: "headers" must be an object of texts.`, 1);
  const headers = new Map<string, string | readonly string[]>();
  for (const [name, given] of Object.entries(value)) {
    const header = typeof given === 'number' ? String(given) : given;
    if (!isHeaderValue(header)) throw new InputError(`${where}: the header "${name.slice(0, 60)}" must be a text.`, 1);
    headers.set(name, header);
  }
  return Object.fromEntries(headers);
}

function bodyOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One capture. Throws `InputError`. */
function readCapture(value: unknown, where: string): Answer {
  if (!isObject(value)) throw new InputError(`${where}: a capture must be an object with status, headers and body.`, 1);
  const { status } = value;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 999) {
    throw new InputError(`${where}: a capture needs "status", a number such as 429. A raw response begins with "HTTP/1.1 429".`, 1);
  }
  return {
    id: textOf(value.id) ?? where,
    platform: textOf(value.platform),
    accountType: textOf(value.accountType),
    model: textOf(value.model),
    status,
    headers: headersOf(value.headers, where),
    body: bodyOf(value.body),
    resetAt: textOf(value.resetAt),
  };
}

function readJson(text: string, name: string): readonly Answer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: not valid JSON (${error instanceof Error ? error.message : String(error)}).`, 1);
  }
  if (!Array.isArray(value)) return [readCapture(value, name)];
  if (value.length === 0) throw new InputError(`${name}: there is no capture in it.`, 1);
  return value.map((item, at) => readCapture(item, `${name}[${at}]`));
}

/** The answers of one input: a raw response, a capture or an array of captures. Throws `InputError`. */
export function readAnswers(input: string, name: string): readonly Answer[] {
  const text = input.replace(/^\uFEFF/, '').trimStart();
  if (text === '') throw new InputError(`${name}: it is empty.`, 1);
  if (text.startsWith('HTTP/')) return [readRawResponse(text, name)];
  if (text.startsWith('{') || text.startsWith('[')) return readJson(text, name);
  throw new InputError(`${name}: neither a raw HTTP response (first line "HTTP/1.1 429 Too Many Requests") nor a capture in JSON.`, 1);
}

/** The project's captured answers, of all platforms. */
export function readCaptures(): readonly Answer[] {
  return filesUnder(CAPTURES, '.json').flatMap((path) => readAnswers(readFileSync(inRoot(path), 'utf8'), path));
}
