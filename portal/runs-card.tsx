// The record every round left, newest first.
import type { Run } from './api.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { MoreButton, usePages } from './paging.tsx';
import { Card, Chip, Reading, Scroll, When } from './parts.tsx';
import { readByWords, roundKindWords, runReasonWords, runStatusWords } from './words.ts';

/** The changes of a round that an admin asks about. */
const changes = ['users', 'added', 'updated', 'removed', 'held', 'returned'] as const satisfies readonly (keyof Run['counts'])[];
const changeWords: Readonly<Record<(typeof changes)[number], string>> = {
  users: 'Read',
  added: 'Added',
  updated: 'Updated',
  removed: 'Removed',
  held: 'Held',
  returned: 'Returned',
};

function RunRow({ run }: { readonly run: Run }) {
  const { text, tone } = runStatusWords[run.status];
  return (
    <tr>
      <th scope="row">
        <When at={run.startedAt} />
        <div class="muted">
          {runReasonWords[run.reason]} · {run.requestedBy}
        </div>
        {run.problem === null ? null : <div class="problem">{run.problem}</div>}
      </th>
      <td>
        {roundKindWords[run.kind]}
        {run.readBy === 'deltaChain' ? null : <div class="muted">{readByWords[run.readBy]}</div>}
      </td>
      <td>
        <Chip tone={tone}>{text}</Chip>
      </td>
      <td class="number">{run.milliseconds === null ? '–' : format.duration(run.milliseconds)}</td>
      {changes.map((name) => (
        <td key={name} class={run.counts[name] === 0 ? 'number muted' : 'number'}>
          {format.number(run.counts[name])}
        </td>
      ))}
    </tr>
  );
}

export function RunsCard() {
  const { company, progress } = useCompany();
  const key = `${progress?.lastRoundAt ?? ''} ${progress?.running?.runId ?? ''}`;
  const pages = usePages<Run>(key, async (query) => {
    const { runs, nextPage } = await api.runs(company.companyId, query);
    return { rows: runs, nextPage };
  });
  return (
    <Card title="Last runs">
      {pages.rows === null ? <Reading /> : null}
      {pages.rows?.length === 0 ? <p class="muted">No round yet. The first one starts by itself once the company is connected.</p> : null}
      {pages.rows === null || pages.rows.length === 0 ? null : (
        <Scroll label="Last runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Started</th>
                <th scope="col">Round</th>
                <th scope="col">Result</th>
                <th scope="col" class="number">
                  Took
                </th>
                {changes.map((name) => (
                  <th key={name} scope="col" class="number">
                    {changeWords[name]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {pages.rows.map((run) => (
                <RunRow key={run.runId} run={run} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <MoreButton pages={pages} />
    </Card>
  );
}
