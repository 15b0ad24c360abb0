// Asks Graph patiently: short waits and a few retries happen here, everything longer is handed back to the caller with its reason.
import type { TokenCredential } from '@azure/identity';
import {
  classifyAnswer,
  classifyTokenFailure,
  errorCodes,
  parseRetryAfter,
  type Refusal,
  rolelessToken,
} from '../domain/directory-failure.ts';
import type { Answer, DirectoryUsage } from '../ports/directory.ts';
import { type Exchange, exchange, type GraphRequest } from './graph-exchange.ts';
import { failureOf, type RefusalFacts } from './graph-failure.ts';
import { linkHash } from './graph-link.ts';
import { grantsNothing, takeToken } from './graph-token.ts';

/** How long and how often one question is repeated inside. */
export interface AskLimits {
  /** Requests for one question, the first included. */
  readonly tries: number;
  /** A longer wait is returned instead of slept through. */
  readonly longestWaitMs: number;
  /** First wait when Graph names none; doubles each time, with jitter. */
  readonly firstBackOffMs: number;
}

/** One line per request: enough to find it in Microsoft's logs and ours, nothing about people or tokens (docs/graph.md §10 item 37). */
export interface GraphLogLine {
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly clientRequestId: string;
  readonly linkHash: string;
}

export interface AskSettings {
  /** The tenant's credential: from the cache, or a new instance that has no token yet. */
  readonly credential: (freshness: 'cached' | 'fresh') => TokenCredential;
  readonly scope: string;
  readonly now: () => Date;
  readonly log: (line: GraphLogLine) => void;
  readonly requestTimeoutMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 (included) to 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly limits: AskLimits;
}

/** What a 200 answer holds; `transient` when it is not the document asked for, `broken` when it is but breaks the contract. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly kind: 'transient' | 'broken'; readonly sentence: string };

export interface Question<T> {
  readonly request: GraphRequest;
  /** Whether the address holds a delta or page token. */
  readonly carriedToken: boolean;
  readonly read: (text: string) => Reading<T>;
  /** Takes a new token first and refuses one that grants nothing. */
  readonly provesAccess?: boolean;
}

export interface Asker {
  readonly ask: <T>(question: Question<T>) => Promise<Answer<T>>;
  readonly usage: () => DirectoryUsage;
}

/** A refusal of one try, with what Graph said about waiting. */
interface Refused {
  readonly refusal: Refusal;
  readonly retryAfterMs: number | null;
  readonly facts: RefusalFacts;
}

/** Makes one tenant's asker; it counts what it sends. */
export function makeAsker(settings: AskSettings): Asker {
  const usage = { requests: 0, retries: 0, throttledMs: 0 };

  async function once<T>(question: Question<T>, freshness: 'cached' | 'fresh'): Promise<{ readonly value: T } | Refused> {
    const { request } = question;
    const clientRequestId = settings.newId();
    const taken = await takeToken(settings.credential(freshness), settings.scope, settings.requestTimeoutMs);
    const logRefused = (refused: Refused): Refused => {
      const { status, code, requestId } = refused.facts;
      settings.log({ status, code, requestId, clientRequestId, linkHash: linkHash(request.url) });
      return refused;
    };
    if (!taken.ok) {
      const [number] = taken.facts.numbers;
      const code = number === undefined ? taken.facts.oauthError : `AADSTS${number}`;
      const facts = { status: taken.facts.status, code, requestId: null };
      return logRefused({ refusal: classifyTokenFailure(taken.facts), retryAfterMs: null, facts });
    }
    if (question.provesAccess === true && grantsNothing(taken.token)) {
      return logRefused({ refusal: rolelessToken(), retryAfterMs: null, facts: { status: null, code: 'noRoles', requestId: null } });
    }
    usage.requests += 1;
    const headers = { ...request.headers, 'client-request-id': clientRequestId };
    const answered = await exchange({ ...request, headers }, taken.token, settings.requestTimeoutMs);
    const judged = judge(answered, question, settings.now());
    if ('refusal' in judged) return logRefused(judged);
    settings.log({ status: 200, code: null, requestId: judged.requestId, clientRequestId, linkHash: linkHash(request.url) });
    return judged;
  }

  async function ask<T>(question: Question<T>): Promise<Answer<T>> {
    let renewed = question.provesAccess === true;
    let freshness: 'cached' | 'fresh' = renewed ? 'fresh' : 'cached';
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(question, freshness);
      if (!('refusal' in outcome)) return { ok: true, value: outcome.value };
      const { refusal } = outcome;
      const tokenSuspected = !renewed && refusal.kind === 'accessLost' && refusal.freshTokenMayHelp;
      // A new token is taken once; from then on it is the cached one, and a second refusal is final.
      freshness = tokenSuspected ? 'fresh' : 'cached';
      renewed ||= tokenSuspected;
      const waitMs = tokenSuspected ? 0 : (outcome.retryAfterMs ?? backOff(attempt, settings));
      if (refusal.kind === 'throttled') usage.throttledMs += waitMs;
      const worthRepeating = tokenSuspected || refusal.kind === 'throttled' || refusal.kind === 'transient';
      if (!worthRepeating || attempt >= settings.limits.tries || waitMs > settings.limits.longestWaitMs) {
        return { ok: false, failure: failureOf(refusal, outcome.facts, waitMs) };
      }
      usage.retries += 1;
      if (waitMs > 0) await settings.sleep(waitMs);
    }
  }

  return { ask, usage: () => ({ ...usage }) };
}

function judge<T>(
  answered: Exchange,
  question: Question<T>,
  now: Date,
): { readonly value: T; readonly requestId: string | null } | Refused {
  if (answered.kind === 'noAnswer') {
    const facts = { status: null, code: answered.code, requestId: null };
    return { refusal: { kind: 'transient', sentence: 'Microsoft Graph gave no complete answer.' }, retryAfterMs: null, facts };
  }
  const { status, headers, text } = answered;
  const requestId = headers.get('request-id');
  if (status === 200) {
    const reading = question.read(text);
    if (reading.ok) return { value: reading.value, requestId };
    const refusal = { kind: reading.kind, sentence: reading.sentence };
    return { refusal, retryAfterMs: null, facts: { status, code: null, requestId } };
  }
  const codes = errorCodes(parseJson(text));
  const refusal = classifyAnswer({ status, codes, carriedToken: question.carriedToken, throttleScope: headers.get('x-ms-throttle-scope') });
  return { refusal, retryAfterMs: parseRetryAfter(headers.get('retry-after'), now), facts: { status, code: codes[0] ?? null, requestId } };
}

/** The document, or `undefined` for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Half of the doubled wait is certain, the other half is spread, so that tenants do not come back in step. */
function backOff(attempt: number, { limits, random }: AskSettings): number {
  return Math.round(limits.firstBackOffMs * 2 ** (attempt - 1) * (0.5 + random() / 2));
}
