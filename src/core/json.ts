/** Reading values of unknown shape: own properties only, no exceptions, no prototypes. */

/** A JSON object of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object with properties, and not an array. Total, pure. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own property; undefined where there is none. Total on plain data, pure. */
export function own(object: JsonObject, key: string): unknown {
  const value = object[key];
  // Most reads find nothing, and then there is no owner to ask for.
  return value === undefined || !Object.hasOwn(object, key) ? undefined : value;
}

/**
 * `value`, which was read of `object` under `key`, where the object owns it; else undefined. For objects of known properties: a read under a fixed name is several
 * times cheaper than one under a variable, `owned(error, 'type', error.type)` than `own(error, 'type')`.
 */
export function owned(object: JsonObject, key: string, value: unknown): unknown {
  return value === undefined || !Object.hasOwn(object, key) ? undefined : value;
}

/** An own property that is a non-empty text; else null. */
export function ownText(object: JsonObject, key: string): string | null {
  const value = own(object, key);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An own property that is an object; else null. */
export function ownObject(object: JsonObject, key: string): JsonObject | null {
  const value = own(object, key);
  return isObject(value) ? value : null;
}

const EMPTY_LIST: readonly unknown[] = [];

/** An own property that is an array; else an empty one. */
export function ownList(object: JsonObject, key: string): readonly unknown[] {
  const value = own(object, key);
  return Array.isArray(value) ? value : EMPTY_LIST;
}

/** `JSON.parse`, but undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
