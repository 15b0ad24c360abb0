// The sandbox's world: one directory for each tenant that has one.
import type { SandboxClock } from '../clock.ts';
import { type Deeds, deedsOf } from './deeds.ts';
import type { Directory } from './directory.ts';

export interface World {
  /** The directory of a tenant, or undefined when the sandbox has none for it. */
  readonly directory: (tenantId: string) => Directory | undefined;
  readonly directories: () => readonly Directory[];
  /** Deeds in a tenant, at the clock's time. @throws RangeError when the tenant has no directory. */
  readonly deeds: (tenantId: string) => Deeds;
  /** Adds a directory or replaces the tenant's present one. */
  readonly put: (directory: Directory) => void;
}

/** Makes a world of directories on one clock. */
export function makeWorld(options: { readonly clock: Pick<SandboxClock, 'now'>; readonly directories?: readonly Directory[] }): World {
  const directories = new Map((options.directories ?? []).map((directory) => [directory.tenantId, directory]));
  return {
    directory: (tenantId) => directories.get(tenantId),
    directories: () => [...directories.values()],
    deeds: (tenantId) => {
      const directory = directories.get(tenantId);
      if (directory === undefined) throw new RangeError(`Tenant ${tenantId} has no directory in the sandbox.`);
      return deedsOf(directory, options.clock.now);
    },
    put: (directory) => {
      directories.set(directory.tenantId, directory);
    },
  };
}
