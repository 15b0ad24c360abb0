// One attempt to join a tenant, step by step: each step needs its secret, the browser that started it, and can be taken once.
import { Refusal } from '../domain/errors.ts';
import { splitToken } from '../domain/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import { type ConnectAttempt, type ConnectStage, readAttempt, replaceAttempt } from '../storage/connect-attempts.ts';
import type { Found } from '../storage/document.ts';
import { matchesHash } from './hashing.ts';

export interface Redirect {
  readonly state: string | null;
  readonly session: string | null;
}

/** The attempt a redirect belongs to, if it is at this stage, in this browser, in time. */
export async function openAttempt(ports: Ports, { state, session }: Redirect, stage: ConnectStage): Promise<Found<ConnectAttempt>> {
  const token = splitToken(state);
  const found = token && (await readAttempt(ports.tables, token.id));
  if (!token || !found) throw new Refusal('connect-expired');
  const attempt = found.value;
  if (session === null || !matchesHash(session, attempt.sessionHash)) throw new Refusal('connect-other-browser');
  const usable = attempt.stage === stage && matchesHash(token.secret, attempt.secretHash);
  if (!usable || Date.parse(attempt.expiresAt) <= ports.clock.now().getTime()) throw new Refusal('connect-expired');
  return found;
}

/** Takes the step exactly once. @throws Refusal `connect-expired` when somebody else took it first. */
export async function step(ports: Ports, found: Found<ConnectAttempt>, change: Partial<ConnectAttempt>): Promise<ConnectAttempt> {
  const next = { ...found.value, ...change };
  if ((await replaceAttempt(ports.tables, next, found.etag)) === 'changed') throw new Refusal('connect-expired');
  return next;
}

/** Ends the attempt and refuses. */
export async function endWith(ports: Ports, found: Found<ConnectAttempt>, refusal: Refusal): Promise<never> {
  await step(ports, found, { stage: 'used' });
  throw refusal;
}
