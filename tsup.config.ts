import { defineConfig, type Options } from 'tsup';
import { baseName, ENTRY_POINTS } from './scripts/lib/entry-points.js';

type Config = ReturnType<typeof defineConfig>;

const entry: NonNullable<Options['entry']> = Object.fromEntries(ENTRY_POINTS.map((point) => [baseName(point), point.source]));

const config: Config = defineConfig({
  entry,
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'neutral',
  // In both formats the entries share their modules, so a PolicyError of `poolwarden/core` is one of `poolwarden` too.
  splitting: true,
  // Without it the CommonJS chunks pass through sucrase, which turns each `?.` and `??` into a slow helper call.
  treeshake: true,
  clean: true,
  silent: true,
  tsconfig: 'tsconfig.build.json',
  // The declaration bundler of this version sets `baseUrl`, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});

export default config;
