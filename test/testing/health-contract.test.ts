import { describe, expect, it } from 'vitest';
import { ContractViolationError, type HealthFixture, healthRepositoryContract } from '../../src/testing.js';
import { violationsOf } from './violations.js';
import { nothing, WRONG_HEALTH } from './wrong-health.js';

const testsOf = (make: () => HealthFixture) => healthRepositoryContract(make, { runs: 50 });

function named(make: () => HealthFixture, name: string) {
  return testsOf(make).filter((test) => test.name === name);
}

describe('a wrong repository breaks the rule that it is named with (F26)', () => {
  it.each(WRONG_HEALTH)('$name', { timeout: 60_000 }, async ({ breaks, make }) => {
    const violation = (await violationsOf(named(make, breaks))).get(breaks);
    expect(violation?.rule).toBe(breaks);
    expect(violation?.message).toBe(`${breaks}: expected ${violation?.expected}, found ${violation?.found}`);
  });
});

describe('what a violation says', () => {
  it.each([
    { name: 'a whole row written from a snapshot', says: /the writes of both: overload .*, found overload absent/ },
    { name: 'the last write wins', says: /"until":1772445900000.*, found rateLimit .*"until":1772445780000/ },
    { name: 'a clear deletes the cell', says: /"generation":1,.*"rule":"cleared".*, found rateLimit .*"generation":0/ },
    { name: 'a shallow merge of JSON', says: /the other cells as they were: .*, found .*\(seed -?\d+, case / },
    { name: 'names trimmed', says: /each of \d+ names, found without \["a "," "\]/ },
    { name: 'listeners that are not contained', says: /expected an answer, found an error: Error: a listener that throws/ },
  ])('$name', async ({ name, says }) => {
    const wrong = WRONG_HEALTH.find((one) => one.name === name);
    if (wrong === undefined) throw new Error('no such repository');
    expect((await violationsOf(named(wrong.make, wrong.breaks))).get(wrong.breaks)?.message).toMatch(says);
  });
});

describe('the rules', () => {
  it('have names of their own', () => {
    const names = testsOf(nothing).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(40);
  });

  it('all notice a repository that does nothing, but for those that hold of nothing', { timeout: 60_000 }, async () => {
    const violations = await violationsOf(testsOf(nothing));
    const silent = testsOf(nothing).filter(({ name }) => !violations.has(name));
    expect(silent.map(({ name }) => name)).toEqual([
      'an account that was never patched is absent or empty',
      'the same patch twice is the patch once',
      'two patches may come in either order',
      'two patches in one are the same as one after the other',
      'a patch changes no cell that it does not name',
    ]);
  });

  it('say plainly what a fixture does not offer', async () => {
    const bare = (): HealthFixture => {
      const { load, patch } = nothing().repository;
      return { repository: { load, patch }, newAccountId: () => 'a' };
    };
    const needy = testsOf(bare).filter(({ needs }) => needs !== undefined);
    const violations = await violationsOf(needy);
    expect(needy.map(({ name, needs }) => [needs, violations.get(name)?.message])).toEqual(
      needy.map(({ needs }) => [needs, expect.stringMatching(/expected a fixture (that offers|whose store)/)]),
    );
    expect(new Set(needy.map(({ needs }) => needs))).toEqual(new Set(['any_account_id', 'subscribe', 'compact', 'unknown_cells']));
  });

  it('close their fixture, also after a violation', async () => {
    let open = 0;
    const make = (): HealthFixture => {
      open += 1;
      const close = (): void => {
        open -= 1;
      };
      return { ...nothing(), close };
    };
    const [first] = named(make, 'the longer hold stays, whichever comes first');
    await expect(first?.run()).rejects.toThrow(ContractViolationError);
    expect(open).toBe(0);
  });

  it('repeat the cases of a seed', async () => {
    const name = 'two patches may come in either order';
    const wrong = WRONG_HEALTH.find((one) => one.name === 'the last write wins');
    const say = async () =>
      (await violationsOf(healthRepositoryContract(wrong?.make ?? nothing, { runs: 50, seed: 11 }))).get(name)?.message;
    expect(await say()).toMatch(/seed 11/);
    expect(await say()).toBe(await say());
  });
});
