// The second factor of a manager: who is asked for it, that a code works once, and what a guesser gets.
import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from 'otpauth';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { readAccount } from '../../shared/storage/manager-accounts.ts';
import { dropExpired } from '../../shared/use-cases/housekeeping.ts';
import { changePassword, signOutEverywhere } from '../../shared/use-cases/manager-password.ts';
import { managerOfSession, signInManager } from '../../shared/use-cases/manager-session.ts';
import { confirmOwnFactor, offerOwnFactor, removeOwnFactor, resetFactor, viewFactor } from '../../shared/use-cases/second-factor.ts';
import { confirmAtSignIn, enterCode, offerAtSignIn } from '../../shared/use-cases/second-factor-sign-in.ts';
import { goodPassword, userIdOf } from './manager-world.ts';
import { address, type FactorWorld, makeFactorWorld, stepMs } from './second-factor-world.ts';
import { companyId } from './sync-world.ts';

let world: FactorWorld;
beforeEach(async () => {
  world = await makeFactorWorld();
});

const minuteMs = 60_000;
const wrongCode = { code: 'wrong-code' };
const expired = { code: 'sign-in-expired' };
const reset = async () =>
  await resetFactor(world.ports, {
    companyId,
    userId: userIdOf('mona'),
    by: 'Avery Admin',
    state: await readCompanyState(world.ports.tables, companyId),
  });
const notices = async () => (await world.mails()).filter((mail) => mail.kind === 'accountNotice');

