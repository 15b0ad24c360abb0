// The User Portal's API as the browser of one manager calls it; the session is a cookie.
import type * as z from 'zod';
import type * as access from '../shared/contracts/manager-access.ts';
import type * as ownTeam from '../shared/contracts/own-team.ts';
import { ApiProblem } from './api.ts';
import type { Sandbox } from './sandbox.ts';
import { makeVisitor } from './visitor.ts';

/** Opens a browser in which nobody is signed in. */
export function makeManagerApi({ url, entra }: Pick<Sandbox, 'url' | 'entra'>) {
  // Managers sign in with a password: there is no account to choose at Entra.
  const browser = makeVisitor(entra.urls.browser, { account: '' });
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await browser.call(`${url}/api/v1/account${path}`, body === undefined ? {} : sent);
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new ApiProblem(response.status, answer);
    return answer as T;
  };
  return {
    acceptInvitation: async (body: z.input<typeof access.acceptance>) => await call<z.output<typeof access.accepted>>('/invitation', body),
    signIn: async (body: z.input<typeof access.signIn>) => await call<null>('/sign-in', body),
    team: async () => await call<z.output<typeof ownTeam.team>>('/team'),
    remind: async (body: z.input<typeof ownTeam.reminder> = {}) =>
      await call<z.output<typeof ownTeam.reminderResult>>('/team-reminders', body),
  };
}
