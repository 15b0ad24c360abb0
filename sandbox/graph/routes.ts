// The table of what the Graph stand-in answers, and with which permission.
import type { Directory } from '../world/directory.ts';
import { type Answer, badRequest, GraphError, jsonAnswer } from './answer.ts';
import { answerDelta, type DeltaContext } from './delta.ts';
import { requirePermission } from './permissions.ts';
import type { GraphRequest } from './request.ts';
import { onMicrosoft } from '../world/accounts.ts';
import { answerCount, answerList, type ListContext } from './users-list.ts';
import { answerDirectReports, answerMailboxSettings, answerManager, answerUser } from './users-read.ts';

type RouteContext = DeltaContext & ListContext;

/** Answers a request for one tenant's data. @throws GraphError for everything Graph refuses. */
export function route(request: GraphRequest, context: RouteContext): Answer {
  const [collection, key, property, detail] = request.segments;
  if (request.method !== 'GET')
    throw new GraphError(405, 'Request_BadRequest', `Specified HTTP method '${request.method}' is not allowed for the request target.`);
  if (collection === 'organization') {
    requirePermission(request.caller, 'organization');
    return answerOrganization(context);
  }
  if (collection !== 'users') throw unknownSegment(collection);
  if (property === 'mailboxSettings' && (detail === undefined || detail === 'userPurpose')) return answerMailboxSettings(request, context);
  requirePermission(request.caller, 'users');
  if (key === undefined) return answerList(request, context);
  if (property === undefined) {
    if (key === '$count') return answerCount(request, context);
    if (/^(microsoft\.graph\.)?delta(\(\))?$/.test(key)) return answerDelta(request, context);
    return answerUser(request, context);
  }
  if (detail === undefined && property === 'manager') return answerManager(request, context);
  if (detail === undefined && property === 'directReports') return answerDirectReports(request, context);
  throw unknownSegment(detail ?? property);
}

function unknownSegment(segment: string | undefined): GraphError {
  return badRequest(`Resource not found for the segment '${segment ?? ''}'.`);
}

function answerOrganization({ directory, serviceRoot }: { readonly directory: Directory; readonly serviceRoot: string }): Answer {
  const domain = (name: string, isDefault: boolean) => ({
    capabilities: 'Email, OfficeCommunicationsOnline',
    isDefault,
    isInitial: !isDefault,
    name,
    type: 'Managed',
  });
  const organization = {
    id: directory.tenantId,
    displayName: directory.displayName,
    verifiedDomains: [domain(directory.domain, true), domain(onMicrosoft(directory.domain), false)],
  };
  return jsonAnswer(JSON.stringify({ '@odata.context': `${serviceRoot}/$metadata#organization`, value: [organization] }));
}
