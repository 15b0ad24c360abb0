// Pending for Approval and its siblings: filter, look, and decide one or many.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { UserStatus } from '../shared/domain/user-lists.ts';
import type { BulkResult, User } from './api.ts';
import { bulkSentence, outcomeOf } from './bulk.ts';
import { format, replaceSearch, useAddress } from './browser.ts';
import { BulkBar } from './bulk-bar.tsx';
import { useCompany } from './company-context.ts';
import { DecideDialog } from './decide-dialog.tsx';
import { decideOne } from './deciding.ts';
import { jobFilter } from './decision-job.ts';
import { JobDialog } from './job-dialog.tsx';
import { JobStrip, useDecisionJob } from './job-strip.tsx';
import { csvPath, isFiltered, type ListFilters, noFilters, readFilters, writeFilters } from './list-query.ts';
import { useNotices } from './notices.tsx';
import { Reading } from './parts.tsx';
import { pathOf } from './routing.ts';
import { UserDialog } from './user-dialog.tsx';
import { UserFilters } from './user-filters.tsx';
import { UserTable } from './user-table.tsx';
import { useUserPages } from './users-reading.ts';
import { emptyListWords } from './words.ts';

interface EmptyProps {
  readonly status: UserStatus;
  readonly filters: ListFilters;
  readonly onClear: () => void;
}

/** Says why nobody is here and what to do next. */
function Empty({ status, filters, onClear }: EmptyProps) {
  const { company, integration, counts, progress } = useCompany();
  if (isFiltered(filters)) {
    return (
      <div class="empty">
        <h2>Nobody matches these filters</h2>
        <button type="button" onClick={onClear}>
          Clear filters
        </button>
      </div>
    );
  }
  const nobodyRead = counts?.found === 0 && counts.removed === 0;
  if (nobodyRead && integration?.linkedAt === null) {
    return (
      <div class="empty">
        <h2>Nobody here yet</h2>
        <p>Connect the company’s Microsoft 365 tenant first; everybody found there will wait here.</p>
        <a class="button main" href={pathOf(company.companyId)}>
          Go to Integrate M365
        </a>
      </div>
    );
  }
  if (nobodyRead && progress?.running) {
    return (
      <div class="empty">
        <h2>The first sync is running</h2>
        <p>{format.number(progress.running.users)} users read so far. They appear here as soon as it is done.</p>
      </div>
    );
  }
  const { title, next } = emptyListWords[status];
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{next}</p>
    </div>
  );
}

export function UsersScreen({ status }: { readonly status: UserStatus }) {
  const view = useCompany();
  const { companyId } = view.company;
  const notices = useNotices();
  const filters = readFilters(useAddress().search);
  const setFilters = (next: ListFilters) => replaceSearch(writeFilters(next));
  const { list, dispatch, reload, more } = useUserPages(companyId, status, filters);
  const [opened, setOpened] = useState<User | null>(null);
  const [asking, setAsking] = useState<DecisionCommand | null>(null);
  const [counted, setCounted] = useState<{ readonly selected: ReadonlySet<string>; readonly count: number } | null>(null);
  // Counting takes a while: whoever selects others or filters anew meanwhile no longer means everybody.
  const everybody = counted?.selected === list.selected ? counted.count : null;
  const jobView = useDecisionJob(() => {
    reload();
    void view.reloadCounts();
  });
  const lastRoundAt = view.progress?.lastRoundAt;
  const shownRound = useRef(lastRoundAt);
  useEffect(() => {
    // Rows under the reader's hands stay as they are; only an empty list fills itself after a round.
    if (shownRound.current !== undefined && shownRound.current !== lastRoundAt && list.users.length === 0) reload();
    shownRound.current = lastRoundAt;
  }, [lastRoundAt]);
  const onSelect = (userIds: readonly string[]) => dispatch({ kind: 'selected', userIds });

  const learn = (results: readonly BulkResult[]) => {
    setAsking(null);
    if (results.length === 0 || asking === null) return;
    for (const outcome of results.map(outcomeOf)) {
      dispatch({ kind: 'left', userIds: outcome.left });
      dispatch({ kind: 'noted', notes: outcome.notes });
    }
    notices.tell(bulkSentence(format, asking, results));
    void view.reloadCounts();
  };
  const actions = {
    onToggle: ({ userId }: User) => dispatch({ kind: 'toggled', userId }),
    onOpen: setOpened,
    onDecide: (user: User, command: DecisionCommand) => void decideOne({ view, notices, list, dispatch, reload }, user, command),
  };
  return (
    <div class="stack">
      <UserFilters filters={filters} csv={csvPath(companyId, status, filters)} onChange={setFilters} />
      <JobStrip {...jobView} />
      <BulkBar
        status={status}
        filters={filters}
        list={list}
        everybody={everybody}
        onEverybody={(count) => setCounted({ selected: list.selected, count })}
        onSelect={onSelect}
        onDecide={setAsking}
      />
      {list.users.length > 0 ? <UserTable status={status} list={list} actions={actions} onSelect={onSelect} /> : null}
      {list.users.length === 0 && list.phase === 'ready' && list.nextPage === null ? (
        <Empty status={status} filters={filters} onClear={() => setFilters({ ...noFilters, sort: filters.sort })} />
      ) : null}
      {list.phase === 'ready' ? null : <Reading failed={list.phase === 'failed'} onRetry={list.users.length === 0 ? reload : more} />}
      {list.phase === 'ready' && list.nextPage !== null ? (
        <div class="actions center">
          <button type="button" onClick={more}>
            Show more
          </button>
        </div>
      ) : null}
      {view.mayChange === true && list.users.length > 0 && status !== 'removed' ? (
        <p class="muted keys">
          In a row: <kbd>a</kbd> approves, <kbd>d</kbd> denies, <kbd>↑</kbd> <kbd>↓</kbd> move.
        </p>
      ) : null}
      {opened === null ? null : <UserDialog user={opened} onClose={() => setOpened(null)} />}
      {asking !== null && everybody !== null && status !== 'removed' ? (
        <JobDialog
          command={asking}
          filter={jobFilter(status, filters)}
          expectedCount={everybody}
          onStarted={(job) => {
            setAsking(null);
            onSelect([]);
            jobView.follow(job);
          }}
          onClose={() => setAsking(null)}
        />
      ) : null}
      {asking === null || everybody !== null ? null : (
        <DecideDialog command={asking} userIds={[...list.selected]} onDone={learn} onClose={learn} />
      )}
    </div>
  );
}
