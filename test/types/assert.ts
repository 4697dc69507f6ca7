/** True exactly if both types are the same, `any` and readonly included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`: a check is a line `export type _ = Expect<Equal<A, B>>`. */
export type Expect<T extends true> = T;

/** Every key that a value of this type can hold at any depth; arrays and maps are looked into. */
export type DeepKeys<T> = T extends string | number | boolean | null | undefined
  ? never
  : T extends readonly (infer E)[]
    ? DeepKeys<E>
    : T extends ReadonlyMap<infer K, infer V>
      ? DeepKeys<K> | DeepKeys<V>
      : { [K in keyof T]-?: K | DeepKeys<T[K]> }[keyof T];

/** The paths of what JSON cannot carry (maps, sets, dates, functions, bigints, symbols, undefined values); `never` for plain data. */
export type NotJson<T, Path extends string = ''> = T extends string | number | boolean | null
  ? never
  : T extends undefined | bigint | symbol | Date | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | ((...args: never[]) => unknown)
    ? Path
    : T extends readonly (infer E)[]
      ? NotJson<E, `${Path}[]`>
      : { [K in keyof T & string]-?: NotJson<Exclude<T[K], undefined>, `${Path}.${K}`> }[keyof T & string];

/** The keys of a type that can be assigned to. */
export type MutableKeys<T> = { [K in keyof T]-?: Equal<Pick<T, K>, Readonly<Pick<T, K>>> extends true ? never : K }[keyof T];
