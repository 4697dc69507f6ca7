/** The contract of settings repositories. */
import type { SettingsRepository } from '../shell/ports.js';
import { type ContractTest, contractTests, handlesOf, type MakeFixture, type Rule, type StoreFixture } from './contract-test.js';
import { expectSame } from './expect-same.js';

type SettingsFixture = StoreFixture<SettingsRepository>;

/** A prefix that no other test has: settings have no accounts. */
function freshKeys(): (name: string) => string {
  const prefix = crypto.randomUUID();
  return (name) => `${prefix}${name}`;
}

async function absent({ repository }: SettingsFixture): Promise<void> {
  expectSame(await repository.get(freshKeys()('')), null, 'a setting that was never set');
}

async function overwriting(fixture: SettingsFixture): Promise<void> {
  const key = freshKeys()('');
  const [first, second] = await handlesOf(fixture, 2);
  for (const value of ['one', '', 'two', '{"a":"\'$1"}', 'naïve 模型 😀\n\t', 'x'.repeat(100_000)]) {
    await first?.set(key, value);
    expectSame(await first?.get(key), value, 'the last text, exactly');
    expectSame(await second?.get(key), value, 'the last text, to every process');
  }
}

const NAMES: readonly string[] = ['', '.', ':', '_', '-', 'a', 'A', 'é', '模型', "o'brien{,}", '"', '%', '*', '$', '\\', '__proto__'];

async function keys({ repository }: SettingsFixture): Promise<void> {
  const key = freshKeys();
  await Promise.all(NAMES.map((name, index) => repository.set(key(name), `value ${index}`)));
  for (const [index, name] of NAMES.entries()) expectSame(await repository.get(key(name)), `value ${index}`, `the setting ${name}`);
}

async function concurrent(fixture: SettingsFixture): Promise<void> {
  const key = freshKeys()('');
  const handles = await handlesOf(fixture, 4);
  const values = Array.from({ length: 20 }, (_, index) => `value ${index}`);
  await Promise.all(values.map((value, index) => handles[index % 4]?.set(key, value)));
  const found = await Promise.all(handles.map((handle) => handle.get(key)));
  expectSame(new Set(found).size, 1, 'one value, the same for all');
  expectSame(
    values.some((value) => value === found[0]),
    true,
    'one of those that were set',
  );
}

const RULES: readonly Rule<SettingsFixture>[] = [
  { name: 'a setting that was never set is null', holds: absent },
  { name: 'a setting is the last text that was set, exactly', holds: overwriting },
  { name: 'keys are data: each is a setting of its own', holds: keys },
  { name: 'of settings at once one stays, the same for all', holds: concurrent },
];

/** What every settings repository has to keep, as tests for any runner. */
export function settingsRepositoryContract(make: MakeFixture<SettingsFixture>): readonly ContractTest[] {
  return contractTests(RULES, make);
}
