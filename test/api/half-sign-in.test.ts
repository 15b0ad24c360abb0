// One browser that several people use: a sign-in that is half done is good for nothing once somebody signs out or begins another.
import { beforeEach, expect, it } from 'vitest';
import { accountRoutes } from '../../functions/account.ts';
import type { Reply } from '../../functions/route.ts';
import { secondFactorRoutes } from '../../functions/second-factor.ts';
import { goodPassword } from '../use-cases/manager-world.ts';
import { address, type FactorWorld, makeFactorWorld, monaMail } from '../use-cases/second-factor-world.ts';
import { companyId } from '../use-cases/sync-world.ts';

let world: FactorWorld;
let secret: string;
beforeEach(async () => {
  world = await makeFactorWorld();
  ({ secret } = await world.withFactor());
});

/** @param managerStep what the browser has of a sign-in that is half done */
async function call(name: string, body: unknown, managerStep: string | null): Promise<Reply> {
  const found = [...accountRoutes, ...secondFactorRoutes].find((route) => route.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  const starter = { startSync: async () => undefined, startProbe: async () => undefined, startDecisionJob: async () => undefined };
  const nobody = { kind: 'person', tenantId: '', objectId: '', name: '', appRoles: [] } as const;
  return await found.handle({
    ports: world.ports,
    starter,
    principal: nobody,
    roles: new Set(),
    company: null,
    state: null,
    params: {},
    query: {},
    body,
    ifMatch: '',
    idempotencyKey: null,
    manager: null,
    managerSession: null,
    managerStep,
    managerDevice: null,
    address,
  });
}

const stepIn = ({ cookies = [] }: Reply) => cookies.find(({ name }) => name === '__Host-muster-manager-step');
const signIn = async (step: string | null) =>
  stepIn(await call('signInManager', { companyId, mail: monaMail, password: goodPassword }, step))?.value ?? '';
const enterCode = async (step: string) => await call('enterCode', { code: world.code(secret) }, step);
const expired = { code: 'sign-in-expired' };

it('goes on with the code as long as nobody ended it', async () => {
  const reply = await enterCode(await signIn(null));
  expect(reply.status).toBe(204);
  expect(stepIn(reply)).toMatchObject({ value: '', maxAge: 0 });
});

it('ends when somebody signs out, also for whoever kept the cookie', async () => {
  const step = await signIn(null);
  expect(stepIn(await call('signOutManager', undefined, step))).toMatchObject({ value: '', maxAge: 0 });
  await expect(enterCode(step)).rejects.toMatchObject(expired);
});

it('ends when the same browser begins another one', async () => {
  const step = await signIn(null);
  const next = await signIn(step);
  await expect(enterCode(step)).rejects.toMatchObject(expired);
  expect((await enterCode(next)).status).toBe(204);
});
