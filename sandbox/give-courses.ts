// The made-up training platform: gives a company's people their courses through the API, as the real one would.
import { localDay } from '../shared/domain/local-time.ts';
import { makeApi, type UserView } from './api.ts';
import type { Sandbox } from './sandbox.ts';
import { timeZone } from './seed.ts';
import { coursesOf } from './world/courses.ts';

/** As many as one call may carry. */
const itemsPerCall = 5_000;

/** Gives these people their courses as of today by the sandbox's clock. Returns how many were stored. */
export async function giveCourses(
  { url, clock, entra }: Pick<Sandbox, 'url' | 'clock' | 'entra'>,
  companyId: string,
  people: readonly Pick<UserView, 'userId'>[],
): Promise<number> {
  const platform = makeApi({ url, token: await entra.issueProgramToken() });
  const today = localDay(new Date(clock.now()), timeZone);
  const items = people.flatMap(({ userId }, person) => coursesOf(person, today).map((course) => ({ userId, version: 1, ...course })));
  let stored = 0;
  for (let start = 0; start < items.length; start += itemsPerCall) {
    stored += (await platform.stateAssignments(companyId, items.slice(start, start + itemsPerCall))).totals.created;
  }
  return stored;
}
