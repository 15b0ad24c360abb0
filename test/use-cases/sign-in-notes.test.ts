// What is kept of sign-ins: a line each, and a mail when the browser is a new one.
import { beforeEach, describe, expect, it } from 'vitest';
import { signInManager } from '../../shared/use-cases/manager-session.ts';
import { noteSignIn } from '../../shared/use-cases/sign-in-notes.ts';
import { personFields } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld } from './manager-world.ts';
import { companyId } from './sync-world.ts';

let world: ManagerWorld;
beforeEach(async () => {
  world = await makeManagerWorld();
  await world.decide('approve', 'mona');
  await world.activate('mona');
});

const signIn = async (device: string | null, password = goodPassword, mail = personFields('mona').mail ?? '') => {
  const { session } = await signInManager(world.ports, { companyId, mail, password, address: '198.51.100.7' });
  return await noteSignIn(world.ports, session, device);
};
const alerts = async () =>
  (await world.outgoing()).filter(({ content }) => content.kind === 'accountNotice' && content.what === 'signedInElsewhere');
const lines = async (action: string) => (await world.auditActions()).filter((each) => each === action).length;

describe('a sign-in', () => {
  it('is in the audit log, and told by mail from the second browser on', async () => {
    const first = await signIn(null);
    expect(await alerts()).toHaveLength(0);
    expect(await signIn(first)).toBe(first);
    expect(await alerts()).toHaveLength(0);
    const second = await signIn(null);
    expect(await alerts()).toHaveLength(1);
    expect([await signIn(first), await signIn(second)]).toEqual([first, second]);
    expect(await alerts()).toHaveLength(1);
    expect(await lines('managerSignedIn')).toBe(5);
  });

  it('with what another account’s browser keeps, or with nonsense, counts as one from a new browser', async () => {
    await signIn(null);
    expect(await signIn('nonsense')).not.toBe('nonsense');
    expect(await alerts()).toHaveLength(1);
  });

  it('remembers ten browsers', async () => {
    const first = await signIn(null);
    for (let number = 0; number < 10; number += 1) await signIn(null);
    expect((await world.account('mona')).devices).toHaveLength(10);
    await signIn(first);
    expect(await alerts()).toHaveLength(11);
  });

  it('that is refused is in the audit log without what was typed, whether there is such an account or not', async () => {
    await signIn(null, 'not the right words').catch(() => undefined);
    await signIn(null, goodPassword, 'nobody@contoso.example').catch(() => undefined);
    expect(await lines('managerSignInRefused')).toBe(2);
    expect(JSON.stringify(await world.lastAudit('managerSignInRefused'))).not.toMatch(/nobody|right words/);
  });
});
