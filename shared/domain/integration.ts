// The link between a company and one Microsoft 365 tenant: its states, what may happen in each, and what an admin is told.
import type { AccessOwner } from '../ports/directory.ts';

export const integrationStates = ['notConnected', 'checking', 'connected', 'failed', 'accessLost', 'disconnected'] as const;
export type IntegrationState = (typeof integrationStates)[number];

export const integrationEvents = ['link', 'probeSucceeded', 'probeFailed', 'accessLost', 'accessRestored', 'disconnect'] as const;
export type IntegrationEvent = (typeof integrationEvents)[number];

/** `refused`: the event cannot happen in that state; the caller answers with a conflict. */
export const integrationTransitions: Readonly<Record<IntegrationState, Readonly<Record<IntegrationEvent, IntegrationState | 'refused'>>>> =
  {
    notConnected: {
      link: 'checking',
      probeSucceeded: 'refused',
      probeFailed: 'refused',
      accessLost: 'refused',
      accessRestored: 'refused',
      disconnect: 'refused',
    },
    checking: {
      link: 'checking',
      probeSucceeded: 'connected',
      probeFailed: 'failed',
      accessLost: 'accessLost',
      accessRestored: 'refused',
      disconnect: 'disconnected',
    },
    connected: {
      link: 'checking',
      probeSucceeded: 'connected',
      probeFailed: 'failed',
      accessLost: 'accessLost',
      accessRestored: 'connected',
      disconnect: 'disconnected',
    },
    failed: {
      link: 'checking',
      probeSucceeded: 'connected',
      probeFailed: 'failed',
      accessLost: 'accessLost',
      accessRestored: 'connected',
      disconnect: 'disconnected',
    },
    accessLost: {
      link: 'checking',
      probeSucceeded: 'connected',
      probeFailed: 'failed',
      accessLost: 'accessLost',
      accessRestored: 'connected',
      disconnect: 'disconnected',
    },
    disconnected: {
      link: 'checking',
      probeSucceeded: 'refused',
      probeFailed: 'refused',
      accessLost: 'refused',
      accessRestored: 'refused',
      disconnect: 'disconnected',
    },
  };

/** What stands between the company and its tenant, in words for an admin. */
export interface IntegrationProblem {
  readonly owner: AccessOwner;
  readonly code: string | null;
  readonly sentence: string;
  readonly nextStep: string;
}

export interface Integration {
  readonly state: IntegrationState;
  /** Kept after a disconnect: a company can only ever reconnect to the tenant its people came from. */
  readonly tenantId: string | null;
  /** As seen at the sign-in that proved the tenant, such as `contoso.com`. */
  readonly tenantName: string | null;
  readonly linkedAt: string | null;
  readonly linkedBy: string | null;
  readonly checkedAt: string | null;
  readonly problem: IntegrationProblem | null;
}

export const unlinked: Integration = {
  state: 'notConnected',
  tenantId: null,
  tenantName: null,
  linkedAt: null,
  linkedBy: null,
  checkedAt: null,
  problem: null,
};

export interface Link {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly by: string;
  readonly at: string;
}

/** Joins a tenant. `otherTenant`: this company's people came from a different one (docs/decisions/0004). */
export function link(integration: Integration, { tenantId, tenantName, by, at }: Link): Integration | 'otherTenant' {
  if (integration.tenantId !== null && integration.tenantId !== tenantId) return 'otherTenant';
  return { ...integration, state: 'checking', tenantId, tenantName, linkedAt: at, linkedBy: by, checkedAt: null, problem: null };
}

/** Applies an event other than `link`; the same integration when the event is refused in its state. */
export function advance(
  integration: Integration,
  event: Exclude<IntegrationEvent, 'link'>,
  { at, problem = null }: { readonly at: string; readonly problem?: IntegrationProblem | null },
): Integration {
  const next = integrationTransitions[integration.state][event];
  if (next === 'refused') return integration;
  return { ...integration, state: next, checkedAt: at, problem: next === 'failed' || next === 'accessLost' ? problem : null };
}

/** Whether the company belongs to a tenant whose changes arrive, or will when its access is mended. */
export const isLinked = ({ state }: Pick<Integration, 'state'>): boolean => state !== 'notConnected' && state !== 'disconnected';

/** True while syncs may run: consent was given and nobody took it back on purpose. */
export function mayBeSynced(integration: Integration): boolean {
  return integration.state === 'connected' || integration.state === 'accessLost';
}

const nextSteps: Readonly<Record<AccessOwner, string>> = {
  ours: 'Nothing to do on your side: the operator of this service has been told and your data stays as it is.',
  theirs:
    'Ask a Global Administrator of the tenant to open "Integrate M365" again and accept. Nobody is removed in the meantime and all decisions are kept.',
  gone: 'Check that the tenant still exists. If it was moved or deleted, disconnect this company; all decisions are kept.',
};

/** Words the problem for the admin who has to act on it. */
export function problemOf(owner: AccessOwner, detail: { readonly code: string | null; readonly sentence: string }): IntegrationProblem {
  return { owner, code: detail.code, sentence: detail.sentence, nextStep: nextSteps[owner] };
}
