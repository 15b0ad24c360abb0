// `GET /users` and `/users/$count`: pages of up to 999 users with their managers, from a replica that may be behind
// (docs/graph.md §2, §9 items 42–44).
import type { Directory } from '../world/directory.ts';
import type { ManagerReference } from '../world/directory-object.ts';
import { type Answer, badRequest, GraphError, jsonAnswer, pageBytes, unsupportedQuery } from './answer.ts';
import { parseFilter, type UserFilter } from './filter.ts';
import { parseSelect, returnedProperties, writeComplete } from './properties.ts';
import type { GraphRequest } from './request.ts';
import type { GraphSettings } from './settings.ts';
import { type ListToken, openToken, sealToken } from './token.ts';

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
  const filter = parsedFilter(request, settings);
  const token = query.get('skiptoken');
  const before = token === undefined ? { position: 0, listed: 0 } : openedToken(token, request, context);
  const version = settings.listReplicaLagMs > 0 ? directory.versionAt(context.now - settings.listReplicaLagMs) : directory.version();

  if (expanded && isAdvanced(request, filter) && !settings.expandAdvancedQueries) {
    throw unsupportedQuery('$expand is not supported with advanced queries.');
  }
  const names = returnedProperties(select);
  const kept = context.keptFor(`list ${names.join()}`);
  const largest = expanded ? Math.min(top, settings.largestExpandedPage) : top;
  const size = Math.min(largest, (settings.listEndsAfter ?? Number.POSITIVE_INFINITY) - before.listed);
  const value: Buffer[] = [];
  const candidates = candidatesOf(directory, filter, version);
  let next = candidates.from(before.position);
  for (; next < candidates.count && value.length < size; next++) {
    const ordinal = candidates.at(next);
    if (!isListed(directory, filter, ordinal, version)) continue;
    const untouched = directory.isUntouched(ordinal, version);
    const known = untouched ? kept[ordinal] : undefined;
    const entry = known ?? render(directory, ordinal, version, names);
    if (untouched) kept[ordinal] = entry;
    value.push(Buffer.concat([entry, expanded ? managerBytes(directory.manager(ordinal, version), directory) : closing]));
  }

  const again = context.isRepeatedRead(`${request.caller.tenantId} ${JSON.stringify([...query])}`);
  const counted = query.get('count') === 'true' && isEventual(request) && token === undefined;
  const countText = counted ? `"@odata.count":${countMatches(directory, filter, version)},` : '';
  const parts = select === null ? '' : `(${names.join()})`;
  const listed = before.listed + value.length;
  const more = next < candidates.count && listed !== settings.listEndsAfter;
  const position = { position: candidates.at(next), listed, fromRetry: again };
  const link = more ? `"@odata.nextLink":${JSON.stringify(nextLink(request, context, position))},` : '';
  const head = `{"@odata.context":"${context.serviceRoot}/$metadata#users${parts}",${countText}${link}"value":[`;
  return jsonAnswer(pageBytes(head, value));
}

/** `GET /users/$count`: plain text, and only with `ConsistencyLevel: eventual`. */
export function answerCount(request: GraphRequest, { directory, settings }: Pick<ListContext, 'directory' | 'settings'>): Answer {
  if (!isEventual(request)) throw badRequest('$count is not currently supported without ConsistencyLevel: eventual.');
  const filter = parsedFilter(request, settings);
  const error = filter === undefined ? settings.countError : 0;
  const count = countMatches(directory, filter, directory.version()) + error;
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(count) };
}

function isEventual(request: GraphRequest): boolean {
  return request.headers['consistencylevel']?.toLowerCase() === 'eventual';
}

/** Whether a list needs the indexes of advanced queries. */
function isAdvanced(request: GraphRequest, filter: UserFilter | undefined): boolean {
  return filter?.advanced === true || (isEventual(request) && request.query.get('count') === 'true');
}

