// A Graph request taken apart the way Graph reads it: system query options by name, and tokens byte for byte (a `+` in a token is a `+`).
import { badRequest } from './answer.ts';
import type { GraphCaller } from './authenticate.ts';

export interface GraphRequest {
  readonly method: string;
  /** Decoded path segments after the version: `['users', 'delta']`. */
  readonly segments: readonly string[];
  /** Query options by lower-case name without `$`, decoded. */
  readonly query: ReadonlyMap<string, string>;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly caller: GraphCaller;
}

const tokens = new Set(['skiptoken', 'deltatoken']);

/**
 * Takes a path such as `/users/delta?$select=id` apart.
 * @throws GraphError 400 when it cannot be decoded.
 */
export function parseTarget(target: string): Pick<GraphRequest, 'segments' | 'query'> {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new Map<string, string>();
  try {
    for (const option of mark < 0 ? [] : target.slice(mark + 1).split('&')) {
      if (option === '') continue;
      const equals = option.indexOf('=');
      const name = decodeURIComponent(equals < 0 ? option : option.slice(0, equals))
        .replace(/^\$/, '')
        .toLowerCase();
      const value = equals < 0 ? '' : option.slice(equals + 1);
      query.set(name, decodeURIComponent(tokens.has(name) ? value : value.replaceAll('+', ' ')));
    }
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    return { segments, query };
  } catch {
    throw badRequest('The request URI is not well-formed.');
  }
}

/** The value of one preference of the `Prefer` header, `''` for a preference without value, undefined when it is not there. */
export function preference(request: Pick<GraphRequest, 'headers'>, name: string): string | undefined {
  for (const part of (request.headers['prefer'] ?? '').split(',')) {
    const [key = '', value = ''] = part.trim().split('=');
    if (key.toLowerCase() === name) return value;
  }
  return undefined;
}
