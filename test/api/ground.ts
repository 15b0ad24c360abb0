// Where wrong requests are tried: a company with people in it, asked by the admin of its MSP.
import { expect } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import { openStage, type Stage, type StageCompany } from '../scenarios/stage.ts';
import { type Cast, gatherCast } from './cast.ts';
import { type Answer, expectProblem, send, type Wire } from './send.ts';

export interface Ground {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly company: StageCompany;
  /** Address of the company. */
  readonly base: string;
  readonly ask: (method: string, path: string, rest?: Partial<Wire>) => Promise<Answer>;
  readonly createCompany: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** The pending users as they were in the beginning. */
  readonly userAt: (index: number) => UserView;
  /** A user as it is now. */
  readonly userNow: (index: number) => Promise<UserView>;
  readonly settingsEtag: () => Promise<string>;
}

export async function openGround(): Promise<Ground> {
  const stage = await openStage();
  const cast = await gatherCast(stage);
  const company = cast.connected;
  const { companyId, admin } = company;
  const users = await admin.allUsers(companyId);
  const base = `/api/v1/companies/${companyId}`;
  const { token } = cast.actor('MSP admin');
  const ask: Ground['ask'] = async (method, path, rest = {}) => await send(stage.sandbox, { method, path, token, ...rest });
  const userAt = (index: number): UserView => {
    const user = users[index];
    if (!user) throw new Error(`There is no user ${index}.`);
    return user;
  };
  return {
    stage,
    cast,
    company,
    base,
    ask,
    createCompany: async (body, headers = {}) => await ask('POST', `/api/v1/msps/${cast.mspId}/companies`, { body, headers }),
    userAt,
    userNow: async (index) => await admin.user(companyId, userAt(index).userId),
    settingsEtag: async () => (await ask('GET', `${base}/settings`)).headers.get('etag') ?? '',
  };
}

/** Expects that a request was refused as not valid, for exactly these fields. */
export function refusedWith(answer: Answer, ...pointers: readonly string[]): void {
  expect(answer.status).toBe(400);
  expect(expectProblem(answer, 'invalid-request')).toEqual(pointers);
}
