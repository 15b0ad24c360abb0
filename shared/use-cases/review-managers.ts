// Looks at managers about whom something has changed: ends or restores their access, invites them where the company wants that, and tells
// them when the address they sign in with is another one. Live sign-ins need none of this: each request looks for itself.
import pLimit from 'p-limit';
import { explainEnd, reviewOutcome } from '../domain/manager-review.ts';
import { nextAccountState } from '../domain/manager-account.ts';
import { displayNameOf, shortLine } from '../domain/person-text.ts';
import { mailKey } from '../domain/user-lists.ts';
import type { Company } from '../domain/company.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompany } from '../storage/companies.ts';
import { type CompanyState, readCompanyState } from '../storage/company-state.ts';
import { type ManagerAccount, noAccount, readAccount } from '../storage/manager-accounts.ts';
import { dropReviews, type WaitingReview, waitingReviews } from '../storage/manager-reviews.ts';
import type { Effect } from '../storage/outbox.ts';
import { accountAudit, type AccountChange, changeAccount, endingSessions } from './account-change.ts';
import { type CompanyUsers, openUsers, userIdOf } from './company-users.ts';
import { inviteManagers } from './manager-access.ts';
import { type ManagerFacts, readManagerFacts } from './manager-facts.ts';
import { mailsTo } from './notices.ts';

interface Scene {
  readonly ports: Ports;
  readonly company: Company;
  readonly state: CompanyState;
  readonly opened: CompanyUsers;
}

const by = 'Muster';
const teamsNamed = 3;

/** Who leads the people who left a team, for the audit log: "Gus Hall leads 3 of them now." */
async function newManagersOf({ opened }: Scene, lost: readonly string[]): Promise<string> {
  const people = await opened.users.readMany(lost);
  const present = [...people.values()].filter(({ user }) => user.presence === 'present' && user.managerId !== null);
  const byManager = Map.groupBy(present, ({ user }) => user.managerId ?? '');
  const managers = await opened.users.readMany([...byManager.keys()].slice(0, teamsNamed));
  const sentences = [...managers].map(
    ([objectId, { user }]) =>
      `${shortLine(displayNameOf(user.fields), 80)} leads ${byManager.get(objectId)?.length ?? 0} of the former team now.`,
  );
  return sentences.join(' ');
}

/** Ends or restores access; an invitation that ended opens nothing any more. */
function withOutcome(
  scene: Scene,
  account: ManagerAccount,
  { user }: ManagerFacts,
  outcome: 'suspended' | 'invitationEnded' | 'restored',
  moved: { readonly sentence: string; readonly ids: readonly string[] },
): AccountChange | undefined {
  const { ports, company } = scene;
  const event = outcome === 'restored' ? 'accessRegained' : 'accessEnded';
  const state = nextAccountState(account.state, event);
  if (state === 'refused' || state === account.state) return undefined;
  const at = ports.clock.now().toISOString();
  const why = outcome === 'restored' ? null : explainEnd(user);
  const audit = (action: 'managerSuspended' | 'managerInvitationEnded' | 'managerRestored', summary: (name: string) => string) =>
    accountAudit(ports, {
      companyId: company.companyId,
      user,
      by,
      action,
      summary,
      reason: [why, moved.sentence].filter((text) => text !== null && text !== '').join(' ') || null,
      others: moved.ids,
    });
  const changed = { ...account, state, endedBecause: why, stateSince: at };
  switch (outcome) {
    case 'suspended':
      return {
        account: endingSessions(changed),
        effects: [audit('managerSuspended', (name) => `Access of ${name} to the User Portal ended.`)],
      };
    case 'invitationEnded':
      return { account: changed, effects: [audit('managerInvitationEnded', (name) => `The invitation of ${name} ended.`)] };
    case 'restored':
      return { account: changed, effects: [audit('managerRestored', (name) => `${name} has access to the User Portal again.`)] };
  }
}

/** Tells both addresses when the directory has another one for somebody who signs in with it. */
function withAddress({ ports, company }: Scene, account: ManagerAccount, { user }: ManagerFacts): AccountChange | undefined {
  const { companyId, name: companyName } = company;
  const former = account.knownAddress;
  const present = user.fields.mail ?? null;
  if (account.state !== 'active' || former === null || present === null || mailKey(former) === mailKey(present)) return undefined;
  const name = displayNameOf(user.fields);
  const signInUrl = `${ports.operation.publicUrl}/account/sign-in`;
  const mails: readonly Effect[] = mailsTo(
    ports,
    companyId,
    [former, present].map((address) => ({ address, name })),
    { kind: 'addressChanged', companyName, name, former, present, signInUrl },
    'account',
  );
  const summary = (person: string) => `${person} signs in to the User Portal with another mail address.`;
  const audit = accountAudit(ports, { companyId, user, by, action: 'managerAddressChanged', summary });
  return { account: { ...account, knownAddress: present }, effects: [...mails, audit] };
}

