// From the link in an invitation to an account, and from a forgotten password to a new one: what a link opens, it opens once.
import { passwordContextOf } from './password-context.ts';
import { explainPassword, normalisePassword, whyPasswordRefused } from '../domain/password.ts';
import { Refusal } from '../domain/errors.ts';
import { nextAccountState, reviewAccess } from '../domain/manager-account.ts';
import { displayNameOf, shortLine } from '../domain/person-text.ts';
import { splitToken } from '../domain/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import { type AccountToken, forgetToken, readToken, type TokenPurpose } from '../storage/account-tokens.ts';
import { type ManagerAccount, readAccount, writeAccount } from '../storage/manager-accounts.ts';
import { readCompany } from '../storage/companies.ts';
import type { User } from '../domain/user.ts';
import type { Effect } from '../storage/outbox.ts';
import { requireUsers } from './company-users.ts';
import { withEffects } from './effects.ts';
import { matchesHash } from './hashing.ts';
import { readManagerFacts } from './manager-facts.ts';

export interface LinkUse {
  readonly token: string;
  readonly password: string;
}

interface OpenedLink {
  readonly companyId: string;
  readonly tokenId: string;
  readonly token: AccountToken;
  readonly account: ManagerAccount;
  readonly etag: string;
  readonly user: User;
}

/** Unknown, used, replaced, expired and foreign links get one answer. */
export const deadLink = () => new Refusal('link-expired');

/** What a link opens, if it is still good. @throws Refusal `link-expired` */
export async function openLink(ports: Ports, text: string, purpose: TokenPurpose): Promise<OpenedLink> {
  const shown = splitToken(text);
  const found = shown && (await readToken(ports.tables, shown.id));
  if (!shown || !found || found.value.purpose !== purpose || !matchesHash(shown.secret, found.value.secretHash)) throw deadLink();
  const token = found.value;
  if (Date.parse(token.expiresAt) <= ports.clock.now().getTime()) throw deadLink();
  const [stored, opened] = await Promise.all([
    readAccount(ports.tables, token.companyId, token.objectId),
    requireUsers(ports, token.companyId),
  ]);
  const facts = (await readManagerFacts(ports, opened, [token.objectId])).get(token.objectId);
  if (!stored || facts === undefined) throw deadLink();
  // Whoever is no manager any more must not come in by an old mail.
  if (reviewAccess(facts.user, facts.reports) === 'accessEnded') throw deadLink();
  return { companyId: token.companyId, tokenId: shown.id, token, account: stored.value, etag: stored.etag, user: facts.user };
}

/** @throws Refusal `password-refused` with the sentence that says why */
export async function requirePassword(
  ports: Ports,
  { companyId, user }: { readonly companyId: string; readonly user: User },
  password: string,
): Promise<string> {
  const company = await readCompany(ports.tables, companyId);
  const problem = whyPasswordRefused(password, await passwordContextOf(user, company?.name ?? ''));
  if (problem !== null) throw new Refusal('password-refused', { detail: explainPassword(problem) });
  return await ports.passwords.hash(normalisePassword(password));
}

/** Writes what a link was good for. Of two uses at the same moment the account takes one: its ETag says so. */
async function settle(ports: Ports, link: OpenedLink, account: ManagerAccount, effect: Effect): Promise<void> {
  const { companyId } = link.token;
  const place = { table: 'managers', partition: companyId } as const;
  const outcome = await withEffects(
    ports,
    companyId,
    [place],
    async () => await writeAccount(ports.tables, companyId, { account, etag: link.etag, effects: [effect] }),
  );
  if (outcome === 'changed') throw deadLink();
  await forgetToken(ports.tables, link.tokenId);
}

/**
 * Accepts an invitation: sets the password, and the account is active.
 * @throws Refusal `link-expired`, `password-refused`
 */
export async function acceptInvitation(ports: Ports, { token, password }: LinkUse): Promise<{ readonly companyId: string }> {
  const link = await openLink(ports, token, 'invitation');
  const state = nextAccountState(link.account.state, 'accept');
  if (state === 'refused' || link.account.invitation?.tokenId !== link.tokenId) throw deadLink();
  const passwordHash = await requirePassword(ports, link, password);
  const at = ports.clock.now().toISOString();
  const { user, account } = link;
  await settle(
    ports,
    link,
    {
      ...account,
      state,
      stateSince: at,
      endedBecause: null,
      passwordHash,
      activeSince: at,
      knownAddress: user.fields.mail ?? account.knownAddress,
    },
    {
      kind: 'audit',
      entry: {
        auditId: ports.ids.newId(),
        companyId: link.token.companyId,
        at,
        by: displayNameOf(user.fields),
        action: 'managerAccepted',
        summary: `${shortLine(displayNameOf(user.fields), 80)} accepted the invitation to the User Portal.`,
        reason: null,
        objectIds: [user.objectId],
      },
    },
  );
  return { companyId: link.token.companyId };
}
