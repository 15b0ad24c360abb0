// A tenant's directory over Microsoft Graph: which requests are asked, everything else is in the files beside this one.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import type { Answer, Directory, DirectoryFailure, OpenDirectory } from '../ports/directory.ts';
import { type AskLimits, type GraphLogLine, makeAsker, type Question, type Reading } from './graph-ask.ts';
import { existence, existenceBatch, largestBatch, readBatch } from './graph-batch.ts';
import { countBatch, countHeaders, countsIn, readCount } from './graph-counts.ts';
import { firstDeltaPath, latestDeltaPath, readDeltaPage, readLatest } from './graph-delta.ts';
import { linkProblem, versionPath } from './graph-link.ts';
import { managersPath, readManagerPage } from './graph-managers.ts';
import { ofList, readUsersPage, usersPath } from './graph-users.ts';

/** Up to 4 requests for one question; waits of at most 5 s inside. */
const usualLimits: AskLimits = { tries: 4, longestWaitMs: 5_000, firstBackOffMs: 1_000 };

export interface GraphSettings {
  /** `https://graph.microsoft.com`, a national cloud's host, or the sandbox's `https://localhost:<port>`; always https. */
  readonly baseUrl: string;
  /** Audience of the tokens; the sandbox answers under another host but for the same audience. */
  readonly audience?: string;
  /** One credential per tenant. `fresh` makes a new one, without cached tokens, that is the cached one from then on. */
  readonly credentialFor: (tenantId: string, freshness?: 'cached' | 'fresh') => TokenCredential;
  readonly clock: { now(): Date };
  readonly log?: (line: GraphLogLine) => void;
  /** For one request with its answer, in real time. */
  readonly requestTimeoutMs?: number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly limits?: AskLimits;
}

/**
 * Makes the opener of tenants' directories.
 * @throws Error when `baseUrl` is not a plain https origin
 */
export function makeOpenDirectory(settings: GraphSettings): OpenDirectory {
  const base = URL.parse(settings.baseUrl);
  if (base === null || base.protocol !== 'https:' || base.pathname !== '/' || base.search !== '' || base.username !== '') {
    throw new Error('The Graph base URL must be an https address without a path.');
  }
  return (tenantId) => openDirectory(settings, base.origin, tenantId);
}

function openDirectory(settings: GraphSettings, origin: string, tenantId: string): Directory {
  const { ask, usage } = makeAsker({
    credential: (freshness) => settings.credentialFor(tenantId, freshness),
    scope: `${settings.audience ?? 'https://graph.microsoft.com'}/.default`,
    now: () => settings.clock.now(),
    log: settings.log ?? (() => undefined),
    requestTimeoutMs: settings.requestTimeoutMs ?? 30_000,
    sleep: settings.sleep ?? (async (milliseconds) => pause(milliseconds)),
    random: settings.random ?? Math.random,
    newId: settings.newId ?? randomUUID,
    limits: settings.limits ?? usualLimits,
  });

  const page = async <T>(
    link: string | null,
    firstPath: string,
    question: Pick<Question<T>, 'read'> & { headers?: Record<string, string> },
  ) => {
    const problem = link === null ? null : linkProblem(origin, link);
    if (problem !== null) return refusedLink(problem);
    const request = { method: 'GET', url: link ?? `${origin}${firstPath}`, headers: question.headers ?? {} } as const;
    return ask({ request, carriedToken: link !== null, read: question.read });
  };

  return {
    // The page size is a hint that Graph caps at 200 (docs/graph.md §1.2).
    deltaPage: async (link) =>
      page(link, firstDeltaPath, { read: (text) => readDeltaPage(origin, text), headers: { Prefer: 'odata.maxpagesize=999' } }),
    startDelta: async () => page(null, latestDeltaPath, { read: (text) => readLatest(origin, text) }),
    usersPage: async (link, prefix) => ofList(await page(link, usersPath(prefix), { read: (text) => readUsersPage(origin, text) })),
    managerPage: async (link, prefix = '') =>
      ofList(await page(link, managersPath(prefix), { read: (text) => readManagerPage(origin, text) })),
    lookUp: async (objectIds) => {
      if (objectIds.length > largestBatch) throw new RangeError(`At most ${largestBatch} object ids can be looked up at once.`);
      const distinct = [...new Set(objectIds)];
      if (distinct.length === 0) return { ok: true, value: new Map() };
      const parts = await ask({ request: existenceBatch(origin, distinct), carriedToken: false, read: readBatch });
      return parts.ok ? existence(distinct, parts.value, settings.clock.now()) : parts;
    },
    countUsers: async () => {
      const request = { method: 'GET', url: `${origin}${versionPath}users/$count`, headers: countHeaders } as const;
      return ask({ request, carriedToken: false, read: readCount });
    },
    countByPrefix: async (prefixes) => {
      if (prefixes.length > largestBatch) throw new RangeError(`At most ${largestBatch} prefixes can be counted at once.`);
      const distinct = [...new Set(prefixes)];
      if (distinct.length === 0) return { ok: true, value: new Map() };
      const parts = await ask({ request: countBatch(origin, distinct), carriedToken: false, read: readBatch });
      return ofList(parts.ok ? countsIn(distinct, parts.value, settings.clock.now()) : parts);
    },
    probe: async () => {
      const request = { method: 'GET', url: `${origin}${versionPath}users?$top=1&$select=id` } as const;
      return ask({ request, carriedToken: false, provesAccess: true, read: readProof });
    },
    usage,
  };
}

function refusedLink(sentence: string): Answer<never> {
  const failure: DirectoryFailure = { kind: 'broken', detail: { status: null, code: 'badLink', requestId: null, sentence } };
  return { ok: false, failure };
}

/** The status alone proves the permission, but a foreign page in between must not look like it. */
function readProof(text: string): Reading<null> {
  if (text.trimStart().startsWith('{')) return { ok: true, value: null };
  return { ok: false, kind: 'transient', sentence: 'Microsoft Graph sent something that is not JSON.' };
}
