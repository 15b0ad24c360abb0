// One tenant's directory: an unchanging baseline plus a log of numbered changes, so that any past version can be read again (which is what delta needs).
import type { Baseline, Change, ChangeKind, ManagerReference, ObjectState, Snapshot } from './directory-object.ts';
import type { DirectorySource } from './directory-source.ts';
import { makeObjectIds } from './object-ids.ts';
import { seedFrom } from './random.ts';

/** One remembered version of an object. */
interface Revision {
  readonly version: number;
  readonly snapshot: Snapshot;
}

/** Prefixes whose users are remembered; a load in parts asks for some hundreds. */
const keptPrefixes = 1_000;

/** A change with what the object became by it; a list of these restores a directory. */
export interface Commit extends Change {
  readonly snapshot: Snapshot;
}

/** A tenant's directory. Ordinals number its objects from 0 and are never reused; versions number its changes from 1. */
export interface Directory {
  readonly tenantId: string;
  readonly displayName: string;
  /** Default verified domain. */
  readonly domain: string;
  readonly source: DirectorySource;
  /** Differs between directories that do not share their past; delta tokens of one are worthless to the other. */
  readonly generation: number;
  readonly version: () => number;
  /** The last version committed at or before a time (milliseconds). */
  readonly versionAt: (time: number) => number;
  /** How many objects had ever existed at a version. */
  readonly objectCount: (version?: number) => number;
  /** Users that are neither soft-deleted nor purged, now. */
  readonly liveCount: () => number;
  /** The object at a version (default: now), or undefined when it did not exist yet. */
  readonly snapshot: (ordinal: number, version?: number) => Snapshot | undefined;
  /** Cheaper than `snapshot` when the rest is not needed. */
  readonly state: (ordinal: number, version?: number) => ObjectState | undefined;
  readonly manager: (ordinal: number, version?: number) => ManagerReference | null;
  /** The object's versions from the one in force at `from` (if it existed) up to `to`, oldest first. */
  readonly history: (ordinal: number, from: number, to: number) => readonly Snapshot[];
  /** True when the object is as the baseline has it at this version; its rendering may then be kept. */
  readonly isUntouched: (ordinal: number, version: number) => boolean;
  readonly idAt: (ordinal: number) => string;
  readonly ordinalOfId: (id: string) => number | undefined;
  /**
   * Ordinals that may have a user principal name with this beginning (lower case), ascending: the baseline's, of which it is sure,
   * and every object created or changed since.
   */
  readonly ordinalsByPrefix: (prefix: string) => readonly number[];
  /** Changes with `from` < version ≤ `to`. */
  readonly changes: (from: number, to: number) => readonly Change[];
  /** The id the next created object gets. */
  readonly nextId: () => string;
  /** Commits a new version of an object, or a new object when `ordinal` is `objectCount()`. */
  readonly commit: (change: Omit<Commit, 'version'>) => void;
  /** Every change with its result, oldest first. */
  readonly commits: () => readonly Commit[];
}

