/** A mapping with its defaults, or everything that is wrong with it. */
import * as z from 'zod';
import { ERROR_KINDS, HOLD_CELLS, type HoldCell } from '../../../core/health.js';
import { PolicyError, type PolicyErrorIssue } from '../../../core/policy-error.js';
import { ERROR_HEADS, type ErrorColumns, type HoldColumns, type MappedCells, type MappedTable, type ModelColumn } from './mapping.js';

const MAX_IDENTIFIER_BYTES = 63;
const PLAIN = /^[^\p{Cc}\p{Cs}\\]+$/u;
const encoder = new TextEncoder();

/** A text that stands in a statement: quoting takes care of quotes, and a server may be configured to read backslashes. */
const name: z.ZodString = z.string().regex(PLAIN, 'must be a text without control characters and backslashes');
const identifier: z.ZodString = name.refine((text) => encoder.encode(text).length <= MAX_IDENTIFIER_BYTES, 'must be at most 63 bytes long');
const hold: z.ZodType<HoldColumns> = z.strictObject({
  until: identifier,
  since: identifier.exactOptional(),
  detail: identifier.exactOptional(),
});

const mappedTable: z.ZodType<CheckedMapping> = z.strictObject({
  schema: identifier.exactOptional(),
  table: identifier,
  id: z
    .union([
      identifier.transform((column) => ({ column, type: 'text' as const })),
      z.strictObject({ column: identifier, type: z.enum(['text', 'integer', 'bigint', 'uuid']) }),
    ])
    .readonly(),
  column: identifier.default('poolwarden'),
  cells: z.strictObject({
    rateLimit: hold.exactOptional(),
    overload: hold.exactOptional(),
    temporary: hold.exactOptional(),
    authentication: hold.exactOptional(),
    modelRateLimits: z
      .strictObject({ column: identifier, key: name, until: name.default('rate_limit_reset_at'), since: name.default('rate_limited_at') })
      .refine(({ until, since }) => until !== since, 'until and since must differ')
      .exactOptional(),
    sessionWindow: z.strictObject({ start: identifier, end: identifier, status: identifier }).exactOptional(),
    errors: z
      .strictObject({
        status: z
          .strictObject({ column: identifier, error: name.default('error'), active: name.default('active') })
          .refine(({ error, active }) => error !== active, 'error and active must differ')
          .exactOptional(),
        message: identifier,
        schedulable: identifier.exactOptional(),
        heads: z
          .array(z.tuple([name, z.enum(ERROR_KINDS)]).readonly())
          .readonly()
          .default(ERROR_HEADS),
      })
      .exactOptional(),
  }),
});

/** The columns of the errors, with their defaults. */
export interface CheckedErrors extends Omit<ErrorColumns, 'status' | 'heads'> {
  readonly status?: Required<NonNullable<ErrorColumns['status']>>;
  readonly heads: NonNullable<ErrorColumns['heads']>;
}

/** A mapping whose names are checked and whose defaults are filled in. */
export interface CheckedMapping {
  readonly schema?: string;
  readonly table: string;
  readonly id: Exclude<MappedTable['id'], string>;
  readonly column: string;
  readonly cells: Omit<MappedCells, 'modelRateLimits' | 'errors'> & {
    readonly modelRateLimits?: Required<ModelColumn>;
    readonly errors?: CheckedErrors;
  };
}

/** The columns of holds, in the order of their cells. */
export function holdColumns({ cells }: CheckedMapping): readonly (HoldColumns & { readonly cell: HoldCell })[] {
  return HOLD_CELLS.flatMap((cell) => {
    const columns = cells[cell];
    return columns === undefined ? [] : [{ ...columns, cell }];
  });
}

function columnsOf(mapping: CheckedMapping): readonly (string | undefined)[] {
  const { modelRateLimits: models, sessionWindow: session, errors } = mapping.cells;
  return [
    mapping.id.column,
    mapping.column,
    ...holdColumns(mapping).flatMap(({ until, since, detail }) => [until, since, detail]),
    models?.column,
    ...(session === undefined ? [] : [session.start, session.end, session.status]),
    ...(errors === undefined ? [] : [errors.status?.column, errors.message, errors.schedulable]),
  ];
}

function namedTwice(mapping: CheckedMapping): readonly PolicyErrorIssue[] {
  const names = columnsOf(mapping).filter((column) => column !== undefined);
  const twice = new Set(names.filter((column, at) => names.indexOf(column) !== at));
  return [...twice].map((column) => ({ path: 'cells', message: `the column ${JSON.stringify(column)} is named twice` }));
}

/** The mapping, checked. Throws a `PolicyError` of code `invalid_mapping` that lists everything that is wrong. */
export function checkMapping(mapping: MappedTable): CheckedMapping {
  const { success, data, error } = mappedTable.safeParse(mapping);
  if (!success) {
    throw new PolicyError(
      'invalid_mapping',
      error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
    );
  }
  const issues = namedTwice(data);
  if (issues.length > 0) throw new PolicyError('invalid_mapping', issues);
  return data;
}
