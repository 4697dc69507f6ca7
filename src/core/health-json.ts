/** Health as plain JSON, there and back. Maps become lists of pairs: a model may be called `__proto__`. */
import { type AccountHealth, EMPTY_HEALTH } from './health.js';
import { isObject, type JsonObject, own, ownObject } from './json.js';
import { compareText } from './order.js';
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

/**
 * Health as `JSON.stringify` can write it: empty cells are left out, dictionaries are lists of pairs, and cells of a newer version stand beside
 * the known ones.
 */
export type HealthJson = { readonly [cell: string]: unknown };

const KNOWN: readonly string[] = Object.keys(EMPTY_HEALTH);

type Pairs<V> = readonly (readonly [key: string, value: V])[];

/** Sorted by key, so that two healths that say the same have the same text. */
function pairs<V>(map: ReadonlyMap<string, V>): Pairs<V> {
  return [...map].sort(([a], [b]) => compareText(a, b));
}

function withoutEmpty(cells: Pairs<unknown>): Pairs<unknown> {
  return cells.filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0));
}

/**
 * Health as plain objects and arrays, cleaned as `healthFromJson` does, which gives it back; the same text for healths that say the same. Total
 * on plain data, pure.
 *
 * @example JSON.stringify(healthToJson(EMPTY_HEALTH)) // '{}'
 */
export function healthToJson(given: AccountHealth): HealthJson {
  const health = healthFromJson(given);
  const session = Object.fromEntries(withoutEmpty(Object.entries(health.sessionWindow)));
  const known: Pairs<unknown> = [
    ['errors', pairs(health.errors)],
    ['rateLimit', health.rateLimit],
    ['overload', health.overload],
    ['temporary', health.temporary],
    ['authentication', health.authentication],
    ['modelRateLimits', pairs(health.modelRateLimits)],
    ['sessionWindow', Object.keys(session).length === 0 ? null : session],
    ['usage', pairs(health.usage)],
    ['strikes', pairs(health.strikes).map(([kind, { generation, evidence }]) => [kind, { generation, evidence: pairs(evidence) }])],
    ['refreshRequestedFor', health.refreshRequestedFor < 0 ? null : health.refreshRequestedFor],
  ];
  return Object.fromEntries([...withoutEmpty(known), ...pairs(health.unknown)]);
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
  const kept = own(json, 'unknown');
  const cells = [...(kept instanceof Map ? entriesOf(kept) : []), ...Object.entries(json)];
  return new Map(cells.filter(([cell]) => !KNOWN.includes(cell)));
}

/**
 * Health from JSON, or from a part of it with Maps or plain objects. Malformed cells are dropped, numbers brought within their bounds and texts
 * cleaned; cells that this version does not know are kept. What is not an object is empty health. Total on plain data, pure, idempotent.
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