/** Opens a directory on a baseline, with the commits of an earlier life if there are any. */
export function makeDirectory(options: {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
  readonly source: DirectorySource;
  readonly baseline: Baseline;
  readonly commits?: readonly Commit[];
}): Directory {
  const { tenantId, displayName, domain, source, baseline } = options;
  const log: Commit[] = [];
  const revisions = new Map<number, Revision[]>();
  const createdVersions: number[] = [];
  const createdIds = new Map<string, number>();
  const newIds = makeObjectIds(seedFrom(`${tenantId} created`));
  let live = baseline.live;
  const prefixes = makePrefixIndex(baseline);
  const candidates = new Map<string, { readonly version: number; readonly ordinals: readonly number[] }>();

  const objectCount = (version = log.length) => baseline.count + countUpTo(createdVersions, version);
  const revised = (ordinal: number, version: number): Snapshot | undefined =>
    revisions.get(ordinal)?.findLast((revision) => revision.version <= version)?.snapshot;
  const snapshot = (ordinal: number, version = log.length): Snapshot | undefined =>
    revised(ordinal, version) ?? (ordinal < baseline.count ? baseline.at(ordinal) : undefined);
  const commit = (change: Omit<Commit, 'version'>): void => {
    const before = snapshot(change.ordinal);
    if (before === undefined && change.ordinal !== objectCount())
      throw new RangeError(`Object ${change.ordinal} does not exist in ${tenantId}.`);
    const version = log.length + 1;
    if (before === undefined) {
      createdVersions.push(version);
      createdIds.set(change.snapshot.fields.id, change.ordinal);
    }
    live += Number(change.snapshot.state === 'live') - Number(before?.state === 'live');
    log.push({ ...change, version });
    const known = revisions.get(change.ordinal);
    if (known === undefined) revisions.set(change.ordinal, [{ version, snapshot: change.snapshot }]);
    else known.push({ version, snapshot: change.snapshot });
  };
  for (const { version: _, ...change } of options.commits ?? []) commit(change);

  return {
    tenantId,
    displayName,
    domain,
    source,
    generation: seedFrom(JSON.stringify(source)),
    version: () => log.length,
    versionAt: (time) => log.findLastIndex((change) => change.at <= time) + 1,
    objectCount,
    liveCount: () => live,
    snapshot,
    state: (ordinal, version = log.length) =>
      revised(ordinal, version)?.state ?? (ordinal < baseline.count ? baseline.stateAt(ordinal) : undefined),
    manager: (ordinal, version = log.length) => {
      const revision = revised(ordinal, version);
      if (revision !== undefined) return revision.manager;
      return ordinal < baseline.count ? baseline.managerAt(ordinal) : null;
    },
    history: (ordinal, from, to) => {
      const start = snapshot(ordinal, from);
      const later = (revisions.get(ordinal) ?? []).filter((revision) => revision.version > from && revision.version <= to);
      return [...(start === undefined ? [] : [start]), ...later.map((revision) => revision.snapshot)];
    },
    isUntouched: (ordinal, version) =>
      ordinal < baseline.count && (revisions.get(ordinal)?.[0]?.version ?? Number.POSITIVE_INFINITY) > version,
    idAt: (ordinal) => (ordinal < baseline.count ? baseline.idAt(ordinal) : (snapshot(ordinal)?.fields.id ?? newIds.at(ordinal))),
    ordinalOfId: (id) => createdIds.get(id) ?? baseline.ordinalOf(id),
    ordinalsByPrefix: (prefix) => {
      const known = candidates.get(prefix);
      if (known?.version === log.length) return known.ordinals;
      const ordinals = mergeAscending(
        prefixes(prefix),
        [...revisions.keys()].toSorted((a, b) => a - b),
      );
      if (candidates.size >= keptPrefixes) candidates.clear();
      candidates.set(prefix, { version: log.length, ordinals });
      return ordinals;
    },
    changes: (from, to) => log.slice(from, to),
    nextId: () => newIds.at(objectCount()),
    commit,
    commits: () => log,
  };
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Two ascending lists as one, without repeats. */
function mergeAscending(first: readonly number[], second: readonly number[]): readonly number[] {
  if (second.length === 0) return first;
  return [...new Set([...first, ...second])].toSorted((a, b) => a - b);
}

/** Long lists are found by narrowing the next shorter prefix's list, so that a page of a part never walks the whole directory. */
function makePrefixIndex(baseline: Baseline): (prefix: string) => readonly number[] {
  const groups = new Map<string, readonly number[]>();
  const nameAt = (ordinal: number) => baseline.userPrincipalNameAt(ordinal).toLowerCase();
  let initials: ReadonlyMap<string, readonly number[]> | undefined;
  const narrowed = (prefix: string): readonly number[] => {
    if (prefix.length <= 1) {
      initials ??= Map.groupBy(Array(baseline.count).keys(), (ordinal) => nameAt(ordinal).charAt(0));
      return initials.get(prefix) ?? [];
    }
    const known = groups.get(prefix);
    if (known !== undefined) return known;
    const ordinals = narrowed(prefix.slice(0, -1)).filter((ordinal) => nameAt(ordinal).startsWith(prefix));
    if (groups.size >= keptPrefixes) groups.clear();
    groups.set(prefix, ordinals);
    return ordinals;
  };
  return narrowed;
}

/** What kind of change turns one state of an object into another. */
export function changeKind(before: Snapshot | undefined, after: Snapshot): ChangeKind {
  if (before === undefined) return 'created';
  if (after.state === 'purged') return 'purged';
  if (after.state === 'deleted') return 'deleted';
  return before.state === 'live' ? 'changed' : 'restored';
}
