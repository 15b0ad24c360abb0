// Where a directory's baseline came from, in a form that can be written to a file and made into the same directory again.
import type { Snapshot } from './directory-object.ts';

/** A person of the directory who can also sign in, with a fixed object id. */
export interface SeedAccount {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
}

export interface SeedOptions {
  readonly tenantId: string;
  readonly domain: string;
  /** Shown as the tenant's name and as `companyName`. Default: the domain. */
  readonly companyName?: string;
  /** How many live users the directory starts with. */
  readonly users: number;
  readonly seed: number | string;
  /** Counted among `users`; the first is the head of the company. */
  readonly accounts?: readonly SeedAccount[];
}

export type DirectorySource =
  | { readonly kind: 'seed'; readonly options: SeedOptions }
  /** Objects read from an export, in order. */
  | { readonly kind: 'objects'; readonly objects: readonly Snapshot[] };
