import { expect, it } from 'vitest';
import { committedReport, createReport, REPORT_PATH } from '../scripts/api-report.js';
import { readPublicSurface } from '../scripts/lib/public-surface.js';

const entries = readPublicSurface();

it('the public surface is the one in git', () => {
  expect(committedReport(), `${REPORT_PATH} is out of date: read the difference, then run \`npm run api:update\``).toBe(
    createReport(entries),
  );
});

it('the report holds a declaration for every exported name', () => {
  const names = entries.flatMap((entry) => entry.names);
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter(({ declaration }) => declaration === '').map(({ name }) => name)).toEqual([]);
});

it('the report changes with a declaration', () => {
  const declared = (declaration: string) => createReport([{ name: 'poolwarden', names: [{ name: 'a', isType: false, declaration }] }]);
  expect(declared('function a(): 1;')).not.toBe(declared('function a(): 2;'));
});
