// The states of the link between a company and its tenant: a total table, and what it means for syncs and for admins.
import { describe, expect, it } from 'vitest';
import {
  advance,
  type Integration,
  integrationEvents,
  integrationStates,
  integrationTransitions,
  link,
  mayBeSynced,
  problemOf,
  unlinked,
} from '../../shared/domain/integration.ts';
import { buildIntegration, tenantId } from '../builders.ts';

const at = '2026-03-02T09:00:00.000Z';
const problem = problemOf('theirs', { code: 'RequestDenied', sentence: 'Consent was taken back.' });
const events = integrationEvents.filter((event) => event !== 'link');

describe('the transitions', () => {
  it('are total', () => {
    for (const state of integrationStates)
      expect(Object.keys(integrationTransitions[state]).toSorted()).toEqual([...integrationEvents].toSorted());
  });

  it.each(integrationStates.flatMap((state) => events.map((event) => [state, event] as const)))('from %s at %s', (state, event) => {
    const before = buildIntegration({ state, problem, checkedAt: null });
    const after = advance(before, event, { at, problem });
    const next = integrationTransitions[state][event];
    if (next === 'refused') {
      expect(after).toBe(before);
      return;
    }
    const isWrong = next === 'failed' || next === 'accessLost';
    expect(after).toEqual({ ...before, state: next, checkedAt: at, problem: isWrong ? problem : null });
  });

  it('never forget the tenant', () => {
    let integration: Integration = buildIntegration({ state: 'checking' });
    for (const event of [...events, ...events.toReversed()]) {
      integration = advance(integration, event, { at });
      expect(integration.tenantId).toBe(tenantId);
    }
  });

  it('leave a disconnected company disconnected until somebody links it again', () => {
    for (const event of events) expect(advance(buildIntegration({ state: 'disconnected' }), event, { at }).state).toBe('disconnected');
  });
});

describe('linking', () => {
  const request = { tenantId, tenantName: 'contoso.example', by: 'Avery', at };
  it('starts checking, from any state and without old problems', () => {
    for (const state of integrationStates) {
      expect(link(buildIntegration({ state, problem, checkedAt: at }), request)).toEqual({
        state: 'checking',
        tenantId,
        tenantName: 'contoso.example',
        linkedAt: at,
        linkedBy: 'Avery',
        checkedAt: null,
        problem: null,
      });
    }
    expect(link(unlinked, request)).toMatchObject({ state: 'checking', tenantId });
  });

  it('refuses another tenant, also after a disconnect', () => {
    const other = { ...request, tenantId: '22222222-2222-4222-8222-222222222222' };
    for (const state of integrationStates) expect(link(buildIntegration({ state }), other)).toBe('otherTenant');
  });
});

it('syncs run while connected, and go on trying while access is lost', () => {
  expect(integrationStates.filter((state) => mayBeSynced(buildIntegration({ state })))).toEqual(['connected', 'accessLost']);
});

it('a problem keeps its cause and tells its owner what to do', () => {
  const problems = (['ours', 'theirs', 'gone'] as const).map((owner) => problemOf(owner, { code: 'AADSTS1', sentence: 'It failed.' }));
  for (const each of problems) expect(each).toMatchObject({ code: 'AADSTS1', sentence: 'It failed.' });
  expect(new Set(problems.map(({ nextStep }) => nextStep)).size).toBe(3);
});
