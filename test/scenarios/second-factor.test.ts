// A manager of a company that requires a second factor: from the invitation to the session, by the codes of an app.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import { accountOf } from '../../sandbox/people.ts';
import { letRobLead, makePortalCaller, type PortalCaller, tokenIn } from './user-portal.ts';
import { minute, openStage, type Stage, type StageCompany } from './stage.ts';

let stage: Stage;
let company: StageCompany;
let rob: UserView;
let portal: PortalCaller;
const password = 'stout heron ladder mosaic';

beforeAll(async () => {
  stage = await openStage();
  company = await stage.connectCompany({ name: 'Larch' });
  rob = await letRobLead(stage, company);
  await stage.changeSettings(company, { syncPaused: true, secondFactorRequired: true });
  portal = makePortalCaller(stage, stage.browserOf(accountOf(company.tenant, 'rob')));
});
afterAll(async () => await stage?.stop());

const code = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
    timestamp: stage.sandbox.clock.now(),
  });
const signIn = { companyId: '', mail: '', password };
let secret = '';
let recoveryCodes: readonly string[] = [];

describe('S19 a second factor', () => {
  it('S19 is set up after the first password, and opens the User Portal', async () => {
    const { admin, companyId } = company;
    Object.assign(signIn, { companyId, mail: rob.mail });
    await admin.call(`/companies/${companyId}/managers/${rob.userId}/invitation`, { method: 'POST', body: { mail: rob.mail } });
    await stage.passUntil(async () => stage.mailsTo(rob.mail ?? '').length > 0, 5 * minute);
    const token = tokenIn(stage.mailsTo(rob.mail ?? '')[0]);
    expect(await portal.post('account/invitation', { token, password })).toMatchObject({ status: 200 });
    await stage.pass(1000);
    expect(await portal.post('account/sign-in', signIn)).toMatchObject({ status: 200, body: { next: 'secondFactorSetup' } });
    expect((await portal.get('account')).status).toBe(401);
    const offer = await portal.post('account/sign-in/second-factor');
    expect(offer.body).toMatchObject({ uri: expect.stringMatching(/^otpauth:\/\/totp\/Muster:/) });
    secret = (offer.body as { secret: string }).secret;
    const confirmed = await portal.post('account/sign-in/second-factor/confirmation', { code: code(secret) });
    expect(confirmed.status).toBe(200);
    recoveryCodes = (confirmed.body as { recoveryCodes: readonly string[] }).recoveryCodes;
    expect(await portal.get('account')).toMatchObject({ status: 200, body: { mail: rob.mail } });
    expect(await portal.get('account/second-factor')).toMatchObject({
      body: { state: 'confirmed', recoveryCodesLeft: 10, isRequired: true },
    });
    await stage.passUntil(async () => stage.mailsTo(rob.mail ?? '').some(({ subject }) => subject.includes('second factor')), 5 * minute);
  });

  it('S19 is asked for at the next sign-in; a code works once, and every step has a new id', async () => {
    const former = portal.cookies();
    await stage.pass(minute);
    expect(await portal.post('account/sign-in', signIn)).toMatchObject({ body: { next: 'secondFactor' } });
    // The session that was there has ended with the new sign-in.
    expect((await portal.get('account')).status).toBe(401);
    const step = portal.cookies();
    const used = code(secret);
    expect((await portal.post('account/sign-in/code', { code: used })).status).toBe(204);
    const session = portal.cookies();
    expect(new Set([former, step, session].map(({ manager, step: half }) => manager ?? half)).size).toBe(3);
    expect(session.step).toBeUndefined();
    expect((await portal.get('account')).status).toBe(200);
    await portal.post('account/sign-in', signIn);
    expect(await portal.post('account/sign-in/code', { code: used })).toMatchObject({ status: 422, body: { code: 'wrong-code' } });
    expect((await portal.post('account/sign-in/code', { code: recoveryCodes[0] })).status).toBe(204);
    expect((await company.admin.audit(company.companyId)).map(({ action }) => action)).toContain('recoveryCodeUsed');
  });

  it('S19 is replaced after the password and a code, and not removed while it is required', async () => {
    await stage.pass(minute);
    const proof = { password, code: code(secret) };
    expect(await portal.post('account/second-factor/removal', proof)).toMatchObject({
      status: 409,
      body: { code: 'second-factor-required' },
    });
    const offer = await portal.post('account/second-factor/offer', proof);
    secret = (offer.body as { secret: string }).secret;
    expect((await portal.post('account/second-factor/confirmation', { code: code(secret) })).status).toBe(200);
    expect((await portal.get('account')).status).toBe(200);
    await stage.changeSettings(company, { secondFactorRequired: false });
    await stage.pass(minute);
    expect((await portal.post('account/second-factor/removal', { password, code: code(secret) })).status).toBe(204);
    expect(await portal.get('account/second-factor')).toMatchObject({ body: { state: 'none' } });
    expect(await portal.post('account/sign-in', signIn)).toMatchObject({ body: { next: null } });
  });

  it('S19 is reset by an admin, and then set up anew', async () => {
    const { admin, companyId } = company;
    const offer = await portal.post('account/second-factor/offer', { password });
    secret = (offer.body as { secret: string }).secret;
    await portal.post('account/second-factor/confirmation', { code: code(secret) });
    await stage.pass(minute);
    await admin.call(`/companies/${companyId}/managers/${rob.userId}/second-factor`, { method: 'DELETE' });
    expect((await portal.get('account')).status).toBe(401);
    await stage.changeSettings(company, { secondFactorRequired: true });
    expect(await portal.post('account/sign-in', signIn)).toMatchObject({ body: { next: 'secondFactorSetup' } });
    expect((await admin.audit(companyId)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['secondFactorSet', 'secondFactorRemoved', 'secondFactorReset']),
    );
  });
});
