// Joins what a refusal means with what identifies the request, into the failure the directory port promises.
import type { Refusal } from '../domain/directory-failure.ts';
import type { DirectoryFailure, FailureDetail } from '../ports/directory.ts';

/** What identifies a refused request for people and logs. */
export type RefusalFacts = Omit<FailureDetail, 'sentence'>;

/** @param waitMs used only when the refusal is a throttle */
export function failureOf(refusal: Refusal, facts: RefusalFacts, waitMs: number): DirectoryFailure {
  const detail: FailureDetail = { ...facts, sentence: refusal.sentence };
  if (refusal.kind === 'throttled') return { kind: 'throttled', retryAfterMs: waitMs, scope: refusal.scope, detail };
  if (refusal.kind === 'accessLost') return { kind: 'accessLost', owner: refusal.owner, detail };
  return { kind: refusal.kind, detail };
}
