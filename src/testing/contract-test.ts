/** Contract tests as plain data: any test runner can execute them. */
import { mismatch, underRule } from './contract-violation.js';
import type { PropertyOptions } from './property.js';

/** A part that not every store has. A runner leaves out the tests whose need its store does not offer. */
export type ContractNeed = 'subscribe' | 'compact' | 'unknown_cells' | 'any_account_id' | 'durable' | 'unreachable';

/** One rule of a contract. */
export interface ContractTest {
  /** The rule, as a plain sentence. */
  readonly name: string;
  /** What the fixture has to offer. Absent: nothing but the store. */
  readonly needs?: ContractNeed;
  /** Makes a store, and resolves where it keeps the rule. Rejects with a ContractViolationError where it does not, or does not offer what the test needs. */
  readonly run: () => Promise<void>;
}

/** A store to test, fresh or shared: each test takes accounts of its own. */
export interface StoreFixture<R> {
  readonly repository: R;
  /** Another handle on the same store, as another process would have one. Default: the same handle. */
  readonly another?: () => R | Promise<R>;
  /** Makes an account that the store can keep something of, and gives its id. Default: a random id, for a store that takes any. */
  readonly newAccountId?: () => string | Promise<string>;
  /** Called after each test, also after one that failed. */
  readonly close?: () => void | Promise<void>;
}

/** Makes the store for one test. */
export type MakeFixture<F> = () => F | Promise<F>;

/** How thorough the tests are. */
export interface ContractOptions {
  /** How many random cases each property tries. Default 100. */
  readonly runs?: number;
  /** Repeats the cases of a failure: the seed that it printed. Default: another one each time. */
  readonly seed?: number;
}

/** What a suite says of a store. */
export interface Rule<F> {
  readonly name: string;
  readonly needs?: ContractNeed;
  readonly holds: (fixture: F, options: PropertyOptions) => Promise<void>;
}

const DEFAULT_RUNS = 100;

/** The rules as tests, each on a fixture of its own. */
export function contractTests<F extends StoreFixture<unknown>>(
  rules: readonly Rule<F>[],
  make: MakeFixture<F>,
  { runs = DEFAULT_RUNS, seed }: ContractOptions = {},
): readonly ContractTest[] {
  const options: PropertyOptions = { runs, ...(seed === undefined ? {} : { seed }) };
  return rules.map(({ name, needs, holds }) => ({
    name,
    ...(needs === undefined ? {} : { needs }),
    async run() {
      const fixture = await make();
      try {
        await holds(fixture, options);
      } catch (error) {
        throw underRule(name, error);
      } finally {
        await fixture.close?.();
      }
    },
  }));
}

/** An account that no other test knows. */
export async function newAccount({ newAccountId }: StoreFixture<unknown>): Promise<string> {
  return newAccountId === undefined ? crypto.randomUUID() : newAccountId();
}

/** Some accounts that no other test knows. */
export async function newAccounts(fixture: StoreFixture<unknown>, count: number): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, () => newAccount(fixture)));
}

/** Some handles on one store; all the same where the fixture makes no others. */
export async function handlesOf<R>({ repository, another }: StoreFixture<R>, count: number): Promise<readonly R[]> {
  const others = Array.from({ length: count - 1 }, () => (another === undefined ? repository : another()));
  return [repository, ...(await Promise.all(others))];
}

/** What a test needs of its fixture; rejects plainly where it is not there. */
export function needed<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw mismatch(`a fixture that offers \`${name}\``, 'none');
  return part;
}
