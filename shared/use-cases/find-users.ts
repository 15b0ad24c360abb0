// Finds people of a company by what another system knows of them: our user id, the directory's object id, or the mail address.
import pLimit from 'p-limit';
import { mailKey } from '../domain/user-lists.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { type CompanyUsers, objectIdOf } from './company-users.ts';

/** Exactly one of the three. */
export type UserReference = { readonly userId: string } | { readonly objectId: string } | { readonly mail: string };

export type FoundUser = { readonly kind: 'found'; readonly user: User } | { readonly kind: 'unknown' | 'ambiguous' };

const parallelLookUps = 16;
/** More people with one address than this are not told apart in any case. */
const sameMailLimit = 20;
const unknown: FoundUser = { kind: 'unknown' };

/** Everybody with this mail address; people who have left only when nobody else has it. */
export async function usersWithMail(
  { index }: Pick<Ports, 'index'>,
  { scope, users }: CompanyUsers,
  mail: string,
): Promise<readonly User[]> {
  const key = mailKey(mail);
  if (key === '') return [];
  const { entries } = await index(scope, 'mail').read({ key, limit: sameMailLimit });
  const rows = await users.readMany(entries.map(({ id }) => id));
  const candidates = [...rows.values()].flatMap(({ user }) => (mailKey(user.fields.mail) === key ? [user] : []));
  // Somebody who has left does not keep the address from the one who has it now.
  const here = candidates.filter(({ presence }) => presence !== 'removed');
  return here.length > 0 ? here : candidates;
}

async function findByMail(ports: Pick<Ports, 'index'>, opened: CompanyUsers, mail: string): Promise<FoundUser> {
  const [user, ...others] = await usersWithMail(ports, opened, mail);
  if (user === undefined) return unknown;
  return others.length > 0 ? { kind: 'ambiguous' } : { kind: 'found', user };
}

/** Finds many people; the answers are in the order of the questions. People of other companies are unknown. */
export async function findUsers(
  ports: Pick<Ports, 'index'>,
  opened: CompanyUsers,
  references: readonly UserReference[],
): Promise<readonly FoundUser[]> {
  const idOf = (reference: UserReference) =>
    'userId' in reference ? objectIdOf(opened.scope, reference.userId) : 'objectId' in reference ? reference.objectId : undefined;
  const ids = new Set(references.map(idOf).filter((objectId) => objectId !== undefined));
  const byId = await opened.users.readMany([...ids]);
  const limit = pLimit(parallelLookUps);
  const mails = new Set(references.flatMap((reference) => ('mail' in reference ? [mailKey(reference.mail)] : [])));
  const byMail = new Map(
    await Promise.all([...mails].map((mail) => limit(async () => [mail, await findByMail(ports, opened, mail)] as const))),
  );
  return references.map((reference): FoundUser => {
    if ('mail' in reference) return byMail.get(mailKey(reference.mail)) ?? unknown;
    const stored = byId.get(idOf(reference) ?? '');
    return stored ? { kind: 'found', user: stored.user } : unknown;
  });
}
