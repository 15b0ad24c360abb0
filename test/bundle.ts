// The file the sandbox runs in tests: the deployable, built once for the whole run.
import { inject } from 'vitest';

/** Where the built app is. @throws Error with the reason when it could not be built. */
export async function bundleApp(): Promise<string> {
  const bundle = inject('bundle');
  if ('problem' in bundle) throw new Error(`The app could not be built: ${bundle.problem}`);
  return bundle.appFile;
}
