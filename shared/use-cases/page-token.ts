// Page tokens are opaque: encrypted (a cursor may hold a name) and bound to the company, the query and a day.
import { createHash } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { type Box, seal, unseal } from './sealed-box.ts';

type TokenPorts = Pick<Ports, 'clock' | 'operation'>;

const lifeMs = 86_400_000;

export interface PageBinding {
  readonly purpose: string;
  readonly binding: Readonly<Record<string, unknown>>;
}

/** What a token is good for: the same list, of the same company, with the same filters. */
const boxOf = ({ purpose, binding }: PageBinding): Box => ({
  purpose: 'page-token',
  binding: createHash('sha256')
    .update(JSON.stringify([purpose, Object.entries(binding).toSorted(([left], [right]) => (left < right ? -1 : 1))]))
    .digest(),
});

/** Wraps a cursor; `null` stays `null`. */
export function sealPage(ports: TokenPorts, page: PageBinding, cursor: string | null): string | null {
  if (cursor === null) return null;
  return seal(ports.operation, boxOf(page), JSON.stringify({ cursor, until: ports.clock.now().getTime() + lifeMs }));
}

/**
 * Unwraps a token.
 * @throws Refusal `invalid-page` for a token that is forged, expired, or was made for another list, company or filter.
 */
export function openPage(ports: TokenPorts, page: PageBinding, token: string | undefined): string | null {
  if (token === undefined) return null;
  // Every way of being wrong gets the same answer.
  const content = unseal(ports.operation, boxOf(page), token);
  if (content !== undefined) {
    const { cursor, until } = JSON.parse(content) as { cursor: string; until: number };
    if (until > ports.clock.now().getTime()) return cursor;
  }
  throw new Refusal('invalid-page');
}