function parsedFilter(request: GraphRequest, { listFilters }: GraphSettings): UserFilter | undefined {
  const { query } = request;
  if (query.has('orderby') || query.has('search')) throw unsupportedQuery('The sandbox does not sort or search lists of users.');
  const text = query.get('filter');
  if (text === undefined || text.trim() === '') return undefined;
  if (listFilters === 'unsupported') throw unsupportedQuery('Unsupported or invalid query filter clause specified.');
  if (listFilters === 'notImplemented') throw new GraphError(501, 'NotImplemented', 'Filters are not implemented for this tenant.');
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

function openedToken(text: string, request: GraphRequest, { settings, now }: ListContext): ListToken {
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
  return token;
}

function nextLink(request: GraphRequest, context: ListContext, place: Pick<ListToken, 'position' | 'listed' | 'fromRetry'>): string {
  const { tenantId, appId } = request.caller;
  const token = sealToken({ kind: 'list', tenantId, appId, issuedAt: context.now, ...place });
  const options = [...request.query]
    .filter(([name]) => name !== 'skiptoken')
    .map(([name, value]) => `$${name}=${encodeURIComponent(value).replaceAll("'", '%27')}`);
  return `${context.serviceRoot}/users?${[...options, `$skiptoken=${token}`].join('&')}`;
}

interface Candidates {
  readonly count: number;
  readonly at: (index: number) => number;
  /** Index of the first candidate that is not before an ordinal: a place in the list that stays when others join it. */
  readonly from: (ordinal: number) => number;
}

/** The objects that could match, in the order of their ordinals; narrowed by id or by the beginning of the user principal name. */
function candidatesOf(directory: Directory, filter: UserFilter | undefined, version: number): Candidates {
  if (filter?.id !== undefined) {
    const ordinal = directory.ordinalOfId(filter.id);
    return { count: ordinal === undefined ? 0 : 1, at: () => ordinal ?? 0, from: (position) => (position > (ordinal ?? 0) ? 1 : 0) };
  }
  const prefix = filter?.userPrincipalName?.prefix ?? '';
  if (prefix === '') return { count: directory.objectCount(version), at: (index) => index, from: (ordinal) => ordinal };
  const ordinals = directory.ordinalsByPrefix(prefix);
  const from = (ordinal: number) => {
    const index = ordinals.findIndex((candidate) => candidate >= ordinal);
    return index < 0 ? ordinals.length : index;
  };
  return { count: ordinals.length, at: (index) => ordinals[index] ?? 0, from };
}

/** Whether a list shows a candidate. What the index is sure of need not be made to be looked at. */
function isListed(directory: Directory, filter: UserFilter | undefined, ordinal: number, version: number): boolean {
  if (directory.state(ordinal, version) !== 'live') return false;
  if (filter === undefined || (filter.userPrincipalName?.alone === true && directory.isUntouched(ordinal, version))) return true;
  const fields = directory.snapshot(ordinal, version)?.fields;
  return fields !== undefined && filter.matches(fields);
}

function countMatches(directory: Directory, filter: UserFilter | undefined, version: number): number {
  if (filter === undefined) return directory.liveCount();
  const candidates = candidatesOf(directory, filter, version);
  let count = 0;
  for (let index = 0; index < candidates.count; index++) {
    if (isListed(directory, filter, candidates.at(index), version)) count++;
  }
  return count;
}

/** A user's properties, without the closing brace: what is kept of somebody who never changed. */
function render(directory: Directory, ordinal: number, version: number, names: readonly string[]): Buffer {
  const fields = directory.snapshot(ordinal, version)?.fields ?? { id: directory.idAt(ordinal) };
  return Buffer.from(writeComplete(fields, names));
}

const closing = Buffer.from('}');

/** The end of an entry: the expanded manager with its id only; absent when there is none or it no longer exists. */
function managerBytes(manager: ManagerReference | null, directory: Directory): Buffer {
  if (manager === null || !isReadable(manager, directory)) return closing;
  return Buffer.from(`,"manager":{"@odata.type":"#microsoft.graph.${manager.type}","id":"${manager.id}"}}`);
}

/** Contacts are taken to exist; a user must not be deleted. */
export function isReadable(manager: ManagerReference, directory: Directory): boolean {
  if (manager.type !== 'user') return true;
  const ordinal = directory.ordinalOfId(manager.id);
  return ordinal !== undefined && directory.state(ordinal) === 'live';
}
