/** Patches as rows of cell texts, and health back from the texts of a row. */
import { isCellName, keyOf } from '../../../core/cell-names.js';
import { cleanPatch } from '../../../core/clean-patch.js';
import { decodeCell } from '../../../core/decode-cell.js';
import { encodeCell } from '../../../core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH, type StrikeSet } from '../../../core/health.js';
import { isObject } from '../../../core/json.js';
import { mergeHealth } from '../../../core/merge-health.js';
import type { CellWrite, HealthPatch } from '../../../core/patch.js';
import { readCell } from '../../../core/read-cell.js';
import { FORMS } from './cell-forms.js';
import { inOwnWords } from './owner-words.js';

/** One text to keep if it is the greater. */
export interface CellText {
  readonly cell: string;
  /** Empty where the cell has no keys. */
  readonly key: string;
  readonly text: string;
  /** What a stored text has to look like to be compared. */
  readonly form: string;
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/**
 * Strikes by evidence: each piece a text of its own, so that the greater text is the union, and one without evidence where there is none, for the generation. The
 * key has a blank that no identifier has.
 */
function strikeTexts(kind: string, { generation, evidence }: StrikeSet): readonly (readonly [key: string, text: string])[] {
  const pieces = evidence.size === 0 ? [['', 0] as const] : [...evidence];
  return pieces.map(([id, at]) => [`${kind} ${id}`, `${digits(generation, 10)} ${digits(at, 13)}`]);
}

/** The texts of a patch. Values are brought within bounds and cleaned first; what has not the form of its cell is left out. Total, pure. */
export function textsOf(patch: HealthPatch): readonly CellText[] {
  return cleanPatch(patch).flatMap((write): readonly CellText[] => {
    const texts = write.cell === 'strikes' ? strikeTexts(write.key, write.value) : [[keyOf(write), encodeCell(write)] as const];
    return texts.map(([key, text]) => ({ cell: write.cell, key, text, form: FORMS[write.cell] }));
  });
}

function strikeFrom(key: string, text: string): CellWrite | null {
  const [kind = '', id = ''] = key.split(' ');
  const [generation, at] = text.split(' ').map(Number);
  return readCell('strikes', kind, { generation, evidence: id === '' ? [] : [[id, at]] });
}

function writeFrom(cell: CellWrite['cell'], key: string, text: unknown): readonly CellWrite[] {
  if (typeof text !== 'string') return [];
  const write = cell === 'strikes' ? strikeFrom(key, text) : decodeCell(cell, key, text);
  return write === null ? [] : [inOwnWords(write)];
}

/** The health that the cells of a row are; what has not the form of its cell is dropped, cells of a newer version are kept as they are. Total on plain data, pure. */
export function healthFromTexts(cells: unknown): AccountHealth {
  if (!isObject(cells)) return EMPTY_HEALTH;
  const entries = Object.entries(cells);
  const writes = entries.flatMap(([cell, texts]) =>
    isCellName(cell) && isObject(texts) ? Object.entries(texts).flatMap(([key, text]) => writeFrom(cell, key, text)) : [],
  );
  const unknown = entries.filter(([cell]) => !isCellName(cell));
  return { ...mergeHealth(EMPTY_HEALTH, writes), unknown: unknown.length === 0 ? EMPTY_HEALTH.unknown : new Map(unknown) };
}
