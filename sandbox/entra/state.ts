// The part of the stand-in that outlives a restart: its signing key (so that tokens in caches stay good) and who has consented.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

const stateSchema = z.object({
  signingKey: z.record(z.string(), z.unknown()).optional(),
  servicePrincipals: z.record(
    z.string(),
    z.object({
      objectId: z.string(),
      enabled: z.boolean(),
      grants: z.array(z.object({ role: z.string(), effectiveFrom: z.number() })),
    }),
  ),
});

/** The app's presence in one tenant, made by consent. */
export type ServicePrincipal = Readonly<z.infer<typeof stateSchema>['servicePrincipals'][string]>;

export interface KeptState {
  /** Private key as JWK, absent before the first start. */
  readonly signingKey: () => Record<string, unknown> | undefined;
  readonly keepSigningKey: (privateJwk: Record<string, unknown>) => void;
  readonly servicePrincipal: (tenantId: string) => ServicePrincipal | undefined;
  readonly keepServicePrincipal: (tenantId: string, servicePrincipal: ServicePrincipal) => void;
  readonly dropServicePrincipal: (tenantId: string) => void;
}

/**
 * Opens the state kept in `file`; without a file it lives in memory only.
 * @throws Error when the file exists but does not hold such a state.
 */
export function openState(file?: string): KeptState {
  const state = file === undefined ? { servicePrincipals: {} } : read(file);
  const save = (): void => {
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    // Written beside and renamed, so that a crash leaves the old state and not half of a new one.
    writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    signingKey: () => state.signingKey,
    keepSigningKey: (privateJwk) => {
      state.signingKey = privateJwk;
      save();
    },
    servicePrincipal: (tenantId) => state.servicePrincipals[tenantId],
    keepServicePrincipal: (tenantId, servicePrincipal) => {
      state.servicePrincipals[tenantId] = { ...servicePrincipal };
      save();
    },
    dropServicePrincipal: (tenantId) => {
      delete state.servicePrincipals[tenantId];
      save();
    },
  };
}

function read(file: string): z.infer<typeof stateSchema> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { servicePrincipals: {} };
    throw error;
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} does not hold the Entra stand-in's state; delete it to start afresh.`, { cause });
  }
}