/** One person, on all that waited about them. */
async function reviewOne(scene: Scene, facts: ManagerFacts, reviews: readonly WaitingReview[]): Promise<void> {
  const { ports, company, state } = scene;
  const { companyId } = company;
  const { objectId } = facts.user;
  const subjects = reviews.map(({ subject }) => subject);
  const reportsOf = (gained: boolean) =>
    subjects.flatMap((subject) => (subject.gained === gained && subject.reportId !== null ? [subject.reportId] : []));
  const account = (await readAccount(ports.tables, companyId, objectId))?.value;
  const outcomeFor = (present: ManagerAccount) =>
    reviewOutcome({
      ...facts,
      state: present.state,
      gained: new Set(reportsOf(true)),
      isNew: subjects.some(({ reportId, gained }) => reportId === null && gained),
      managersApproval: state.settings.managersApproval,
      wasRevoked: present.wasRevoked,
    });
  const outcome = outcomeFor(account ?? noAccount(objectId));
  if (outcome === 'invite') {
    const request = { companyId, companyName: company.name, by, kind: 'invite', state } as const;
    await inviteManagers(ports, request, [{ userId: userIdOf(facts.user), mail: null }]);
  } else if (outcome !== null) {
    const here = new Set(facts.people.flatMap(({ objectId: id, presence }) => (presence === 'present' ? [id] : [])));
    const lost = reportsOf(false).filter((id) => !here.has(id));
    const moved = { ids: lost, sentence: outcome === 'restored' ? '' : await newManagersOf(scene, lost) };
    await changeAccount(ports, companyId, objectId, (present) => {
      // Whoever was invited may have accepted by now.
      const latest = outcomeFor(present);
      return latest === null || latest === 'invite' ? undefined : withOutcome(scene, present, facts, latest, moved);
    });
  }
  if (account !== undefined) await changeAccount(ports, companyId, objectId, (present) => withAddress(scene, present, facts));
}

async function reviewCompany(ports: Ports, companyId: string, reviews: readonly WaitingReview[]): Promise<void> {
  const [company, state] = await Promise.all([readCompany(ports.tables, companyId), readCompanyState(ports.tables, companyId)]);
  const opened = await openUsers(ports, companyId, state);
  if (!company || !opened) return await dropReviews(ports.tables, reviews);
  const byManager = Map.groupBy(reviews, ({ subject }) => subject.managerId);
  const found = await readManagerFacts(ports, opened, [...byManager.keys()]);
  const scene: Scene = { ports, company, state, opened };
  const limit = pLimit(parallelReviews);
  await Promise.all(
    [...byManager].map(([managerId, waiting]) =>
      limit(async () => {
        const facts = found.get(managerId);
        // A manager may be somebody we never saw: a guest elsewhere, or a contact.
        if (facts) await reviewOne(scene, facts, waiting);
        await dropReviews(ports.tables, waiting);
      }),
    ),
  );
}

const parallelReviews = 4;
const reviewsAtOnce = 500;
const longestMs = 4 * 60_000;

/**
 * Does the reviews that wait, for as long as a timer may run; what is left waits for the next one. Safe beside itself: whatever it does,
 * it does under the account's ETag. One company's trouble does not stop the others.
 */
export async function reviewManagers(ports: Ports): Promise<void> {
  const until = ports.clock.now().getTime() + longestMs;
  const review = async (batch: readonly WaitingReview[]) => {
    for (const [companyId, reviews] of Map.groupBy(batch, (waiting) => waiting.companyId)) {
      try {
        await reviewCompany(ports, companyId, reviews);
      } catch (error) {
        ports.log('error', 'Managers could not be reviewed.', { companyId, error: error instanceof Error ? error.name : 'unknown' });
      }
    }
  };
  let batch: WaitingReview[] = [];
  const unreadable = (row: string) => ports.log('error', 'A review that waits cannot be read.', { row });
  for await (const waiting of waitingReviews(ports.tables, unreadable)) {
    // All that waits about one person is looked at together.
    const isOther = batch.at(-1)?.subject.managerId !== waiting.subject.managerId;
    if (batch.length >= reviewsAtOnce && isOther) {
      await review(batch);
      batch = [];
      if (ports.clock.now().getTime() >= until) return;
    }
    batch.push(waiting);
  }
  await review(batch);
}
