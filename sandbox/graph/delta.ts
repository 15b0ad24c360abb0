// `GET /users/delta`: starts, continues and resumes rounds, and refuses what Graph refuses (docs/graph.md §1, §9 items 9–22, 45–49).
import type { Directory } from '../world/directory.ts';
import { chance, mix } from '../world/random.ts';
import { type Answer, badRequest, GraphError, jsonAnswer, pageBytes, unsupportedQuery } from './answer.ts';
import { entryContext, writeEntry } from './delta-entry.ts';
import { planRound, type RoundPlan } from './delta-plan.ts';
import { parseSelect } from './properties.ts';
import { type GraphRequest, preference } from './request.ts';
import type { GraphSettings } from './settings.ts';
import { type DeltaToken, openToken, type PageToken, type Round, sealToken } from './token.ts';

/** What answering needs besides the request. */
export interface DeltaContext {
  readonly directory: Directory;
  readonly settings: GraphSettings;
  /** Where the links point, such as `https://localhost:8443/v1.0`. */
  readonly serviceRoot: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A number no other round of this tenant has had since the start. */
  readonly nextNonce: () => number;
  readonly plans: Map<string, RoundPlan>;
  readonly keptFor: (selection: string) => (Buffer | undefined)[];
}

const longestFilter = 50;
const tooOld = 'DeltaLink older than 30 days is not supported.';

/** Answers one page of users/delta. @throws GraphError for everything Graph refuses. */
export function answerDelta(request: GraphRequest, context: DeltaContext): Answer {
  const { query } = request;
  if (!context.settings.changeTracking) throw unsupportedQuery('Change enumeration is not supported for requested tenant.');
  if (context.settings.refuseOrderBy && query.has('orderby')) throw unsupportedQuery('$orderby is not supported for change tracking.');
  const skipToken = query.get('skiptoken');
  const deltaToken = query.get('deltatoken');
  if (skipToken !== undefined) {
    if (query.has('select')) throw badRequest('$select cannot be combined with $skiptoken.');
    return page(continuedPage(skipToken, request, context), request, context);
  }
  if (deltaToken === undefined || deltaToken === '' || deltaToken === 'latest') {
    const started = newRound(request, context);
    if (deltaToken === 'latest') return body([], deltaLink(started, context), context);
    return page({ kind: 'page', round: started, position: 0, blanks: 0 }, request, context);
  }
  return page({ kind: 'page', round: resumedRound(deltaToken, request, context), position: 0, blanks: 0 }, request, context);
}

function newRound(request: GraphRequest, context: DeltaContext): Round {
  return {
    tenantId: request.caller.tenantId,
    appId: request.caller.appId,
    generation: context.directory.generation,
    select: parseSelect(request.query.get('select')),
    ids: parseIds(request.query.get('filter')),
    versions: [context.directory.version()],
    nonce: context.nextNonce(),
    startedAt: context.now,
    minimal: false,
    expanded: request.query.has('expand'),
    longName: request.segments.at(-1) !== 'delta',
  };
}

function resumedRound(text: string, request: GraphRequest, context: DeltaContext): Round {
  const { settings } = context;
  const token = openToken(text);
  if (token?.kind !== 'delta' || !isKnown(token.round, request, context)) throw unsupportedQuery(tooOld);
  if (context.now - token.issuedAt > settings.deltaTokenMaxAgeMs) throw refusedToken(token.round, context);
  const versions = [context.directory.version(), ...token.round.versions].slice(0, Math.max(2, settings.lagRounds + 4));
  return {
    ...token.round,
    select: parseSelect(request.query.get('select')) ?? token.round.select,
    versions,
    nonce: context.nextNonce(),
    startedAt: context.now,
    minimal: preference(request, 'return') === 'minimal',
  };
}

function continuedPage(text: string, request: GraphRequest, context: DeltaContext): PageToken {
  const token = openToken(text);
  if (token?.kind !== 'page' || !isKnown(token.round, request, context)) throw unsupportedQuery(tooOld);
  if (context.now - token.round.startedAt > context.settings.roundMaxAgeMs) {
    throw unsupportedQuery('Sync must reach steady state within 30 days.');
  }
  return token;
}

/** Whether a round was begun by this caller in this directory, at a version the directory still has. */
function isKnown(round: Round, { caller }: GraphRequest, { settings, directory }: DeltaContext): boolean {
  const own = !settings.bindTokens || (round.tenantId === caller.tenantId && round.appId === caller.appId);
  return own && round.generation === directory.generation && (round.versions[0] ?? 0) <= directory.version();
}

