/** Health as fields of a hash, of each of which the greater text is kept. */
import { CELL_HAS_KEYS, isCellName } from '../../core/cell-names.js';
import { cleanPatch } from '../../core/clean-patch.js';
import { decodeCell } from '../../core/decode-cell.js';
import { encodeCell } from '../../core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH, type StrikeSet } from '../../core/health.js';
import { mergeHealth, patchOf } from '../../core/merge-health.js';
import type { CellWrite } from '../../core/patch.js';
import { readCell } from '../../core/read-cell.js';

/** The name of a field and its text. */
export type Field = readonly [name: string, text: string];

/** Health as it is stored, and the fields that it was read from. */
export interface StoredHealth {
  readonly health: AccountHealth;
  /** Fields that this version understands. */
  readonly fields: readonly Field[];
}

const EVIDENCE = /^(\d{10}) (\d{13})$/;
const GENERATION = /^\d{10}$/;

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** A piece of evidence is a field of its own: the greater of two texts has the higher generation, then the later instant, so that keeping the greater is the union of sets. */
function strikeFields(kind: string, { generation, evidence }: StrikeSet): readonly Field[] {
  if (evidence.size === 0) return [[`strikes ${kind}`, digits(generation, 10)]];
  return [...evidence].map(([id, at]) => [`strikes ${kind} ${id}`, `${digits(generation, 10)} ${digits(at, 13)}`]);
}

function strikesOf(key: string, text: string): CellWrite | null {
  const [kind = '', id] = key.split(' ');
  if (id === undefined) return GENERATION.test(text) ? readCell('strikes', kind, { generation: Number(text) }) : null;
  const found = EVIDENCE.exec(text);
  return found === null ? null : readCell('strikes', kind, { generation: Number(found[1]), evidence: [[id, Number(found[2])]] });
}

function fieldsOfWrite(write: CellWrite): readonly Field[] {
  if (write.cell === 'strikes') return strikeFields(write.key, write.value);
  return [['key' in write ? `${write.cell} ${write.key}` : write.cell, encodeCell(write)]];
}

/** The fields of some writes. What has not the form of its cell is left out, and numbers are brought within their bounds: what is stored is what is ordered. */
export function fieldsOf(writes: readonly CellWrite[]): readonly Field[] {
  return cleanPatch(writes).flatMap(fieldsOfWrite);
}

function writeOf(cell: CellWrite['cell'], key: string | null, text: string): CellWrite | null {
  if (CELL_HAS_KEYS[cell] !== (key !== null)) return null;
  return cell === 'strikes' ? strikesOf(key ?? '', text) : decodeCell(cell, key ?? '', text);
}

/**
 * Health from the reply of HGETALL, names and texts in turn. Fields of unknown cells are kept in `unknown` under the name of their field; a text that is none of its cell counts as absent and stays where it is.
 */
export function readFields(reply: readonly string[]): StoredHealth {
  const writes: CellWrite[] = [];
  const fields: Field[] = [];
  const unknown = new Map<string, unknown>();
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const name = reply[at] ?? '';
    const text = reply[at + 1] ?? '';
    const blank = name.indexOf(' ');
    const cell = blank === -1 ? name : name.slice(0, blank);
    if (!isCellName(cell)) {
      unknown.set(name, text);
      continue;
    }
    const write = writeOf(cell, blank === -1 ? null : name.slice(blank + 1), text);
    if (write === null) continue;
    writes.push(write);
    fields.push([name, text]);
  }
  const health = mergeHealth(EMPTY_HEALTH, writes);
  return { health: unknown.size === 0 ? health : { ...health, unknown }, fields };
}

/** Fields that are not needed to read this health: evidence that newer evidence or a clear has made void, and whatever a compacted health has lost. */
export function fieldsWithout(health: AccountHealth, fields: readonly Field[]): readonly Field[] {
  const needed = new Set(fieldsOf(patchOf(health)).map(([name]) => name));
  return fields.filter(([name]) => !needed.has(name));
}
