// Builds the app once per test run, so that the tests which run it all load the same file, and none that an earlier run left behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildApp } from '../scripts/build.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the bundle is, or why there is none: a broken build fails the tests that need it and no others. */
    readonly bundle: { readonly appFile: string } | { readonly problem: string };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'));
  const appFile = join(folder, 'main.cjs');
  try {
    await buildApp(appFile);
    project.provide('bundle', { appFile });
  } catch (error) {
    project.provide('bundle', { problem: error instanceof Error ? error.message : String(error) });
  }
  return async () => await rm(folder, { recursive: true, force: true });
}
