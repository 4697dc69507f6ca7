import { describe, expect, it } from 'vitest';
import { type AccountHealth, EMPTY_HEALTH, type SessionWindowCells } from '../../src/core/health.js';
import { currentSessionWindow } from '../../src/core/session-window.js';
import { SESSION_WINDOW_MS } from '../../src/core/time.js';
import { NOW } from '../support/accounts.js';

const withWindow = (cells: Partial<SessionWindowCells>): AccountHealth => ({
  ...EMPTY_HEALTH,
  sessionWindow: { ...EMPTY_HEALTH.sessionWindow, ...cells },
});
const observed = (end: number): Partial<SessionWindowCells> => ({ header: { observedAt: NOW - 60_000, end } });
const guessed = (start: number): Partial<SessionWindowCells> => ({ predicted: { start } });
const status = { observedAt: NOW - 60_000, status: 'allowed_warning' };

const ROWS: readonly { readonly name: string; readonly cells: Partial<SessionWindowCells>; readonly window: object | null }[] = [
  { name: 'nothing', cells: {}, window: null },
  { name: 'a status alone', cells: { status }, window: null },
  {
    name: 'an observed window began 5 hours before its end',
    cells: { ...observed(NOW + 9), status },
    window: { start: NOW + 9 - SESSION_WINDOW_MS, end: NOW + 9, status: 'allowed_warning', source: 'header' },
  },
  { name: 'it runs up to and including its end', cells: observed(NOW), window: { end: NOW, status: '', source: 'header' } },
  { name: 'and no longer', cells: observed(NOW - 1), window: null },
  {
    name: 'an observed window goes before a guessed one',
    cells: { ...observed(NOW + 9), ...guessed(NOW) },
    window: { end: NOW + 9, source: 'header' },
  },
  {
    name: 'a guessed window takes over where the observed one is over',
    cells: { ...observed(NOW - 1), ...guessed(NOW - 60_000) },
    window: { start: NOW - 60_000, end: NOW - 60_000 + SESSION_WINDOW_MS, source: 'predicted' },
  },
  { name: 'a guessed window runs up to and including its end', cells: guessed(NOW - SESSION_WINDOW_MS), window: { end: NOW } },
  { name: 'and no longer either', cells: guessed(NOW - SESSION_WINDOW_MS - 1), window: null },
];

describe('currentSessionWindow', () => {
  it.each(ROWS)('$name', ({ cells, window }) => {
    const found = currentSessionWindow(withWindow(cells), NOW);
    if (window === null) expect(found).toBeNull();
    else expect(found).toMatchObject(window);
  });
});
