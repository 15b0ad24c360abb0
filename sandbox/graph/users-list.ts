// `GET /users` and `/users/$count`: pages of up to 999 users with their managers, from a replica that may be behind
// (docs/graph.md §2, §9 items 42–44).
import type { Directory } from '../world/directory.ts';
import type { ManagerReference } from '../world/directory-object.ts';
import { type Answer, badRequest, GraphError, jsonAnswer, pageBytes, unsupportedQuery } from './answer.ts';
import { parseFilter, type UserFilter } from './filter.ts';
import { parseSelect, returnedProperties, writeComplete } from './properties.ts';
import type { GraphRequest } from './request.ts';
import type { GraphSettings } from './settings.ts';
import { openToken, sealToken } from './token.ts';

export interface ListContext {
  readonly directory: Directory;
  readonly settings: GraphSettings;
  readonly serviceRoot: string;
  readonly now: number;
  /** Notes that a page was read, and says whether it had been read before. */
  readonly isRepeatedRead: (page: string) => boolean;
  readonly keptFor: (selection: string) => (Buffer | undefined)[];
}

const defaultPage = 100;
const largestPage = 999;

/** Answers one page of the list. @throws GraphError for everything Graph refuses. */
export function answerList(request: GraphRequest, context: ListContext): Answer {
  const { query } = request;
  const { directory, settings } = context;
  const top = parseTop(query.get('top'));
  const select = parseSelect(query.get('select'));
  const expanded = parseExpand(query.get('expand'));
  const filter = parsedFilter(request);
  const token = query.get('skiptoken');
  const position = token === undefined ? 0 : openedPosition(token, request, context);
  const version = settings.listReplicaLagMs > 0 ? directory.versionAt(context.now - settings.listReplicaLagMs) : directory.version();

  const names = returnedProperties(select);
  const kept = context.keptFor(`list ${names.join()}`);
  const value: Buffer[] = [];
  const candidates = candidatesOf(directory, filter, version);
  let next = position;
  for (; next < candidates.count && value.length < top; next++) {
    const ordinal = candidates.at(next);
    if (directory.state(ordinal, version) !== 'live') continue;
    const untouched = directory.isUntouched(ordinal, version);
    const known = untouched ? kept[ordinal] : undefined;
    const fields = known === undefined || filter !== undefined ? directory.snapshot(ordinal, version)?.fields : undefined;
    if (fields !== undefined && filter?.matches(fields) === false) continue;
    const entry = known ?? Buffer.from(writeComplete(fields ?? { id: directory.idAt(ordinal) }, names));
    if (untouched) kept[ordinal] = entry;
    value.push(Buffer.concat([entry, Buffer.from(`${expanded ? managerText(directory.manager(ordinal, version), directory) : ''}}`)]));
  }

  const again = context.isRepeatedRead(`${request.caller.tenantId} ${JSON.stringify([...query])}`);
  const counted = query.get('count') === 'true' && isEventual(request) && token === undefined;
  const countText = counted ? `"@odata.count":${countMatches(directory, filter, version)},` : '';
  const parts = select === null ? '' : `(${names.join()})`;
  const link = next < candidates.count ? `"@odata.nextLink":${JSON.stringify(nextLink(request, context, next, again))},` : '';
  const head = `{"@odata.context":"${context.serviceRoot}/$metadata#users${parts}",${countText}${link}"value":[`;
  return jsonAnswer(pageBytes(head, value));
}

/** `GET /users/$count`: plain text, and only with `ConsistencyLevel: eventual`. */
export function answerCount(request: GraphRequest, { directory }: Pick<ListContext, 'directory'>): Answer {
  if (!isEventual(request)) throw badRequest('$count is not currently supported without ConsistencyLevel: eventual.');
  const count = countMatches(directory, parsedFilter(request), directory.version());
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(count) };
}

function isEventual(request: GraphRequest): boolean {
  return request.headers['consistencylevel']?.toLowerCase() === 'eventual';
}

