import { gzipSync } from 'node:zlib';
import { type BuildResult, buildSync } from 'esbuild';

/** A minified bundle of one entry, and the packages that it still imports. */
export interface Bundle {
  readonly code: string;
  readonly gzipBytes: number;
  readonly externals: readonly string[];
}

/** Bundles and minifies one built file; packages stay outside and are listed. */
export function bundleOf(entry: string): Bundle {
  const result: BuildResult<{ write: false; metafile: true }> = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  });
  const code = result.outputFiles[0]?.text ?? '';
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  const externals = [...new Set(imports.filter(({ external }) => external === true).map(({ path }) => path))].sort();
  return { code, gzipBytes: gzipSync(code, { level: 9 }).byteLength, externals };
}
