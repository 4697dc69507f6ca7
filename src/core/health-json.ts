/** Health as plain JSON, there and back. Maps become lists of pairs: a model may be called `__proto__`. */
import { type AccountHealth, EMPTY_HEALTH } from './health.js';
import { isObject, type JsonObject, own, ownObject } from './json.js';
import {
  entriesOf,
  errorFrom,
  holdFrom,
  isErrorKind,
  predictedFrom,
  revisionFrom,
  sampleFrom,
  sessionHeaderFrom,
  sessionStatusFrom,
  strikesFrom,
} from './sanitize-health.js';
import { isIdentifier, isModelKey } from './text.js';

/** Health as `JSON.stringify` can write it: empty cells are left out, dictionaries are lists of pairs, and cells of a newer version stand beside the known ones. */
export type HealthJson = { readonly [cell: string]: unknown };

const KNOWN: readonly string[] = [
  'errors',
  'rateLimit',
  'overload',
  'temporary',
  'authentication',
  'modelRateLimits',
  'sessionWindow',
  'usage',
  'strikes',
  'refreshRequestedFor',
] satisfies readonly (keyof AccountHealth)[];

function isEmpty(value: unknown): boolean {
  if (value === null || value === -1) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every((inner) => inner === null);
}

/** Health as plain objects and arrays. `healthFromJson` gives it back. Total, pure. */
export function healthToJson(health: AccountHealth): HealthJson {
  const { unknown, errors, modelRateLimits, usage, strikes, ...rest } = health;
  const cells: readonly (readonly [string, unknown])[] = [
    ...unknown,
    ['errors', [...errors]],
    ...Object.entries(rest),
    ['modelRateLimits', [...modelRateLimits]],
    ['usage', [...usage]],
    ['strikes', [...strikes].map(([kind, { generation, evidence }]) => [kind, { generation, evidence: [...evidence] }])],
  ];
  return Object.fromEntries(cells.filter(([, value]) => !isEmpty(value)));
}

function mapFrom<K extends string, V>(
  value: unknown,
  isKey: (key: string) => key is K,
  read: (value: unknown) => V | null,
): ReadonlyMap<K, V> {
  const entries = entriesOf(value).flatMap(([key, one]): (readonly [K, V])[] => {
    const cell = isKey(key) ? read(one) : null;
    return isKey(key) && cell !== null ? [[key, cell]] : [];
  });
  return new Map(entries);
}

const isModel = (key: string): key is string => isModelKey(key);
const isName = (key: string): key is string => isIdentifier(key);

function unknownCells(json: JsonObject): ReadonlyMap<string, unknown> {
  const own = json.unknown instanceof Map ? [...json.unknown] : [];
  return new Map([...own, ...Object.entries(json).filter(([cell]) => !KNOWN.includes(cell) && cell !== 'unknown')]);
}

/**
 * Health from JSON, or from a part of it with Maps or plain objects. Malformed cells are dropped and numbers clamped; cells that this version does not know are kept. Total: anything
 * that is not an object is empty health. Pure.
 */
export function healthFromJson(json: unknown): AccountHealth {
  if (!isObject(json)) return EMPTY_HEALTH;
  const session = ownObject(json, 'sessionWindow') ?? {};
  return {
    errors: mapFrom(own(json, 'errors'), isErrorKind, errorFrom),
    rateLimit: holdFrom(own(json, 'rateLimit')),
    overload: holdFrom(own(json, 'overload')),
    temporary: holdFrom(own(json, 'temporary')),
    authentication: holdFrom(own(json, 'authentication')),
    modelRateLimits: mapFrom(own(json, 'modelRateLimits'), isModel, holdFrom),
    sessionWindow: {
      header: sessionHeaderFrom(own(session, 'header')),
      status: sessionStatusFrom(own(session, 'status')),
      predicted: predictedFrom(own(session, 'predicted')),
    },
    usage: mapFrom(own(json, 'usage'), isName, sampleFrom),
    strikes: mapFrom(own(json, 'strikes'), isName, strikesFrom),
    refreshRequestedFor: revisionFrom(own(json, 'refreshRequestedFor')),
    unknown: unknownCells(json),
  };
}