describe('S19 signing in with a second factor', () => {
  it('asks for a code after the password, and opens nothing before it', async () => {
    const { secret } = await world.withFactor();
    const { session: step, next } = await world.signIn();
    expect(next).toBe('secondFactor');
    expect(await world.isOpen(step)).toBe(false);
    const { session } = await enterCode(world.ports, { step, code: world.code(secret), address });
    expect(session).not.toBe(step);
    expect(await world.isOpen(session)).toBe(true);
    expect(await world.isOpen(step)).toBe(false);
  });

  it('gives another id each time: for the step, for the session, and for the next ones', async () => {
    const { secret, session: before } = await world.withFactor();
    const ids = new Set([before]);
    for (let time = 0; time < 3; time += 1) {
      const { session: step } = await world.signIn();
      const { session } = await enterCode(world.ports, { step, code: world.code(secret), address });
      ids.add(step).add(session);
      world.nextStep();
    }
    expect(ids.size).toBe(7);
  });

  it.each([
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ])('takes the code of %d steps from now: %s', async (steps, isTaken) => {
    const { secret } = await world.withFactor();
    world.ports.clock.advance(5 * stepMs);
    const result = await world.enter(world.code(secret, steps)).catch((error: unknown) => error);
    if (isTaken) expect(result).toEqual(expect.any(String));
    else expect(result).toMatchObject(wrongCode);
  });

  it('takes no code twice, and none from before the last one', async () => {
    const { secret } = await world.withFactor();
    world.ports.clock.advance(5 * stepMs);
    const [older, used] = [world.code(secret, -1), world.code(secret)];
    await world.enter(used);
    await expect(world.enter(used)).rejects.toMatchObject(wrongCode);
    await expect(world.enter(older)).rejects.toMatchObject(wrongCode);
    world.nextStep();
    await world.enter(world.code(secret));
  });

  it('does not take the code again that confirmed the factor', async () => {
    const { session } = await world.signIn();
    world.nextStep();
    const { secret } = await offerOwnFactor(world.ports, await world.manager(session), world.proof());
    const code = world.code(secret);
    await confirmOwnFactor(world.ports, await world.manager(session), { code, address });
    world.ports.clock.advance(1);
    await expect(world.enter(code)).rejects.toMatchObject(wrongCode);
  });

  it.each(['another step each', 'the same step'])('of two with one code at the same moment lets in one: %s', async (how) => {
    const { secret } = await world.withFactor();
    const one = (await world.signIn()).session;
    const steps = how === 'the same step' ? [one, one] : [one, (await world.signIn()).session];
    const code = world.code(secret);
    const results = await Promise.allSettled(steps.map(async (step) => await enterCode(world.ports, { step, code, address })));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('has a step of five minutes that works once, is good for no other step and cannot be guessed', async () => {
    const { secret, session } = await world.withFactor();
    const { session: step } = await world.signIn();
    await expect(offerAtSignIn(world.ports, step)).rejects.toMatchObject(expired);
    for (const guess of [null, '', 'x', session]) {
      await expect(enterCode(world.ports, { step: guess, code: world.code(secret), address })).rejects.toMatchObject(expired);
    }
    await enterCode(world.ports, { step, code: world.code(secret), address });
    world.nextStep();
    await expect(enterCode(world.ports, { step, code: world.code(secret), address })).rejects.toMatchObject(expired);
    const { session: late } = await world.signIn();
    world.ports.clock.advance(5 * minuteMs);
    await expect(enterCode(world.ports, { step: late, code: world.code(secret), address })).rejects.toMatchObject(expired);
    await dropExpired(world.ports);
    for await (const { row } of world.ports.tables.access.range({ partition: 'manager-step' })) expect(row).toBe('gone');
  });

  it.each<[string, () => Promise<void>]>([
    ['she is denied', async () => await world.decide('deny', 'mona')],
    ['an admin resets the factor', async () => await reset()],
    ['the company goes over to Microsoft', async () => await world.changeSettings({ managerSignIn: 'microsoft' })],
  ])('ends in the middle when %s', async (_, happen) => {
    const { secret } = await world.withFactor();
    const { session: step } = await world.signIn();
    world.ports.clock.advance(1000);
    await happen();
    await expect(enterCode(world.ports, { step, code: world.code(secret), address })).rejects.toMatchObject(expired);
  });

  it('answers the same whatever is wrong with a code', async () => {
    const { secret, recoveryCodes } = await world.withFactor();
    const used = world.code(secret);
    await world.enter(used);
    await world.enter(recoveryCodes[0] ?? '');
    const other = new Secret({ size: 20 }).base32;
    for (const code of [used, world.code(other), '000000', recoveryCodes[0] ?? '', 'aaaaaa-aaaaaa-aaaaaa-aaaaaa', '']) {
      const answer = await world.enter(code).catch((error: unknown) => error);
      expect(answer).toMatchObject({ code: 'wrong-code', details: {} });
      world.ports.clock.advance(minuteMs);
    }
  });

  it('says nothing about the factor to whoever has not the password', async () => {
    await world.withFactor();
    await expect(world.signIn('not the right words')).rejects.toMatchObject({ code: 'wrong-sign-in', details: {} });
  });
});

describe('guesses at the code', () => {
  const guessFor = async (days: number): Promise<number> => {
    let guesses = 0;
    const end = world.ports.clock.now().getTime() + days * 86_400_000;
    for (let number = 0; world.ports.clock.now().getTime() < end; number += 1) {
      // A new network for every guess, so that only the account stands in the way.
      const from = `2001:db8:0:${number.toString(16)}::1`;
      const refusal = await world
        .signIn(undefined, from)
        .then(
          async ({ session: step }) =>
            await enterCode(world.ports, { step, code: String(number % 1_000_000).padStart(6, '0'), address: from }),
        )
        .then(
          () => undefined,
          (error: unknown) => error as { code: string; details: { facts?: { waitSeconds?: number } } },
        );
      if (refusal?.code === 'wrong-code') guesses += 1;
      world.ports.clock.advance((refusal?.details.facts?.waitSeconds ?? 1) * 1000);
    }
    return guesses;
  };

  it('are some hundred a day, however often the right password comes in between: 10,000 take months', async () => {
    await world.withFactor();
    const guesses = await guessFor(7);
    expect(guesses).toBeGreaterThan(7 * 50);
    expect(guesses).toBeLessThan(7 * 110);
  });

  it('that are made all at once do not slip through together', async () => {
    await world.withFactor();
    const { session: step } = await world.signIn();
    const guesses = Array.from(
      { length: 60 },
      async (_, number) => await enterCode(world.ports, { step, code: String(100_000 + number), address }),
    );
    const outcomes = await Promise.allSettled(guesses);
    const looked = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && (outcome.reason as { code?: string }).code === 'wrong-code',
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(looked.length).toBeLessThanOrEqual(6);
  });

  it('are not forgotten over the right password in a session that somebody took over', async () => {
    const { session } = await world.withFactor();
    const manager = await world.manager(session);
    const [guess, change] = [world.proof({ code: '000000' }), { current: goodPassword, password: 'too short', address }];
    for (let number = 0; number < 5; number += 1) {
      await expect(removeOwnFactor(world.ports, manager, guess)).rejects.toMatchObject(wrongCode);
      const problem = number === 4 ? 'too-many-attempts' : 'password-refused';
      await expect(changePassword(world.ports, manager, change)).rejects.toMatchObject({ code: problem });
    }
    await expect(removeOwnFactor(world.ports, manager, guess)).rejects.toMatchObject({ code: 'too-many-attempts' });
  });

  it('do not keep her out for longer than the wait, and are forgotten when she is in', async () => {
    const { secret } = await world.withFactor();
    for (let guess = 0; guess < 12; guess += 1) {
      await world.enter('000000').catch(() => undefined);
      world.ports.clock.advance(15 * minuteMs);
    }
    await world.enter(world.code(secret));
    world.nextStep();
    await expect(world.enter('000000')).rejects.toMatchObject(wrongCode);
    await world.enter(world.code(secret));
  });

  it('count for the address they come from, with those at other accounts', async () => {
    const { secret } = await world.withFactor();
    const { session: step } = await world.signIn(undefined, '203.0.113.9');
    for (let number = 0; number < 50; number += 1) {
      const request = { companyId, mail: `nobody${number}@contoso.example`, password: 'wrong', address };
      await expect(signInManager(world.ports, request)).rejects.toMatchObject({ code: 'wrong-sign-in' });
    }
    const enter = async (from: string) => await enterCode(world.ports, { step, code: world.code(secret), address: from });
    await expect(enter(address)).rejects.toMatchObject({ code: 'too-many-attempts' });
    await enter('203.0.113.9');
  });

  it('that were right cost their address nothing: many sign in from one office', async () => {
    const { secret } = await world.withFactor();
    for (let number = 0; number < 120; number += 1) {
      await world.enter(world.code(secret));
      world.nextStep();
    }
  });
});

describe('S19 a company that requires a second factor', () => {
  beforeEach(async () => await world.changeSettings({ secondFactorRequired: true }));

  it('lets a manager without one set it up after the password, and do nothing else', async () => {
    const { session: step, next } = await world.signIn();
    expect(next).toBe('secondFactorSetup');
    expect(await world.isOpen(step)).toBe(false);
    await expect(enterCode(world.ports, { step, code: '123456', address })).rejects.toMatchObject(expired);
    await expect(confirmAtSignIn(world.ports, { step, code: '123456', address })).rejects.toMatchObject({ code: 'no-second-factor' });
    const { secret, uri } = await offerAtSignIn(world.ports, step);
    expect(uri).toBe(`otpauth://totp/Muster:mona%40contoso.example?issuer=Muster&secret=${secret}&algorithm=SHA1&digits=6&period=30`);
    expect(Secret.fromBase32(secret).bytes.length * 8).toBe(160);
    await expect(confirmAtSignIn(world.ports, { step, code: '123456', address })).rejects.toMatchObject(wrongCode);
    const { session, recoveryCodes } = await confirmAtSignIn(world.ports, { step, code: world.code(secret), address });
    expect(recoveryCodes).toHaveLength(10);
    expect(session).not.toBe(step);
    expect(await world.isOpen(session)).toBe(true);
    await expect(offerAtSignIn(world.ports, step)).rejects.toMatchObject(expired);
    expect((await world.signIn()).next).toBe('secondFactor');
    expect(await notices()).toMatchObject([{ what: 'secondFactorChanged' }]);
    expect(await world.auditActions()).toContain('secondFactorSet');
  });

  it('lets nobody who has the password alone replace a factor that was set up meanwhile', async () => {
    const [mine, theirs] = [(await world.signIn()).session, (await world.signIn()).session];
    const { secret } = await offerAtSignIn(world.ports, mine);
    await confirmAtSignIn(world.ports, { step: mine, code: world.code(secret), address });
    await expect(offerAtSignIn(world.ports, theirs)).rejects.toMatchObject(expired);
    await expect(confirmAtSignIn(world.ports, { step: theirs, code: world.code(secret, 1), address })).rejects.toMatchObject(expired);
  });

  it('keeps it from being removed; it can be replaced', async () => {
    const { session: step } = await world.signIn();
    const { secret } = await offerAtSignIn(world.ports, step);
    const { session } = await confirmAtSignIn(world.ports, { step, code: world.code(secret), address });
    world.nextStep();
    const proof = world.proof({ code: world.code(secret) });
    await expect(removeOwnFactor(world.ports, await world.manager(session), proof)).rejects.toMatchObject({
      code: 'second-factor-required',
    });
    expect(viewFactor(world.ports, await world.manager(session))).toMatchObject({ state: 'confirmed', isRequired: true });
    await offerOwnFactor(world.ports, await world.manager(session), proof);
    expect(viewFactor(world.ports, await world.manager(session))).toMatchObject({ state: 'replacing' });
  });

  it('ends no session by requiring it, and asks at the next sign-in; by no longer requiring it, it takes none away', async () => {
    await world.changeSettings({ secondFactorRequired: false });
    const { session, next } = await world.signIn();
    expect(next).toBeNull();
    await world.changeSettings({ secondFactorRequired: true });
    expect(await world.isOpen(session)).toBe(true);
    const { session: step } = await world.signIn();
    const { secret } = await offerAtSignIn(world.ports, step);
    await world.changeSettings({ secondFactorRequired: false });
    await confirmAtSignIn(world.ports, { step, code: world.code(secret), address });
    expect((await world.signIn()).next).toBe('secondFactor');
  });
});

describe('looking after the own second factor', () => {
  it('begins with the password, and with a code where there is a factor already', async () => {
    const { session } = await world.signIn();
    const manager = await world.manager(session);
    await expect(offerOwnFactor(world.ports, manager, world.proof({ password: 'not the right words' }))).rejects.toMatchObject({
      code: 'wrong-sign-in',
    });
    const { secret, session: later } = await world.withFactor();
    for (const code of [null, '000000']) {
      await expect(offerOwnFactor(world.ports, await world.manager(later), world.proof({ code }))).rejects.toMatchObject(wrongCode);
    }
    await offerOwnFactor(world.ports, await world.manager(later), world.proof({ code: world.code(secret) }));
  });

  it('keeps the old factor until a code of the new one was right', async () => {
    const { secret: old, session } = await world.withFactor();
    const { secret } = await offerOwnFactor(world.ports, await world.manager(session), world.proof({ code: world.code(old) }));
    world.nextStep();
    await expect(world.enter(world.code(secret))).rejects.toMatchObject(wrongCode);
    await world.enter(world.code(old));
    await confirmOwnFactor(world.ports, await world.manager(session), { code: world.code(secret), address });
    world.nextStep();
    await expect(world.enter(world.code(old))).rejects.toMatchObject(wrongCode);
    await world.enter(world.code(secret));
  });

  it('ends the other sessions with each change, says so by mail and writes it down', async () => {
    const { secret, session } = await world.withFactor();
    const other = await world.enter(world.code(secret));
    world.nextStep();
    const removed = await removeOwnFactor(world.ports, await world.manager(session), world.proof({ code: world.code(secret) }));
    expect([await world.isOpen(other), await world.isOpen(session), await world.isOpen(removed.session)]).toEqual([false, false, true]);
    expect(viewFactor(world.ports, await world.manager(removed.session))).toEqual({
      state: 'none',
      confirmedAt: null,
      recoveryCodesLeft: 0,
      isRequired: false,
    });
    expect((await world.signIn()).next).toBeNull();
    expect(await notices()).toHaveLength(2);
    expect(await world.auditActions()).toEqual(expect.arrayContaining(['secondFactorSet', 'secondFactorRemoved']));
  });

  it('can be left to an admin, who ends the sessions with it', async () => {
    const { session } = await world.withFactor();
    world.ports.clock.advance(1000);
    await reset();
    expect(await world.isOpen(session)).toBe(false);
    expect((await world.signIn()).next).toBeNull();
    expect(await world.auditActions()).toContain('secondFactorReset');
    expect(await notices()).toHaveLength(2);
    await expect(reset()).rejects.toMatchObject({ code: 'no-second-factor' });
  });

  it('changes nothing for a session that ends at the same moment, and opens no new one', async () => {
    const { secret, session } = await world.withFactor();
    const manager = await world.manager(session);
    const offer = await offerOwnFactor(world.ports, manager, world.proof({ code: world.code(secret) }));
    world.nextStep();
    await signOutEverywhere(world.ports, manager);
    const proof = world.proof({ code: world.code(secret) });
    const over = { code: 'not-signed-in' };
    await expect(confirmOwnFactor(world.ports, manager, { code: world.code(offer.secret), address })).rejects.toMatchObject(over);
    await expect(offerOwnFactor(world.ports, manager, proof)).rejects.toMatchObject(over);
    await expect(removeOwnFactor(world.ports, manager, proof)).rejects.toMatchObject(over);
    const change = { current: goodPassword, password: 'granite otter violin meadow', address };
    await expect(changePassword(world.ports, manager, change)).rejects.toMatchObject(over);
    await world.enter(world.code(secret));
  });

  it.each(['ada', 'nobody'])('is not there to be reset for %s', async (name) => {
    const state = await readCompanyState(world.ports.tables, companyId);
    const request = { companyId, userId: userIdOf(name), by: 'Avery Admin', state };
    await expect(resetFactor(world.ports, request)).rejects.toMatchObject({ code: name === 'ada' ? 'no-second-factor' : 'not-found' });
  });

  it('forgets an offer after a quarter of an hour', async () => {
    const { session } = await world.signIn();
    const { secret } = await offerOwnFactor(world.ports, await world.manager(session), world.proof());
    world.ports.clock.advance(15 * minuteMs);
    await expect(confirmOwnFactor(world.ports, await world.manager(session), { code: world.code(secret), address })).rejects.toMatchObject({
      code: 'no-second-factor',
    });
  });
});

describe('recovery codes', () => {
  it('open the account once each, are ten, and are written down when used', async () => {
    const { recoveryCodes } = await world.withFactor();
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const [number, code] of recoveryCodes.entries()) {
      const session = await world.enter(number === 0 ? code.toUpperCase().replaceAll('-', ' ') : code);
      expect(viewFactor(world.ports, await world.manager(session)).recoveryCodesLeft).toBe(9 - number);
      await expect(world.enter(code)).rejects.toMatchObject(wrongCode);
    }
    expect((await world.auditActions()).filter((action) => action === 'recoveryCodeUsed')).toHaveLength(10);
  });

  it('of two uses at the same moment opens it once', async () => {
    const { recoveryCodes } = await world.withFactor();
    const [code = ''] = recoveryCodes;
    const results = await Promise.allSettled([world.enter(code), world.enter(code)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('are replaced together with the secret', async () => {
    const { secret, session, recoveryCodes } = await world.withFactor();
    const offer = await offerOwnFactor(world.ports, await world.manager(session), world.proof({ code: world.code(secret) }));
    await confirmOwnFactor(world.ports, await world.manager(session), { code: world.code(offer.secret), address });
    world.nextStep();
    await expect(world.enter(recoveryCodes[0] ?? '')).rejects.toMatchObject(wrongCode);
  });
});

describe('what is stored', () => {
  it('opens nothing: no secret, no recovery code, no session and no step', async () => {
    const { secret, session, recoveryCodes } = await world.withFactor();
    const { session: step } = await world.signIn();
    const account = await readAccount(world.ports.tables, companyId, 'mona');
    const stored = [JSON.stringify(account)];
    for (const partition of ['manager-session', 'manager-step', 'sign-in-attempts']) {
      for await (const { row, properties } of world.ports.tables.access.range({ partition }))
        stored.push(JSON.stringify([row, properties]));
    }
    const text = stored.join('\n');
    for (const word of [secret, session, step, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))]) {
      expect(text).not.toContain(word);
    }
  });

  it('is of no use under another key', async () => {
    const { secret } = await world.withFactor();
    const { session: step } = await world.signIn();
    const operation = { ...world.ports.operation, tokenSigningKey: 'another-signing-key-for-tests-of-32-characters' };
    const code = world.code(secret);
    await expect(enterCode({ ...world.ports, operation }, { step, code, address })).rejects.toMatchObject(wrongCode);
    expect(world.ports.logged).toMatchObject([{ level: 'error', facts: { companyId } }]);
    expect(await managerOfSession(world.ports, (await enterCode(world.ports, { step, code, address })).session)).toBeDefined();
  });
});
