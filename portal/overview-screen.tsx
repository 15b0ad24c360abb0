// A company at a glance: the integration, the sync and how many people stand where.
import { CountsCard } from './counts-card.tsx';
import { IntegrationCard } from './integration-card.tsx';
import { RunsCard } from './runs-card.tsx';
import { SyncCard } from './sync-card.tsx';

export function OverviewScreen() {
  return (
    <div class="stack">
      <div class="pair">
        <IntegrationCard />
        <SyncCard />
      </div>
      <CountsCard />
      <RunsCard />
    </div>
  );
}
