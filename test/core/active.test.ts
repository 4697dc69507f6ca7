import { describe, expect, it } from 'vitest';
import { isErrorActive, isHoldActive } from '../../src/core/active.js';
import { activeErrors } from '../../src/core/active-errors.js';
import { ERROR_KINDS } from '../../src/core/health.js';
import { account, accountError, hold, NOW } from '../support/accounts.js';

const HOLDS = [
  { name: 'holds a millisecond before its end', of: hold(NOW + 1), revision: 0, active: true },
  { name: 'is over exactly at its end', of: hold(NOW), revision: 0, active: false },
  { name: 'is over when it was cleared', of: hold(0), revision: 0, active: false },
  { name: 'holds for the revision it speaks of', of: hold(NOW + 1, { credentialRevision: 3 }), revision: 3, active: true },
  { name: 'holds for a revision that was not heard of yet', of: hold(NOW + 1, { credentialRevision: 4 }), revision: 3, active: true },
  { name: 'is inert after a rotation', of: hold(NOW + 1, { credentialRevision: 2 }), revision: 3, active: false },
  { name: 'holds where no revisions are kept', of: hold(NOW + 1, { credentialRevision: 2 }), revision: null, active: true },
  { name: 'holds where it speaks of no credential', of: hold(NOW + 1), revision: 9, active: true },
] as const;

describe('a hold', () => {
  it.each(HOLDS)('$name', ({ of, revision, active }) => {
    expect(isHoldActive(of, revision, NOW)).toBe(active);
  });
});

const ERRORS = [
  { name: 'counts', of: accountError(), revision: 0, active: true },
  { name: 'does not count when it was cleared', of: accountError({ at: 0 }), revision: 0, active: false },
  { name: 'counts for the revision it speaks of, and later ones', of: accountError({ credentialRevision: 4 }), revision: 3, active: true },
  { name: 'is inert after a rotation', of: accountError({ credentialRevision: 2 }), revision: 3, active: false },
  { name: 'counts where no revisions are kept', of: accountError({ credentialRevision: 2 }), revision: null, active: true },
] as const;

describe('an error', () => {
  it.each(ERRORS)('$name', ({ of, revision, active }) => {
    expect(isErrorActive(of, revision)).toBe(active);
    const errors = new Map([['credential', of]] as const);
    const one = account({ credential: { revision, expiresAt: null, refreshable: true }, health: { errors } });
    expect([...activeErrors(one).keys()]).toEqual(active ? ['credential'] : []);
  });
});

describe('activeErrors', () => {
  it('come most severe first, whatever order they were stored in', () => {
    const errors = new Map([...ERROR_KINDS].reverse().map((kind) => [kind, accountError()]));
    expect([...activeErrors(account({ health: { errors } })).keys()]).toEqual(ERROR_KINDS);
  });

  it("of a shadow are its own, and go with its parent's credential", () => {
    const errors = new Map([
      ['credential', accountError({ credentialRevision: 1 })],
      ['billing', accountError()],
    ] as const);
    const parent = account({ id: 'parent', credential: { revision: 2, expiresAt: null, refreshable: true }, health: { errors } });
    const shadow = account({ parent, health: { errors: new Map([['credential', accountError({ credentialRevision: 2 })]]) } });
    expect([...activeErrors(parent).keys()]).toEqual(['billing']);
    expect([...activeErrors(shadow).keys()]).toEqual(['credential']);
  });
});