function parsedFilter(request: GraphRequest): UserFilter | undefined {
  const { query } = request;
  if (query.has('orderby') || query.has('search')) throw unsupportedQuery('The sandbox does not sort or search lists of users.');
  const text = query.get('filter');
  if (text === undefined || text.trim() === '') return undefined;
  const filter = parseFilter(text);
  const counts = query.get('count') === 'true' || request.segments.at(-1) === '$count';
  if (filter.advanced && !(isEventual(request) && counts)) throw unsupportedQuery('Unsupported Query.');
  return filter;
}

function parseTop(text: string | undefined): number {
  if (text === undefined) return defaultPage;
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1 || top > largestPage) {
    throw badRequest(`Invalid page size specified: '${text}'. Must be between 1 and ${largestPage} inclusive.`);
  }
  return top;
}

/** True for `$expand=manager` and `manager($select=id)`; only one relationship can be expanded. */
export function parseExpand(text: string | undefined): boolean {
  if (text === undefined || text.trim() === '') return false;
  if (/^manager(\(\$select=[\w,\s]*\))?$/i.test(text.trim())) return true;
  throw badRequest(`The sandbox can only expand 'manager' or 'manager($select=id)', not '${text}'.`);
}

function openedPosition(text: string, request: GraphRequest, { settings, now }: ListContext): number {
  const token = openToken(text);
  const { caller } = request;
  const foreign = token?.kind === 'list' && settings.bindTokens && (token.tenantId !== caller.tenantId || token.appId !== caller.appId);
  if (token?.kind !== 'list' || foreign) throw badRequest('Invalid skip token.');
  if (token.fromRetry && settings.refuseTokensOfRetriedPages) {
    throw new GraphError(400, 'DirectoryPageTokenNotFoundException', 'The page token was not found.');
  }
  if (now - token.issuedAt > settings.listTokenMaxAgeMs) {
    throw new GraphError(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    );
  }
  return token.position;
}

function nextLink(request: GraphRequest, context: ListContext, position: number, fromRetry: boolean): string {
  const { tenantId, appId } = request.caller;
  const token = sealToken({ kind: 'list', tenantId, appId, position, issuedAt: context.now, fromRetry });
  const options = [...request.query]
    .filter(([name]) => name !== 'skiptoken')
    .map(([name, value]) => `$${name}=${encodeURIComponent(value)}`);
  return `${context.serviceRoot}/users?${[...options, `$skiptoken=${token}`].join('&')}`;
}

/** The objects that could match, by position; narrowed by id or by the beginning of the user principal name. */
function candidatesOf(
  directory: Directory,
  filter: UserFilter | undefined,
  version: number,
): { readonly count: number; readonly at: (position: number) => number } {
  if (filter?.id !== undefined) {
    const ordinal = directory.ordinalOfId(filter.id);
    return { count: ordinal === undefined ? 0 : 1, at: () => ordinal ?? 0 };
  }
  const initial = filter?.userPrincipalNamePrefix?.charAt(0) ?? '';
  if (initial === '') return { count: directory.objectCount(version), at: (position) => position };
  const ordinals = directory.ordinalsByInitial(initial);
  return { count: ordinals.length, at: (position) => ordinals[position] ?? 0 };
}

function countMatches(directory: Directory, filter: UserFilter | undefined, version: number): number {
  if (filter === undefined) return directory.liveCount();
  const candidates = candidatesOf(directory, filter, version);
  let count = 0;
  for (let position = 0; position < candidates.count; position++) {
    const snapshot = directory.snapshot(candidates.at(position), version);
    if (snapshot?.state === 'live' && filter.matches(snapshot.fields)) count++;
  }
  return count;
}

/** The expanded manager with its id only; absent when there is none or it no longer exists. */
function managerText(manager: ManagerReference | null, directory: Directory): string {
  if (manager === null || !isReadable(manager, directory)) return '';
  return `,"manager":{"@odata.type":"#microsoft.graph.${manager.type}","id":"${manager.id}"}`;
}

/** Contacts are taken to exist; a user must not be deleted. */
export function isReadable(manager: ManagerReference, directory: Directory): boolean {
  if (manager.type !== 'user') return true;
  const ordinal = directory.ordinalOfId(manager.id);
  return ordinal !== undefined && directory.state(ordinal) === 'live';
}
