// The integration in plain words: where it stands, why, what to do next, and which buttons make sense.
import { integrationTransitions } from '../shared/domain/integration.ts';
import type { Integration } from './api.ts';

export interface IntegrationView {
  readonly headline: string;
  readonly sentence: string;
  readonly nextStep: string | null;
  readonly canIntegrate: boolean;
  readonly canDisconnect: boolean;
}

type Told = Pick<IntegrationView, 'headline' | 'sentence' | 'nextStep'>;

function tell({ state, tenantName, problem }: Integration): Told {
  const tenant = tenantName ?? 'the tenant';
  switch (state) {
    case 'notConnected':
      return {
        headline: 'Connect Microsoft 365',
        sentence: 'This company is not connected to a Microsoft 365 tenant yet.',
        nextStep:
          'Choose Integrate M365 and accept as a Global Administrator of the tenant. Everybody found waits in Pending for Approval; nobody becomes active before an admin says yes.',
      };
    case 'checking':
      return {
        headline: `Checking the connection to ${tenant}`,
        sentence: 'Consent was given. Microsoft can take a few minutes to make it effective.',
        nextStep: 'Nothing to do: this page follows along, and the first sync starts by itself.',
      };
    case 'connected':
      return {
        headline: `Connected to ${tenant}`,
        sentence: 'The users of this company are kept in step with the tenant.',
        nextStep: null,
      };
    case 'failed':
      return {
        headline: `The connection to ${tenant} failed`,
        sentence: problem?.sentence ?? 'The permissions could not be confirmed.',
        nextStep: problem?.nextStep ?? 'Choose Integrate M365 to try again.',
      };
    case 'accessLost':
      return {
        headline: `Muster can no longer read ${tenant}`,
        sentence: problem?.sentence ?? 'The tenant refuses access.',
        nextStep: problem?.nextStep ?? 'Choose Integrate M365 to give access again. Nobody is removed in the meantime.',
      };
    case 'disconnected':
      return {
        headline: 'Disconnected',
        sentence: 'No sync runs. All users, decisions and their history are kept.',
        nextStep:
          tenantName === null ? 'Choose Integrate M365 to connect again.' : `Choose Integrate M365 to connect to ${tenantName} again.`,
      };
  }
}

/** What the page says about an integration. */
export function viewIntegration(integration: Integration): IntegrationView {
  const { state, problem } = integration;
  return {
    ...tell(integration),
    // While the cause is on our side, giving consent once more would change nothing.
    canIntegrate: state !== 'connected' && state !== 'checking' && !(state === 'accessLost' && problem?.owner === 'ours'),
    canDisconnect: state !== 'disconnected' && integrationTransitions[state].disconnect === 'disconnected',
  };
}
