// One run of the tests, in projects:
//   unit      every test but those below, under TZ=UTC
//   package   the packed tarball; builds `dist` first if it is stale
//   Asia/Kolkata, America/St_Johns   the tests that touch time, again under an offset of +5:30 and of -3:30/-2:30 with daylight saving
//   speed     measurements of the built package, alone after all others, with `gc()` exposed
//   load      gateway processes under load, one file after the other: part of `npm run test:faults`, not of `npm test`
//
// A test touches time if its path matches TIME_TESTS: name a new one `*.time.test.ts` or use one of the words.
// TEST_DIST=<folder of an installed poolwarden> runs the tests against its `dist` instead of the sources.
import { resolve } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { ENTRY_POINTS } from './scripts/lib/entry-points.js';

const TIME_TESTS = [
  'test/**/*.time.test.ts',
  'test/**/*{time,instant,midnight,calendar,window,countdown,duration,date,until,reset}*.test.ts',
  'test/view/**/*.test.ts',
];
const PACKAGE_TESTS = ['test/package.test.ts'];
const SPEED_TESTS = ['test/**/*.speed.test.ts'];
const LOAD_TESTS = ['test/**/*.load.test.ts'];

const root = import.meta.dirname;
const installed = process.env.TEST_DIST;

function target(source: string, built: string): string {
  return installed === undefined ? resolve(root, source) : resolve(installed, built);
}

const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: ENTRY_POINTS.map(({ name, source, built }) => ({ find: new RegExp(`^${name}$`), replacement: target(source, built) })),
  },
  test: {
    testTimeout: 30_000,
    // More than the cores of a small machine: much of the time the tests wait for servers, processes and pages.
    maxWorkers: 3,
    // The files of a worker share their modules: to load the sources anew for each of them takes longer than most tests. So a test leaves nothing behind that another file could see.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...PACKAGE_TESTS, ...SPEED_TESTS, ...LOAD_TESTS],
          env: { TZ: 'UTC' },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: PACKAGE_TESTS,
          env: { TZ: 'UTC' },
          globalSetup: ['scripts/ensure-built.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      ...['Asia/Kolkata', 'America/St_Johns'].map((zone) => ({
        extends: true as const,
        test: { name: zone, include: TIME_TESTS, exclude: [...PACKAGE_TESTS, ...SPEED_TESTS], env: { TZ: zone } },
      })),
      {
        extends: true,
        test: {
          name: 'load',
          include: LOAD_TESTS,
          env: { TZ: 'UTC' },
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'speed',
          include: SPEED_TESTS,
          env: { TZ: 'UTC' },
          globalSetup: ['scripts/ensure-built.ts'],
          execArgv: ['--expose-gc'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
