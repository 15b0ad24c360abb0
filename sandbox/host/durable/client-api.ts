// The HTTP API behind the durable client: the SDK calls it for every client operation, and browsers follow links into it.
import type { HostRequest, HostResponse } from '../http-message.ts';
import { json } from '../http-message.ts';
import type { CommandOutcome, Commands, InstanceFilter } from './commands.ts';
import { isFinished } from './instances.ts';
import { historyOf, statusOf } from './status.ts';
import type { Store } from './store.ts';

/** The two places where the API is served; the second is the one in links handed out. */
export const clientApiPrefixes = ['/durabletask/', '/runtime/webhooks/durabletask/'] as const;

/** What the API needs. */
export interface ClientApiParts {
  readonly store: Store;
  readonly commands: Commands;
  /** The host's own address without a slash at the end. */
  readonly origin: string;
  /** Whether the app has an orchestrator of that name. */
  readonly isOrchestrator: (name: string) => boolean;
  /** The version of orchestrations started without one. */
  readonly defaultVersion: string;
}

/** The value of a `durableClient` input binding. */
export function durableClientInput(origin: string): Record<string, unknown> {
  const webhooks = `${origin}/runtime/webhooks/durabletask`;
  const instance = `${webhooks}/instances/INSTANCEID`;
  return {
    taskHubName: 'LocalTaskHub',
    baseUrl: webhooks,
    requiredQueryStringParameters: 'code=local',
    rpcBaseUrl: `${origin}/durabletask/`,
    creationUrls: {
      createNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?code=local`,
      createAndWaitOnNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=local`,
    },
    managementUrls: {
      id: 'INSTANCEID',
      statusQueryGetUri: `${instance}?code=local`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?code=local`,
      terminatePostUri: `${instance}/terminate?reason={text}&code=local`,
      rewindPostUri: `${instance}/rewind?reason={text}&code=local`,
      purgeHistoryDeleteUri: `${instance}?code=local`,
      restartPostUri: `${instance}/restart?code=local`,
      suspendPostUri: `${instance}/suspend?reason={text}&code=local`,
      resumePostUri: `${instance}/resume?reason={text}&code=local`,
    },
  };
}

/** Answers a request below one of the prefixes; `rest` is the path after it. */
export function answerClientRequest(parts: ClientApiParts, rest: string, request: HostRequest): HostResponse {
  const [area, first, second, third] = rest.split('/').map(decodeURIComponent);
  const method = request.method.toUpperCase();
  if (area === 'orchestrators' && first !== undefined && method === 'POST') return start(parts, first, second, request);
  if (area !== 'instances') return json(404, { message: 'No such durable route (entities are not emulated locally).' });
  if (first === undefined || first === '') {
    if (method === 'GET') return list(parts, request);
    if (method === 'DELETE') return purgeAll(parts, request);
  } else if (second === undefined || second === '') {
    if (method === 'GET') return status(parts, first, request);
    if (method === 'DELETE') return purge(parts, first);
  } else if (method === 'POST') return command(parts, first, [second, third], request);
  return json(405, { message: `${method} is not allowed here.` });
}

function start(parts: ClientApiParts, name: string, id: string | undefined, request: HostRequest): HostResponse {
  if (!parts.isOrchestrator(name)) {
    return json(400, { message: `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.` });
  }
  const input = jsonBody(request);
  if (input === undefined) return json(400, { message: 'The input is not valid JSON.' });
  const version = request.url.searchParams.get('version') ?? parts.defaultVersion;
  const instanceId = parts.commands.start({ name, version, input, ...(id === undefined || id === '' ? {} : { instanceId: id }) });
  if (instanceId === undefined) {
    return json(409, { message: `An Orchestration instance with the status Running already exists.` });
  }
  const links = managementLinks(parts.origin, instanceId);
  return json(202, { ...links, id: instanceId }, { location: String(links['statusQueryGetUri']), 'retry-after': '10' });
}

function status(parts: ClientApiParts, instanceId: string, request: HostRequest): HostResponse {
  const instance = parts.commands.find(instanceId);
  if (instance === undefined) return json(404, { message: `No instance with ID '${instanceId}' was found.` });
  const query = request.url.searchParams;
  const history =
    query.get('showHistory')?.toLowerCase() === 'true'
      ? { historyEvents: historyOf(parts.store, instance, query.get('showHistoryOutput')?.toLowerCase() === 'true') }
      : {};
  const body = { ...statusOf(instance, query.get('showInput')?.toLowerCase() !== 'false'), ...history };
  if (isFinished(instance.status)) {
    const failed = instance.status === 'Failed' && query.get('returnInternalServerErrorOnFailure')?.toLowerCase() === 'true';
    return json(failed ? 500 : 200, body);
  }
  return json(202, body, { location: String(managementLinks(parts.origin, instanceId)['statusQueryGetUri']), 'retry-after': '5' });
}

/** Pages by `top`; the token is the number of instances already handed out. */
function list(parts: ClientApiParts, request: HostRequest): HostResponse {
  const query = request.url.searchParams;
  const showInput = query.get('showInput')?.toLowerCase() !== 'false';
  const skip = Number(request.headers['x-ms-continuation-token'] ?? 0) || 0;
  const top = Number(query.get('top') ?? 0) || Number.POSITIVE_INFINITY;
  const instances = parts.commands.list(filterOf(query));
  const page = instances.slice(skip, skip + top);
  const more = skip + page.length < instances.length;
  return json(
    200,
    page.map((instance) => statusOf(instance, showInput)),
    more ? { 'x-ms-continuation-token': String(skip + page.length) } : {},
  );
}

function purge(parts: ClientApiParts, instanceId: string): HostResponse {
  const outcome = parts.commands.purge(instanceId);
  return outcome === 'done' ? json(200, { instancesDeleted: 1 }) : json(404, { message: `No finished instance '${instanceId}'.` });
}

function purgeAll(parts: ClientApiParts, request: HostRequest): HostResponse {
  const outcomes = parts.commands.list(filterOf(request.url.searchParams)).map(({ instanceId }) => parts.commands.purge(instanceId));
  const instancesDeleted = outcomes.filter((outcome) => outcome === 'done').length;
  return instancesDeleted === 0 ? json(404, { message: 'No instances matched.' }) : json(200, { instancesDeleted });
}

function command(
  parts: ClientApiParts,
  instanceId: string,
  [verb, eventName]: readonly [string, string | undefined],
  request: HostRequest,
): HostResponse {
  const reason = request.url.searchParams.get('reason') ?? '';
  const { commands } = parts;
  switch (verb.toLowerCase()) {
    case 'raiseevent': {
      const input = jsonBody(request);
      if (eventName === undefined || input === undefined) return json(400, { message: 'An event needs a name and a JSON body.' });
      return commandAnswer(commands.raise(instanceId, eventName, input));
    }
    case 'terminate':
      return commandAnswer(commands.terminate(instanceId, reason));
    case 'suspend':
      return commandAnswer(commands.suspend(instanceId));
    case 'resume':
      return commandAnswer(commands.resume(instanceId));
    case 'rewind':
    case 'restart':
      return json(501, { message: `${verb} is not emulated locally.` });
    default:
      return json(404, { message: `No such operation: ${verb}` });
  }
}

function commandAnswer(outcome: CommandOutcome): HostResponse {
  switch (outcome) {
    case 'done':
      return { status: 202 };
    case 'missing':
      return { status: 404 };
    case 'finished':
      return { status: 410 };
  }
}

function filterOf(query: URLSearchParams): InstanceFilter {
  const time = (name: string) => {
    const text = query.get(name);
    return text === null || text === '' ? undefined : Date.parse(text);
  };
  const statuses = query.get('runtimeStatus');
  return {
    createdFrom: time('createdTimeFrom'),
    createdTo: time('createdTimeTo'),
    statuses: statuses === null || statuses === '' ? undefined : statuses.split(','),
    instanceIdPrefix: query.get('instanceIdPrefix') ?? undefined,
  };
}

function managementLinks(origin: string, instanceId: string): Record<string, unknown> {
  const links = durableClientInput(origin)['managementUrls'] as Record<string, string>;
  return Object.fromEntries(
    Object.entries(links).map(([name, link]) => [name, link.replace('INSTANCEID', encodeURIComponent(instanceId))]),
  );
}

/** The body as JSON text; nothing at all is `null`, undefined when it is no JSON. */
function jsonBody(request: HostRequest): string | undefined {
  const text = request.body.toString('utf8');
  if (text === '') return 'null';
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
