import type { BuildResult } from 'esbuild';

/** Builds the app into `outfile` and returns what esbuild measured. */
export function buildApp(outfile: string): Promise<BuildResult<{ readonly metafile: true }>>;
