/** One entry point of the package: the subpath that a user writes, the source behind it, and the built module. */
export interface EntryPoint {
  readonly name: string;
  readonly source: string;
  readonly built: string;
}

function entryPoint(subpath: string, source: string): EntryPoint {
  const name = subpath === 'index' ? 'poolwarden' : `poolwarden/${subpath}`;
  return { name, source, built: `dist/${subpath}.js` };
}

/** The entry points, one for each subpath of `exports` in package.json. The bundler, the tests and the API report all follow this table. */
export const ENTRY_POINTS: readonly EntryPoint[] = [
  entryPoint('index', 'src/index.ts'),
  entryPoint('core', 'src/core.ts'),
  entryPoint('memory', 'src/adapters/memory.ts'),
  entryPoint('postgres', 'src/adapters/postgres.ts'),
  entryPoint('redis', 'src/adapters/redis.ts'),
  entryPoint('refresh', 'src/refresh.ts'),
  entryPoint('testing', 'src/testing.ts'),
  entryPoint('usage', 'src/usage.ts'),
];

/** The name of an entry's built files, without their ending. */
export function baseName({ built }: EntryPoint): string {
  return built.slice('dist/'.length, -'.js'.length);
}