/** The refusal of an old delta token in the tenant's mode (§9 item 45). */
function refusedToken(round: Round, context: DeltaContext): GraphError {
  const mode = context.settings.tokenRefusal;
  const select = round.select === null ? '' : `$select=${round.select.join()}&`;
  const location = `${context.serviceRoot}/users/delta?${select}$deltatoken=`;
  const refusals: Readonly<Record<typeof mode, () => GraphError>> = {
    syncStateNotFound: () => new GraphError(400, 'syncStateNotFound', 'The sync state generation is not found; start a new round.'),
    olderThan30Days: () => unsupportedQuery(tooOld),
    resyncRequired: () => new GraphError(400, 'resyncRequired', 'Resync is required; the app must reset the sync state.'),
    gone: () => new GraphError(410, 'resyncRequired', 'Resync is required. Follow the Location header.', { location }),
  };
  return refusals[mode]();
}

/** Reads `id eq '…' or id eq '…'`, the only filter delta knows (docs/graph.md §1.2). */
function parseIds(filter: string | undefined): readonly string[] | null {
  if (filter === undefined || filter.trim() === '') return null;
  const ids = filter.split(/\s+or\s+/i).map((part) => /^\s*id\s+eq\s+'([^']*)'\s*$/i.exec(part)?.[1]?.toLowerCase());
  if (!ids.every((id) => id !== undefined)) throw unsupportedQuery('Only filters on id are supported for change tracking.');
  if (ids.length > longestFilter) throw badRequest(`Too many ids in the filter; at most ${longestFilter} are supported.`);
  return ids;
}

function page(token: PageToken, request: GraphRequest, context: DeltaContext): Answer {
  const { settings, directory } = context;
  const { round, position, blanks } = token;
  const plan = planOf(round, context);
  const seed = mix(plan.seed, position);
  const blank = plan.size > 0 && blanks < settings.emptyPageRun && (blanks > 0 || chance(seed, 1) < settings.emptyPageShare);
  if (blank) return body([], nextLink({ ...token, blanks: blanks + 1 }, context), context);

  const end = Math.min(plan.size, position + pageSize(request, seed, settings));
  const entries = entryContext(directory, round, settings, { seed: plan.seed, firstPage: position === 0, keptFor: context.keptFor });
  const value: (string | Buffer)[] = [];
  for (let index = position; index < end; index++) {
    const entry = writeEntry(plan.slot(index), entries);
    if (entry !== undefined) value.push(entry);
  }
  if (end < plan.size)
    return body(value, nextLink(settings.loopNextLink ? token : { ...token, position: end, blanks: 0 }, context), context);
  if (settings.endlessRound) return body(value, nextLink({ ...token, position: end, blanks: blanks + 1 }, context), context);
  return body(value, deltaLink(round, context), context);
}

function planOf(round: Round, context: DeltaContext): RoundPlan {
  if (round.versions.length === 1 && round.ids === null) return planRound(context.directory, round, context.settings);
  const key = JSON.stringify([round.tenantId, round.nonce, round.versions, round.select, round.ids]);
  const known = context.plans.get(key);
  if (known !== undefined) return known;
  const plan = planRound(context.directory, round, context.settings);
  context.plans.set(key, plan);
  for (const oldest of context.plans.keys()) {
    if (context.plans.size <= 16) break;
    context.plans.delete(oldest);
  }
  return plan;
}

function pageSize(request: GraphRequest, seed: number, settings: GraphSettings): number {
  const largest = Math.min(200, settings.largestPage);
  const smallest = Math.min(largest, settings.smallestPage);
  const drawn = smallest + Math.floor(chance(seed, 2) * (largest - smallest + 1));
  const wished = Number.parseInt(preference(request, 'odata.maxpagesize') ?? '', 10);
  return settings.honourMaxPageSize && wished > 0 ? Math.min(drawn, wished) : drawn;
}

function nextLink(token: PageToken, context: DeltaContext): string {
  return link('nextLink', '$skiptoken', sealToken(token), token.round, context);
}

function deltaLink(round: Round, context: DeltaContext): string {
  const [version = 0, ...earlier] = round.versions;
  const versions = [context.settings.loseChangesWhilePaging ? context.directory.version() : version, ...earlier];
  const token: DeltaToken = { kind: 'delta', round: { ...round, versions }, issuedAt: context.now };
  return link('deltaLink', '$deltatoken', sealToken(token), round, context);
}

function link(kind: string, parameter: string, token: string, round: Round, { settings, serviceRoot }: DeltaContext): string {
  const long = settings.linkForm === 'long' || (settings.linkForm === 'asAsked' && round.longName);
  return `"@odata.${kind}":"${serviceRoot}/users/${long ? 'microsoft.graph.delta' : 'delta'}?${parameter}=${token}"`;
}

function body(value: readonly (string | Buffer)[], linkText: string, { serviceRoot }: DeltaContext): Answer {
  return jsonAnswer(pageBytes(`{"@odata.context":"${serviceRoot}/$metadata#users",${linkText},"value":[`, value));
}
