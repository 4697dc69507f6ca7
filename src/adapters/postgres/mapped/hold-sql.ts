/** A hold in a column of the owner's, read as a hold of ours: how a change by another program is found and what it means. */
import { encodeCell } from '../../../core/encode-cell.js';
import { MAX_GENERATION } from '../../../core/health.js';
import { toPatches } from '../../../core/to-patches.js';
import { wasMapped } from './part.js';
import { instantIn, literal, TUPLE, thirteenDigits } from './sql-text.js';

const GENERATION_DIGITS = 10;

/** All but the generation of a cleared hold. */
const CLEARED_HOLD: string = [
  ...toPatches([{ type: 'clear_holds', accountId: '', holds: [{ cell: 'rateLimit', generation: 0 }] }]).values(),
]
  .flat()
  .map(encodeCell)
  .join('')
  .slice(GENERATION_DIGITS);

/** The rule of a hold or error that was in the table before there was a cell. */
export const IMPORTED = 'imported';
/** The rule of a hold or error that another program set since. */
export const ADOPTED = 'adopted';

/** The digest of words that the server put together: the least, so that the same words with their own digest are greater. */
const NO_DIGEST = '0'.repeat(16);
const NO_GENERATION = `${'0'.repeat(GENERATION_DIGITS)} ${'0'.repeat(GENERATION_DIGITS)} `;

/** The text of a hold or error at this instant, of the generation and credential that are stored. */
export function adoptedText(stored: string, instant: string, words: string): string {
  return `coalesce(left(${stored}, 22), '${NO_GENERATION}') || ${thirteenDigits(instant)}
    || case when ${stored} is null then ' ${IMPORTED} ' else ' ${ADOPTED} ' end || '${NO_DIGEST} ' || (${words})::text`;
}

/** The text of the next generation's cleared cell; `tail` is all of it but the generation. */
export function clearedText(stored: string, tail: string): string {
  return `lpad(least(left(${stored}, ${GENERATION_DIGITS})::bigint + 1, ${MAX_GENERATION})::text, ${GENERATION_DIGITS}, '0') || ${literal(tail)}`;
}

/**
 * What columns of holds add to the cells. `from`: a query of (cell, key, stored, until). A later end extends the hold, of the same generation; none, where a running hold was shown, clears
 * it, and is the next generation; an earlier end is no news, since nothing shortens a hold. Where there is no cell yet, the column is imported. `offset 0`: looked up once, not wherever it is
 * named.
 */
export function adoptedHold({ from, kind, detail }: { readonly from: string; readonly kind: string; readonly detail: string }): string {
  const words = `jsonb_build_object('kind', ${kind}, 'detail', left(${detail}, 1024))`;
  return `select h.cell, h.key,
    case when h.until > ${instantIn('h.stored')} then ${adoptedText('h.stored', 'h.until', words)}
      when h.until = 0 and ${instantIn('h.stored')} > r.now then ${clearedText('h.stored', CLEARED_HOLD)} end,
    ${literal(TUPLE)}
    from (${from} offset 0) as h
    where h.stored is null or ${wasMapped('h.cell')}`;
}

/** Whether a column says what the cell says: the same end, or nothing where it is over. */
export function holdIsShown(next: string, shown: string, now: string): string {
  return `(${next} = ${shown} or (${next} <= ${now} and ${shown} = 0))`;
}
