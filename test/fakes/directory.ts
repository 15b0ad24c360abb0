// Tenants' directories in memory, for use-case tests: a test moves people about and scripts failures. Held to the same contract suite as
// the Graph adapter (test/contracts/directory.test.ts).
import { mergeFields } from '../../shared/domain/directory-fields.ts';
import type { DirectoryFields } from '../../shared/domain/user.ts';
import type {
  Answer,
  DeltaEntry,
  DeltaPage,
  Directory,
  DirectoryFailure,
  DirectoryUsage,
  ListedUser,
  ManagerPage,
  ManagerStatement,
  OpenDirectory,
  UsersPage,
} from '../../shared/ports/directory.ts';

type RequestName = keyof Omit<Directory, 'usage'>;

/** What a test does to one tenant. Users are named by object id. */
export interface FakeTenant {
  /** Creates a user, or changes the named fields of one. */
  readonly put: (objectId: string, fields: DirectoryFields) => void;
  readonly setManager: (objectId: string, managerId: string | null) => void;
  readonly softDelete: (objectId: string) => void;
  readonly purge: (objectId: string) => void;
  readonly restore: (objectId: string) => void;
  /** The delta feed never mentions this user's manager, as observed in real tenants (docs/graph.md §0 fact 2). */
  readonly hideManagerFromDelta: (objectId: string) => void;
  /** Counted and in the feed, but in no list: what happens to names with characters nobody asks for. */
  readonly hideFromLists: (objectId: string) => void;
  /** `lookUp` cannot answer about this user. */
  readonly leaveUnanswered: (objectId: string) => void;
  /** Further entries at the end of the next round that starts: replays, unreadable ones, tombstones of strangers. */
  readonly addToNextRound: (...entries: readonly DeltaEntry[]) => void;
  /** The next requests of any kind fail like this, one each; `null` lets one through. */
  readonly failNext: (...failures: readonly (DirectoryFailure | null)[]) => void;
  /** Every request fails like this until `null` is given. */
  readonly failAlways: (failure: DirectoryFailure | null) => void;
  /** Every request of this name fails like this until `null` is given. */
  readonly failAll: (name: RequestName, failure: DirectoryFailure | null) => void;
  /** No link handed out so far is accepted any more. */
  readonly refuseTokens: () => void;
  /** Names of the requests made so far, in order. */
  readonly requests: readonly RequestName[];
}

export interface FakeDirectories {
  readonly open: OpenDirectory;
  readonly tenant: (tenantId: string) => FakeTenant;
}

interface Person {
  readonly fields: DirectoryFields;
  readonly state: 'live' | 'softDeleted' | 'purged';
  /** Version of the last change of any kind. */
  readonly changedIn: number;
  /** Every manager so far with the version that brought it. */
  readonly managers: readonly { readonly since: number; readonly managerId: string | null }[];
}

type Listed = Extract<ListedUser, { kind: 'live' }>;

type Position =
  | { readonly kind: 'page'; readonly entries: readonly DeltaEntry[]; readonly version: number }
  | { readonly kind: 'delta'; readonly since: number }
  | { readonly kind: 'users' | 'managers'; readonly entries: readonly Listed[] };

const host = 'https://graph.fake/v1.0/';

/** @param pageSize entries per page of any list; small, so that tests meet several pages */
export function makeFakeDirectories({ pageSize = 3 }: { readonly pageSize?: number } = {}): FakeDirectories {
  const tenants = new Map<string, ReturnType<typeof makeTenant>>();
  const known = (tenantId: string) => {
    const tenant = tenants.get(tenantId) ?? makeTenant(tenantId, pageSize);
    tenants.set(tenantId, tenant);
    return tenant;
  };
  return { open: (tenantId) => known(tenantId).open(), tenant: (tenantId) => known(tenantId).control };
}

