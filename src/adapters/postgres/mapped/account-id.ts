/** Account ids as the owner's column has them. */
import { isStorableId } from '../account-ids.js';
import type { CheckedMapping } from './check-mapping.js';

const MAX_INTEGER = 2 ** 31 - 1;
const WHOLE = /^(?:0|-?[1-9]\d{0,17})$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a column of this type may have the id, in the very letters that the server gives back: where not, no row has it, and asking would end the statement. Total, pure. */
export function mayBeId(id: string, type: CheckedMapping['id']['type']): boolean {
  switch (type) {
    case 'text':
      return isStorableId(id);
    case 'integer':
      return WHOLE.test(id) && Math.abs(Number(id)) <= MAX_INTEGER;
    case 'bigint':
      return WHOLE.test(id);
    case 'uuid':
      return UUID.test(id);
    default:
      return type satisfies never;
  }
}
