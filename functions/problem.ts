// The one translation of errors to HTTP: RFC 9457 problem details with a stable code.
import * as z from 'zod';
import { type ErrorCode, errorCodes, type FieldProblem, type ProblemDetails, Refusal } from '../shared/domain/errors.ts';
import type { Log } from '../shared/ports/ports.ts';
import type { Reply } from './route.ts';

/** A problem document as a reply. */
export function problem(code: ErrorCode, traceId: string, details: ProblemDetails = {}): Reply {
  const { status, title } = errorCodes[code];
  const content = { type: `urn:muster:problem:${code}`, title, status, code, ...details, traceId };
  const headers: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : status === 503 ? { 'Retry-After': '5' } : {};
  return { status, headers, text: { contentType: 'application/problem+json', content: JSON.stringify(content) } };
}

/** A refusal that names the one field or header that is wrong. */
export function refuseField(pointer: string, detail: string): Refusal {
  return new Refusal('invalid-request', { detail: `${pointer}: ${detail}`, errors: [{ pointer, detail }] });
}

type Where = 'body' | 'query' | 'path';

/** What is wrong with each field, in words. */
export function fieldProblems({ issues }: Pick<z.ZodError, 'issues'>, where: Where): readonly FieldProblem[] {
  return issues.flatMap((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [null];
    return names.map((name) => {
      const path = [...issue.path, ...(name === null ? [] : [name])].map(String);
      const pointer =
        where === 'body' ? `/${path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}` : (path[0] ?? where);
      return { pointer: pointer.slice(0, 200), detail: name === null ? issue.message : 'There is no such field.' };
    });
  });
}

/** Reads input with a schema. @throws Refusal `invalid-request` naming each wrong field. */
export function parseInput(schema: z.ZodType, input: unknown, where: Where): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = fieldProblems(parsed.error, where);
  const [first] = errors;
  throw new Refusal('invalid-request', { ...(first ? { detail: `${first.pointer}: ${first.detail}` } : {}), errors: errors.slice(0, 50) });
}

/** Turns whatever was thrown into a reply. Unexpected errors are logged with their trace id and tell nothing. */
export function replyToError(error: unknown, traceId: string, log: Log): Reply {
  if (error instanceof Refusal) return problem(error.code, traceId, error.details);
  const name = error instanceof Error ? error.name : 'unknown';
  log('error', 'A request failed unexpectedly.', { traceId, name, stack: error instanceof Error ? (error.stack ?? null) : null });
  return problem('internal', traceId);
}
