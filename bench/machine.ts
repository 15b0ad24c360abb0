// Describes the machine and the programs a run was made with; figures mean little without it.
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly azurite: string;
}

export function describeMachine(): Machine {
  const processors = cpus();
  const azurite = createRequire(import.meta.url)('azurite/package.json') as { readonly version: string };
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
    node: process.versions.node,
    azurite: azurite.version,
  };
}
