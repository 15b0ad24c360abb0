// Makes a company's directory from a seed. Objects are computed when they are asked for, so 300,000 users cost next to nothing until they are served.
import { castMember, castSize } from './awkward-cast.ts';
import { bulkAccount } from './bulk-accounts.ts';
import { type Commit, type Directory, makeDirectory } from './directory.ts';
import type { Baseline, ManagerReference, Snapshot } from './directory-object.ts';
import type { SeedAccount, SeedOptions } from './directory-source.ts';
import { makeObjectIds } from './object-ids.ts';
import { makeOrganisation } from './organisation.ts';
import { makePeople } from './people.ts';
import { chance, seedFrom } from './random.ts';
import { applySeededHistory } from './seeded-history.ts';

/** Snapshots of the first objects are kept; the rest of a large directory is made anew each time. */
const kept = 6_000;
const contactOrdinals = 0xc000_0000;
const personTruth = { kind: 'person', purpose: 'user' } as const;

/** A seeded directory with its history (renames, a re-created account); `commits` replaces that history when a saved world is loaded. */
export function seedDirectory(options: SeedOptions, commits?: readonly Commit[]): Directory {
  const baseline = seededBaseline(options);
  const identity = {
    tenantId: options.tenantId,
    domain: options.domain,
    displayName: options.companyName ?? options.domain,
    source: { kind: 'seed', options } as const,
  };
  if (commits !== undefined) return makeDirectory({ ...identity, baseline, commits });
  const directory = makeDirectory({ ...identity, baseline });
  applySeededHistory(directory, options.accounts?.length ?? 0);
  return directory;
}

function seededBaseline(options: SeedOptions): Baseline {
  const { domain, users, accounts = [] } = options;
  const seed = seedFrom(`${options.tenantId} ${options.seed}`);
  const ids = makeObjectIds(seed);
  const firstBulk = accounts.length + castSize;
  const people = makePeople({ domain, companyName: options.companyName ?? domain, seed });
  const organisation = makeOrganisation({ accounts: accounts.length, cast: castSize, users, seed });
  const fixedIds = new Map(accounts.map((account, ordinal) => [account.objectId, ordinal]));
  const cache: (Snapshot | undefined)[] = [];

  const idAt = (ordinal: number) => accounts[ordinal]?.objectId ?? ids.at(ordinal);
  const managerAt = (ordinal: number): ManagerReference | null => {
    const manager = organisation.managerAt(ordinal);
    return manager === null ? null : { id: idAt(manager), type: 'user' };
  };
  const castContext = {
    domain,
    idAt: (role: number) => idAt(accounts.length + role),
    headId: organisation.head === null ? null : idAt(organisation.head),
    contactId: ids.at(contactOrdinals),
  };
  const personAt = (ordinal: number): Snapshot => {
    const aside = chance(seed + 22, ordinal);
    const place = { enabled: aside >= 0.02, licensed: aside < 0.02 || aside >= 0.04, titled: aside < 0.04 || aside >= 0.05 };
    const fields = people.fields({ id: idAt(ordinal), number: ordinal, level: organisation.levelAt(ordinal), ...place });
    return { fields, manager: managerAt(ordinal), state: 'live', truth: personTruth };
  };
  const make = (ordinal: number): Snapshot => {
    const account = accounts[ordinal];
    if (account !== undefined) return withAccount(personAt(ordinal), account);
    if (ordinal < firstBulk) return castMember(ordinal - accounts.length, castContext);
    return bulkAccount(organisation.kindAt(ordinal), { ordinal, id: idAt(ordinal), domain, seed, people }) ?? personAt(ordinal);
  };
  const at = (ordinal: number): Snapshot => (ordinal < kept ? (cache[ordinal] ??= make(ordinal)) : make(ordinal));
  const isCast = (ordinal: number) => ordinal >= accounts.length && ordinal < firstBulk;
  const isBulkPerson = (ordinal: number) => ordinal >= firstBulk && organisation.kindAt(ordinal) === 'person';
  return {
    count: users,
    live: users,
    at,
    idAt,
    stateAt: () => 'live',
    managerAt: (ordinal) => {
      if (isCast(ordinal)) return at(ordinal).manager;
      return organisation.kindAt(ordinal) === 'person' ? managerAt(ordinal) : null;
    },
    userPrincipalNameAt: (ordinal) =>
      isBulkPerson(ordinal) ? people.userPrincipalName(ordinal) : (at(ordinal).fields.userPrincipalName ?? ''),
    ordinalOf: (id) => {
      const ordinal = fixedIds.get(id) ?? ids.ordinalOf(id);
      return ordinal !== undefined && ordinal < users && idAt(ordinal) === id ? ordinal : undefined;
    },
  };
}

/** A person under the names of somebody who can sign in. */
function withAccount(person: Snapshot, { displayName, userPrincipalName }: SeedAccount): Snapshot {
  const [givenName = '', surname = ''] = displayName.split(' ');
  const [mailNickname = ''] = userPrincipalName.split('@');
  const mailbox = { mail: userPrincipalName, mailNickname, proxyAddresses: [`SMTP:${userPrincipalName}`], accountEnabled: true };
  return { ...person, fields: { ...person.fields, displayName, givenName, surname, userPrincipalName, ...mailbox } };
}
