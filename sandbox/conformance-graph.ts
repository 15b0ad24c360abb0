// Tries Graph with the very requests of a sync, one page of each. Only counts leave this file: no person, no link, no id.
import { randomUUID } from 'node:crypto';
import { linkProblem } from '../shared/adapters/graph-link.ts';
import { composePorts } from '../shared/compose.ts';
import type { Config } from '../shared/config.ts';
import type { Answer, DeltaPage, Directory, DirectoryFailure } from '../shared/ports/directory.ts';
import { ownerAdvice } from './conformance-entra.ts';
import { explainFault } from './conformance-faults.ts';
import { onlyWith } from './conformance-settings.ts';
import { type Area, failed, type Outcome, passed, type Step } from './conformance-steps.ts';

function nextAfter(failure: DirectoryFailure): string {
  switch (failure.kind) {
    case 'throttled':
      return `Wait ${Math.ceil(failure.retryAfterMs / 1000)} s, then run it again.`;
    case 'transient':
      return 'Check that this machine may connect to GRAPH_BASE_URL, then run it again.';
    case 'accessLost':
      return ownerAdvice[failure.owner];
    case 'unsupported':
      return 'This kind of tenant (B2C, External ID) tells no changes, so it cannot be connected.';
    case 'tokenRefused':
    case 'pageTokenExpired':
    case 'broken':
      return 'Check that GRAPH_BASE_URL is the Graph of your cloud; Microsoft finds the request by its id.';
  }
}

function refused(failure: DirectoryFailure): Outcome {
  const { sentence, status, code, requestId } = failure.detail;
  const facts = [status === null ? null : `status ${status}`, code, requestId === null ? null : `request ${requestId}`];
  const stated = facts.filter((fact) => fact !== null).join(', ');
  return failed(stated === '' ? sentence : `${sentence} (${stated})`, nextAfter(failure));
}

/** A failure as it is, or what to say of the value. */
function judge<T>(answer: Answer<T>, say: (value: T) => Outcome): Outcome {
  return answer.ok ? say(answer.value) : refused(answer.failure);
}

function describePage({ entries }: DeltaPage): Outcome {
  const unreadable = entries.flatMap((entry) => (entry.kind === 'unreadable' ? [entry.reason.replace(/^[^:]*: /, '')] : []));
  if (unreadable.length > 0) {
    const next = 'Tell the maintainers: Graph sends a property in a form that is not known yet.';
    return failed(`${unreadable.length} of ${entries.length} entries cannot be read: ${[...new Set(unreadable)].join('; ')}.`, next);
  }
  const live = entries.filter((entry) => entry.kind === 'live');
  const managers = live.filter((entry) => entry.manager !== undefined).length;
  return passed(
    `${entries.length} entries: ${live.length} users, ${managers} of them with a manager, ${entries.length - live.length} deleted.`,
  );
}

function deltaSteps(directory: () => Directory, origin: string): readonly Step[] {
  let link: string | null = null;
  return [
    {
      id: 'graph.delta',
      title: 'one page of changes',
      needs: ['graph.probe'],
      run: async () =>
        judge(await directory().deltaPage(null), (page) => {
          ({ link } = page.next);
          return describePage(page);
        }),
    },
    {
      id: 'graph.link',
      title: 'the link to the next page',
      needs: ['graph.delta'],
      run: async () => {
        const problem = link === null ? 'There is no link.' : linkProblem(origin, link);
        if (problem !== null) return failed(problem, 'Check that GRAPH_BASE_URL is the Graph of your cloud.');
        return judge(await directory().deltaPage(link), () => passed('It leads to the configured host and was accepted unchanged.'));
      },
    },
    {
      id: 'graph.latest',
      title: 'a position from now on',
      needs: ['graph.probe'],
      run: async () =>
        judge(await directory().startDelta(), (latest) => {
          const problem = linkProblem(origin, latest);
          return problem === null
            ? passed('$deltatoken=latest gave a position and nobody.')
            : failed(problem, 'Check that GRAPH_BASE_URL is the Graph of your cloud.');
        }),
    },
  ];
}

/** Any part does; most tenants have somebody here. */
const examplePart = 'a';

function listSteps(directory: () => Directory): readonly Step[] {
  return [
    {
      id: 'graph.probe',
      title: 'the smallest request',
      run: async () => judge(await directory().probe(), () => passed('Graph answers, and the permission is there.')),
    },
    {
      id: 'graph.count',
      title: 'the number of users',
      needs: ['graph.probe'],
      run: async () => judge(await directory().countUsers(), (count) => passed(`${count} users.`)),
    },
    {
      id: 'graph.managers',
      title: 'one page of managers',
      needs: ['graph.probe'],
      run: async () =>
        judge(await directory().managerPage(null), ({ entries, nextLink }) => {
          const managed = entries.filter(({ managerId }) => managerId !== null).length;
          return passed(
            `${entries.length} users, ${managed} of them with a manager; ${nextLink === null ? 'that is all' : 'more pages follow'}.`,
          );
        }),
    },
    {
      id: 'graph.part',
      title: 'one page of the users whose names begin with a',
      needs: ['graph.probe'],
      run: async () =>
        judge(await directory().usersPage(null, examplePart), ({ entries, nextLink }) => {
          const unreadable = entries.filter(({ kind }) => kind === 'unreadable').length;
          const managed = entries.filter((entry) => entry.kind === 'live' && entry.managerId !== null).length;
          const found = `${entries.length} users, ${managed} of them with a manager; ${nextLink === null ? 'that is all' : 'more pages follow'}`;
          if (unreadable > 0)
            return failed(`${found}, but ${unreadable} cannot be read.`, 'Tell the maintainers: first rounds go by the delta chain.');
          return passed(`${found}.`);
        }),
    },
    {
      id: 'graph.partCount',
      title: 'how many users have names that begin with a',
      needs: ['graph.probe'],
      run: async () =>
        judge(await directory().countByPrefix([examplePart]), (counts) => {
          const count = counts.get(examplePart);
          return count === undefined
            ? failed('Graph did not count them.', 'First rounds of this tenant go by the delta chain; nothing needs to be done.')
            : passed(`${count} users.`);
        }),
    },
    {
      id: 'graph.lookUp',
      title: 'asking for somebody who does not exist',
      needs: ['graph.probe'],
      run: async () => {
        const nobody = randomUUID();
        return judge(await directory().lookUp([nobody]), (found) =>
          found.get(nobody) === 'absent'
            ? passed('Graph says so clearly.')
            : failed(
                'Graph did not say clearly that nobody has this id.',
                'Do not rely on confirmed removals with this tenant; tell the maintainers.',
              ),
        );
      },
    },
  ];
}

/** @param hindrance why nothing may be tried, or null */
export function graphArea(config: Config, hindrance: string | null, tenantId: string): Area {
  let opened: Directory | undefined;
  const directory = () => {
    opened ??= composePorts(onlyWith('none', config)).openDirectory(tenantId);
    return opened;
  };
  const origin = new URL(config.graphBaseUrl).origin;
  const [probe, count, ...others] = listSteps(directory);
  return {
    name: 'Graph',
    hindrance,
    explain: (error) => explainFault(error, { service: 'Microsoft Graph', setting: 'GRAPH_BASE_URL', role: '', usesIdentity: false }),
    steps: [probe, count, ...deltaSteps(directory, origin), ...others].filter((step) => step !== undefined),
  };
}
