import { defineConfig, type Options } from 'tsup';

type Config = ReturnType<typeof defineConfig>;

/** One entry per subpath of `exports` in package.json. */
const entry: NonNullable<Options['entry']> = {
  index: 'src/index.ts',
  core: 'src/core.ts',
  memory: 'src/adapters/memory.ts',
};

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
