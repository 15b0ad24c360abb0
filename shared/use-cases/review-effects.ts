// Changes of people that may change somebody's Manager Access are noted with the change itself, so that no crash loses them.
import { summarise } from '../domain/counts.ts';
import { type ReviewSubject, subjectsOf } from '../domain/manager-review.ts';
import type { Ports } from '../ports/ports.ts';
import { readSettings } from '../storage/companies.ts';
import { hasAccounts } from '../storage/manager-accounts.ts';
import { queueReviews } from '../storage/manager-reviews.ts';
import type { Effect } from '../storage/outbox.ts';
import { partitionOf, type UserChange } from '../storage/users.ts';
import { listManagers, type ManagerPage } from './list-managers.ts';
import { type RoundContext, totalsOf } from './round-context.ts';

/** Without accounts and without Managers Approval no change leads to anything: companies that use neither pay for neither. */
export async function reviewsMatter({ tables }: Pick<Ports, 'tables'>, companyId: string): Promise<boolean> {
  const [{ value: settings }, accounts] = await Promise.all([readSettings(tables, companyId), hasAccounts(tables, companyId)]);
  return settings.managersApproval || accounts;
}

/** Notes people who have to be looked at, as one effect. */
export function reviewEffect({ ids }: Pick<Ports, 'ids'>, companyId: string, subjects: readonly ReviewSubject[]): Effect {
  return { kind: 'review', reviewId: `review-${ids.newId()}`, companyId, subjects };
}

/** Whom the changes of one transaction concern. */
export function reviewEffects(ports: Pick<Ports, 'ids'>, companyId: string, changes: readonly UserChange[]): readonly Effect[] {
  const subjects = changes.flatMap(({ before, after }) => subjectsOf(before?.user, after.user));
  return subjects.length === 0 ? [] : [reviewEffect(ports, companyId, subjects)];
}

/** A first round looks at its managers once, at its end, and not at every report that comes. */
async function matterIn(context: RoundContext): Promise<boolean> {
  const { ports, companyId, settings, round, memory } = context;
  if (round.first) return false;
  // Asked again until there is one: the first invitation may go out while the stretch is at work.
  memory.reviewsMatter ||= settings.managersApproval || (await hasAccounts(ports.tables, companyId));
  return memory.reviewsMatter;
}

/** Whoever was approved while the first round ran may lead a team whose members came later. Repeating it is harmless. */
export async function reviewAfterFirstRound(context: RoundContext): Promise<void> {
  const { ports, companyId, settings, round } = context;
  if (!round.first || !settings.managersApproval || summarise(await totalsOf(context)).approved === 0) return;
  let cursor: string | null = null;
  do {
    const page: ManagerPage = await listManagers(ports, companyId, { limit: managersAtOnce, cursor });
    const subjects = page.managers.map(({ user }) => ({ managerId: user.objectId, reportId: null, gained: true }));
    await queueReviews(ports.tables, companyId, subjects);
    ({ cursor } = page);
  } while (cursor !== null);
}

const managersAtOnce = 500;

/** The effects of a round's changes. */
export async function reviewsOf(context: RoundContext): Promise<(changes: readonly UserChange[]) => readonly Effect[]> {
  const matters = await matterIn(context);
  return (changes) => (matters ? reviewEffects(context.ports, context.companyId, changes) : []);
}

/** Where the effects of `reviewsOf`, which was asked before, may wait. */
export function reviewPlaces({ scope, memory }: RoundContext, objectIds: readonly string[]) {
  if (!memory.reviewsMatter) return [];
  const partitions = [...new Set(objectIds.map((objectId) => partitionOf(scope, objectId)))];
  return partitions.map((partition) => ({ table: 'users', partition }) as const);
}