function makeTenant(tenantId: string, pageSize: number): { readonly control: FakeTenant; readonly open: () => Directory } {
  const people = new Map<string, Person>();
  const positions = new Map<string, Position>();
  const hidden = new Set<string>();
  const unlisted = new Set<string>();
  const unanswered = new Set<string>();
  const failures: (DirectoryFailure | null)[] = [];
  const added: DeltaEntry[] = [];
  const requests: RequestName[] = [];
  const broken = new Map<RequestName, DirectoryFailure>();
  let lasting: DirectoryFailure | null = null;
  let version = 0;
  let links = 0;

  const change = (objectId: string, update: Partial<Person>): void => {
    version += 1;
    const before = people.get(objectId) ?? { fields: {}, state: 'live', managers: [] };
    people.set(objectId, { ...before, ...update, changedIn: version });
  };
  const control: FakeTenant = {
    put: (objectId, fields) => change(objectId, { fields: mergeFields(people.get(objectId)?.fields ?? {}, fields) }),
    setManager: (objectId, managerId) =>
      change(objectId, { managers: [...(people.get(objectId)?.managers ?? []), { since: version + 1, managerId }] }),
    softDelete: (objectId) => change(objectId, { state: 'softDeleted' }),
    purge: (objectId) => change(objectId, { state: 'purged' }),
    restore: (objectId) => change(objectId, { state: 'live' }),
    hideManagerFromDelta: (objectId) => hidden.add(objectId),
    hideFromLists: (objectId) => unlisted.add(objectId),
    leaveUnanswered: (objectId) => unanswered.add(objectId),
    addToNextRound: (...entries) => added.push(...entries),
    failNext: (...next) => failures.push(...next),
    failAlways: (failure) => {
      lasting = failure;
    },
    failAll: (name, failure) => void (failure === null ? broken.delete(name) : broken.set(name, failure)),
    refuseTokens: () => positions.clear(),
    requests,
  };

  /** The characters are those a careless client would spoil. */
  const linkTo = (position: Position): string => {
    links += 1;
    const link = `${host}users/delta?$token=${tenantId.slice(0, 8)}.${links}+/%2B==`;
    positions.set(link, position);
    return link;
  };
  const managerAt = (person: Person, at: number) => person.managers.findLast(({ since }) => since <= at)?.managerId ?? null;
  const managerStatement = (objectId: string, person: Person, since: number): ManagerStatement | null => {
    const unchanged = since > 0 && !person.managers.some((entry) => entry.since > since);
    if (unchanged || hidden.has(objectId)) return null;
    const [before, now] = [managerAt(person, since), managerAt(person, version)];
    if (now !== null) return { kind: 'set', managerId: now };
    return before === null ? null : { kind: 'removed', managerIds: [before] };
  };
  const entryOf = (objectId: string, person: Person, since: number): DeltaEntry => {
    if (person.state !== 'live') return { kind: 'tombstone', objectId, reason: person.state === 'purged' ? 'final' : 'restorable' };
    const manager = managerStatement(objectId, person, since);
    const live = { kind: 'live', objectId, fields: person.fields } as const;
    return manager === null ? live : { ...live, manager };
  };
  const startRound = (since: number): Position => {
    const changed = [...people].filter(([, person]) => (since === 0 ? person.state === 'live' : person.changedIn > since));
    return { kind: 'page', entries: [...changed.map(([id, person]) => entryOf(id, person, since)), ...added.splice(0)], version };
  };
  const live = () => [...people].filter(([, person]) => person.state === 'live');
  /** Everybody has a user principal name; people a test gave none have one that begins with their id. */
  const named = (prefix: string) =>
    live().filter(([id, { fields }]) => (fields.userPrincipalName ?? `${id}@fake.example`).toLowerCase().startsWith(prefix.toLowerCase()));
  const listed = (prefix: string): readonly Listed[] =>
    named(prefix).flatMap(([objectId, person]) => {
      if (unlisted.has(objectId)) return [];
      const stated = Object.entries(person.fields).filter(([, value]) => value !== null && value !== undefined);
      const fields = Object.fromEntries(stated) as DirectoryFields;
      return [{ kind: 'live', objectId, fields, managerId: managerAt(person, version) }];
    });
  const listPage = (kind: 'users' | 'managers', link: string | null, prefix: string) => {
    const position = link === null ? { kind, entries: listed(prefix) } : positions.get(link);
    if (position?.kind !== kind) return refused(link);
    const rest = position.entries.slice(pageSize);
    const nextLink = rest.length > 0 ? linkTo({ kind, entries: rest }) : null;
    return { ok: true, value: { entries: position.entries.slice(0, pageSize), nextLink } } as const;
  };

  const open = (): Directory => {
    const usage = { requests: 0, retries: 0, throttledMs: 0 };
    const answer = <T>(name: RequestName, value: () => Answer<T>): Answer<T> => {
      usage.requests += 1;
      requests.push(name);
      const failure = failures.shift() ?? lasting ?? broken.get(name) ?? null;
      const answered: Answer<T> = failure === null ? value() : { ok: false, failure };
      if (!answered.ok && answered.failure.kind === 'throttled') usage.throttledMs += answered.failure.retryAfterMs;
      return answered;
    };
    return {
      deltaPage: async (link) =>
        answer<DeltaPage>('deltaPage', () => {
          const known = link === null ? startRound(0) : positions.get(link);
          const position = known?.kind === 'delta' ? startRound(known.since) : known;
          if (position?.kind !== 'page') return refused(link);
          const rest = position.entries.slice(pageSize);
          const next =
            rest.length > 0
              ? ({ kind: 'nextLink', link: linkTo({ ...position, entries: rest }) } as const)
              : ({ kind: 'deltaLink', link: linkTo({ kind: 'delta', since: position.version }) } as const);
          return { ok: true, value: { entries: position.entries.slice(0, pageSize), next } };
        }),
      startDelta: async () => answer('startDelta', () => ({ ok: true, value: linkTo({ kind: 'delta', since: version }) })),
      usersPage: async (link, prefix) => answer<UsersPage>('usersPage', () => listPage('users', link, prefix)),
      managerPage: async (link, prefix = '') => answer<ManagerPage>('managerPage', () => listPage('managers', link, prefix)),
      lookUp: async (objectIds) => {
        if (objectIds.length > 20) throw new RangeError('At most 20 object ids can be looked up at once.');
        const asked = objectIds.filter((objectId) => !unanswered.has(objectId));
        const found = asked.map((objectId) => [objectId, people.get(objectId)?.state === 'live' ? 'exists' : 'absent'] as const);
        return answer('lookUp', () => ({ ok: true, value: new Map(found) }));
      },
      countUsers: async () => answer('countUsers', () => ({ ok: true, value: live().length })),
      countByPrefix: async (prefixes) => {
        if (prefixes.length > 20) throw new RangeError('At most 20 prefixes can be counted at once.');
        return answer('countByPrefix', () => ({ ok: true, value: new Map(prefixes.map((prefix) => [prefix, named(prefix).length])) }));
      },
      probe: async () => answer('probe', () => ({ ok: true, value: null })),
      usage: (): DirectoryUsage => ({ ...usage }),
    };
  };
  return { control, open };
}

/** A link of ours that is not known any more is refused; one that was never ours must not be followed. */
function refused(link: string | null): Answer<never> {
  const detail = { status: 400, code: 'Request_UnsupportedQuery', requestId: null, sentence: 'The position is not accepted.' };
  return { ok: false, failure: { kind: link?.startsWith(host) === true ? 'tokenRefused' : 'broken', detail } };
}
