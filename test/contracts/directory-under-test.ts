// What the directory contract needs from an implementation: the port itself, and a hand on the tenant behind it.
import type { Directory } from '../../shared/ports/directory.ts';
import type { DirectoryFields } from '../../shared/domain/user.ts';

/** Without licences, the one field that Graph shows in another form than Muster keeps. */
export type StatedFields = Omit<DirectoryFields, 'assignedLicenses'>;

export interface DirectoryUnderTest {
  readonly directory: Directory;
  /** The directory of another tenant, in which nobody lives. */
  readonly stranger: Directory;
  /** Creates a user and returns the object id. */
  readonly hire: (fields: StatedFields & { readonly displayName: string }, managerId: string | null) => string;
  readonly change: (objectId: string, fields: StatedFields) => void;
  readonly setManager: (objectId: string, managerId: string | null) => void;
  readonly softDelete: (objectId: string) => void;
  readonly purge: (objectId: string) => void;
  readonly restore: (objectId: string) => void;
  /** All links handed out so far become too old. */
  readonly outdateTokens: () => void;
  /** The next request is throttled for so many seconds. */
  readonly throttleNext: (seconds: number) => void;
  /** Takes our permission away. */
  readonly revoke: () => void;
  /** The tenant answers no list or count that is narrowed by the beginning of names. */
  readonly refuseFilters: () => void;
  readonly endChangeTracking: () => void;
  readonly stop: () => Promise<void>;
}

export interface DirectoryImplementation {
  readonly name: string;
  readonly start: () => Promise<DirectoryUnderTest>;
}
