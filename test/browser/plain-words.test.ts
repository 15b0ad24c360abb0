// What the pages say about an integration, a running round and an address.
import { describe, expect, it } from 'vitest';
import { makeFormat } from '../../portal/format.ts';
import { viewIntegration } from '../../portal/integration-words.ts';
import { pathOf, placeOf, signInPath } from '../../portal/routing.ts';
import { barOf, nextRoundSentence, pollDelay, progressSentence } from '../../portal/sync-words.ts';
import { integrationStates } from '../../shared/domain/integration.ts';
import { userStatuses } from '../../shared/domain/user-lists.ts';
import { accessLost, companyId, idle, integration, running } from './stub-company.ts';

const format = makeFormat('en', 'UTC');
const now = new Date('2026-03-12T09:00:00Z');
const unlinked = { ...integration, state: 'notConnected' as const, tenantName: null, tenantId: null, linkedAt: null };

describe('an integration', () => {
  it('names the tenant once it is connected, and can be disconnected', () => {
    expect(viewIntegration(integration)).toMatchObject({
      headline: 'Connected to contoso.com',
      nextStep: null,
      canIntegrate: false,
      canDisconnect: true,
    });
  });

  it('says the cause and the next step when access is lost', () => {
    const view = viewIntegration(accessLost);
    expect(view.sentence).toBe('The consent for Muster was withdrawn in the tenant.');
    expect(view.nextStep).toContain('Ask a Global Administrator');
    expect(view.canIntegrate).toBe(true);
  });

  it('does not ask the customer for consent while the cause is ours', () => {
    const ours = { owner: 'ours' as const, code: null, sentence: 'Our credential was refused.', nextStep: 'Nothing to do on your side.' };
    expect(viewIntegration({ ...accessLost, problem: ours }).canIntegrate).toBe(false);
  });

  it('offers Integrate M365 before the first connection and after a disconnect, and no disconnect then', () => {
    for (const each of [unlinked, { ...integration, state: 'disconnected' as const }]) {
      expect(viewIntegration(each)).toMatchObject({ canIntegrate: true, canDisconnect: false });
    }
  });

  it('always says what to do next unless all is well', () => {
    for (const state of integrationStates.filter((each) => each !== 'connected')) {
      expect(viewIntegration({ ...unlinked, state }).nextStep).toBeTruthy();
    }
  });
});

describe('a running round', () => {
  const round = running.running;
  if (round === null) throw new Error('The canned progress is running.');

  it('tells how far, how fast and how long', () => {
    expect(progressSentence(format, round)).toBe('Reading users · 1,204 of about 5,000 users · 311 a second · about 13 s left');
    expect(barOf(round)).toEqual({ value: 1204, max: 5000 });
  });

  it('promises nothing it does not know', () => {
    const unknown = { ...round, expected: null, usersPerSecond: null, secondsLeft: null };
    expect(progressSentence(format, unknown)).toBe('Reading users · 1,204 users');
    expect(barOf(unknown).value).toBeNull();
  });

  it('shows no speed while managers are found, and never a bar beyond its end', () => {
    expect(progressSentence(format, { ...round, phase: 'managers' })).toBe('Finding managers · 1,204 of about 5,000 users');
    expect(barOf({ ...round, users: 5200 })).toEqual({ value: 5000, max: 5000 });
  });

  it('is asked for every second, an idle sync seldom', () => {
    expect(pollDelay(running)).toBe(1000);
    expect(pollDelay({ ...idle, willRunAgain: true })).toBe(1000);
    expect(pollDelay(idle)).toBeGreaterThan(1000);
    expect(pollDelay(null)).toBeGreaterThan(1000);
  });

  it('is followed by the next one, unless the schedule is paused', () => {
    expect(nextRoundSentence(format, idle, now)).toBe('Next round in 15 minutes.');
    expect(nextRoundSentence(format, idle, new Date('2026-03-12T09:16:00Z'))).toBe('The next round is due now.');
    expect(nextRoundSentence(format, { ...idle, paused: true }, now)).toContain('paused');
  });
});

describe('addresses', () => {
  it('lead to every section of a company and back', () => {
    for (const section of ['overview', 'settings', 'activity', ...userStatuses] as const) {
      expect(placeOf(pathOf(companyId, section))).toEqual({ kind: 'company', companyId, section });
    }
    expect(placeOf('/')).toEqual({ kind: 'companies' });
  });

  it.each([
    '/companies',
    '/companies/short',
    `/companies/${companyId}/constructor`,
    `/companies/${companyId}/pending/more`,
    '/docs',
    '/sign-in',
  ])('know nothing of %s', (path) => {
    expect(placeOf(path)).toEqual({ kind: 'unknown' });
  });

  it('come back after signing in', () => {
    expect(new URL(signInPath(pathOf(companyId, 'pending')), 'http://localhost').searchParams.get('return')).toBe(
      `/companies/${companyId}/pending`,
    );
  });
});
