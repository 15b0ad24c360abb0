// Reading one user: the user itself, the manager, the reports, the mailbox settings (docs/graph.md §2, §4.2, §9 items 41, 54).
import type { Directory } from '../world/directory.ts';
import type { Snapshot } from '../world/directory-object.ts';
import { type Answer, GraphError, jsonAnswer, notFound } from './answer.ts';
import { requirePermission } from './permissions.ts';
import { parseSelect, returnedProperties, writeComplete } from './properties.ts';
import type { GraphRequest } from './request.ts';
import { isReadable, parseExpand } from './users-list.ts';

interface ReadContext {
  readonly directory: Directory;
  readonly serviceRoot: string;
}

/** `GET /users/{id or user principal name}`. */
export function answerUser(request: GraphRequest, context: ReadContext): Answer {
  const { snapshot } = findUser(request, context.directory);
  const select = parseSelect(request.query.get('select'), true);
  const expanded = parseExpand(request.query.get('expand'));
  const names = returnedProperties(select);
  const manager = expanded ? managerSnapshot(snapshot, context.directory) : undefined;
  const expansion = manager === undefined ? '' : `,"manager":${manager}`;
  const parts = select === null ? '' : `(${names.join()})`;
  return jsonAnswer(`{${contextOf(context, `users${parts}/$entity`)},${writeComplete(snapshot.fields, names).slice(1)}${expansion}}`);
}

/** `GET /users/{id}/manager`: 404 naming `manager` when there is none ("by design", docs/graph.md §2). */
export function answerManager(request: GraphRequest, context: ReadContext): Answer {
  const { snapshot } = findUser(request, context.directory);
  const manager = managerSnapshot(snapshot, context.directory, parseSelect(request.query.get('select')));
  if (manager === undefined) throw notFound('manager');
  return jsonAnswer(`{${contextOf(context, 'directoryObjects/$entity')},${manager.slice(1)}`);
}

/** `GET /users/{id}/directReports`, on one page. */
export function answerDirectReports(request: GraphRequest, context: ReadContext): Answer {
  const { directory } = context;
  const { snapshot } = findUser(request, directory);
  const names = returnedProperties(parseSelect(request.query.get('select')));
  const reports: string[] = [];
  for (let ordinal = 0; ordinal < directory.objectCount(); ordinal++) {
    if (directory.manager(ordinal)?.id !== snapshot.fields.id) continue;
    const other = directory.snapshot(ordinal);
    if (other?.state !== 'live') continue;
    reports.push(`{"@odata.type":"#microsoft.graph.user",${writeComplete(other.fields, names).slice(1)}}`);
  }
  return jsonAnswer(`{${contextOf(context, 'directoryObjects')},"value":[${reports.join()}]}`);
}

/** `GET /users/{id}/mailboxSettings` and `…/userPurpose`; what Exchange knows and the directory does not (docs/graph.md §4.2). */
export function answerMailboxSettings(request: GraphRequest, context: ReadContext): Answer {
  requirePermission(request.caller, 'mailboxSettings');
  const { snapshot } = findUser(request, context.directory);
  const { purpose } = snapshot.truth;
  if (purpose === 'none') {
    throw new GraphError(404, 'MailboxNotEnabledForRESTAPI', 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.');
  }
  if (purpose === 'hidden')
    throw new GraphError(403, 'ErrorAccessDenied', 'Access to the mailbox is denied; failed to get the correct properties.');
  const path = `users('${encodeURIComponent(snapshot.fields.id)}')/mailboxSettings`;
  if (request.segments[3] === 'userPurpose') {
    return jsonAnswer(JSON.stringify({ '@odata.context': `${context.serviceRoot}/$metadata#${path}/userPurpose`, value: purpose }));
  }
  const settings = {
    '@odata.context': `${context.serviceRoot}/$metadata#${path}`,
    archiveFolder: null,
    timeZone: 'W. Europe Standard Time',
    delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
    dateFormat: 'dd.MM.yyyy',
    timeFormat: 'HH:mm',
    userPurpose: purpose,
    language: { locale: 'de-CH', displayName: 'German (Switzerland)' },
  };
  return jsonAnswer(JSON.stringify(settings));
}

function contextOf({ serviceRoot }: ReadContext, path: string): string {
  return `"@odata.context":${JSON.stringify(`${serviceRoot}/$metadata#${path}`)}`;
}

/** The live user a path names by object id or user principal name. @throws GraphError 404 naming what was asked for. */
function findUser(request: GraphRequest, directory: Directory): { readonly ordinal: number; readonly snapshot: Snapshot } {
  const name = request.segments[1] ?? '';
  const wanted = name.toLowerCase();
  const byId = directory.ordinalOfId(wanted) ?? directory.ordinalOfId(name);
  const candidates = byId !== undefined ? [byId] : wanted.includes('@') ? directory.ordinalsByPrefix(wanted) : [];
  for (const ordinal of candidates) {
    const snapshot = directory.snapshot(ordinal);
    if (snapshot?.state !== 'live') continue;
    if (byId !== undefined || snapshot.fields.userPrincipalName?.toLowerCase() === wanted) return { ordinal, snapshot };
  }
  throw notFound(name);
}

/** The manager as a directory object; of a contact, `User.Read.All` shows the id and the type only (§9 item 41). */
function managerSnapshot(snapshot: Snapshot, directory: Directory, select: readonly string[] | null = null): string | undefined {
  const { manager } = snapshot;
  if (manager === null || !isReadable(manager, directory)) return undefined;
  if (manager.type === 'orgContact') return `{"@odata.type":"#microsoft.graph.orgContact","id":"${manager.id}"}`;
  const ordinal = directory.ordinalOfId(manager.id);
  const found = ordinal === undefined ? undefined : directory.snapshot(ordinal);
  if (found === undefined) return undefined;
  return `{"@odata.type":"#microsoft.graph.user",${writeComplete(found.fields, returnedProperties(select)).slice(1)}}`;
}
