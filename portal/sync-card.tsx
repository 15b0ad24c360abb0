// The sync: Sync Now, the running round as it goes, and when the last and the next one are.
import { mayBeSynced } from '../shared/domain/integration.ts';
import type { SyncProgress } from './api.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { useNotices } from './notices.tsx';
import { Card, Reading, When } from './parts.tsx';
import { useAction } from './resource.ts';
import { barOf, nextRoundSentence, progressSentence } from './sync-words.ts';
import { roundKindWords } from './words.ts';

function Running({ running, willRunAgain }: { readonly running: NonNullable<SyncProgress['running']>; readonly willRunAgain: boolean }) {
  const { value, max } = barOf(running);
  return (
    <div class="running">
      <p class="headline" id="sync-running">
        {roundKindWords[running.kind]} round running
      </p>
      {/* Another key makes another element: one that had a value cannot go back to having none. */}
      {value === null ? (
        <progress key="going" aria-labelledby="sync-running" />
      ) : (
        <progress key="counting" aria-labelledby="sync-running" value={value} max={max} />
      )}
      <p class="numbers">{progressSentence(format, running)}</p>
      {running.problem === null ? null : (
        <p class="next warn">
          <strong>Still trying:</strong> {running.problem}
        </p>
      )}
      {willRunAgain ? <p class="muted">It runs once more afterwards.</p> : null}
    </div>
  );
}

export function SyncCard() {
  const { company, integration, progress, mayChange, reloadProgress } = useCompany();
  const notices = useNotices();
  const { busy, run } = useAction();
  if (progress === null || integration === null) {
    return (
      <Card title="Sync">
        <Reading />
      </Card>
    );
  }
  const syncNow = (full: boolean) =>
    run(async () => {
      const { outcome } = await api.syncNow(company.companyId, full);
      notices.tell(outcome === 'started' ? 'Sync started.' : 'A sync is running; it runs once more afterwards.');
      await reloadProgress();
    });
  const canSync = mayBeSynced(integration);
  return (
    <Card title="Sync">
      {progress.running === null ? (
        <p class="headline">
          {progress.lastRoundAt === null ? 'Never synced' : `Last round ${format.distance(progress.lastRoundAt, new Date())}`}
        </p>
      ) : (
        <Running running={progress.running} willRunAgain={progress.willRunAgain} />
      )}
      {progress.running === null ? (
        <p>{canSync ? nextRoundSentence(format, progress, new Date()) : 'Syncs run once the company is connected.'}</p>
      ) : null}
      <dl class="facts">
        <dt>Last round</dt>
        <dd>
          <When at={progress.lastRoundAt} />
        </dd>
        <dt>Last full round</dt>
        <dd>
          <When at={progress.lastFullAt} />
        </dd>
      </dl>
      {mayChange === true && canSync ? (
        <div class="actions">
          <button type="button" class="main" disabled={busy} onClick={() => syncNow(false)}>
            Sync Now
          </button>
          <button type="button" disabled={busy} onClick={() => syncNow(true)} title="Reads everybody again, not only changes">
            Full round
          </button>
        </div>
      ) : null}
    </Card>
  );
}
