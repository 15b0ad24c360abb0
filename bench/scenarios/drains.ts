// Bare drains of the delta chain by a program of their own: the floor that rounds are held against.
import { managersPath } from '../../shared/adapters/graph-managers.ts';
import { usersPath } from '../../shared/adapters/graph-users.ts';
import { firstPage } from '../graph-access.ts';
import type { Peer } from '../peer.ts';
import type { Product } from '../product.ts';
import type { Figures } from '../samples.ts';

/** What the drain program answers. */
export interface Drained {
  readonly requests: number;
  readonly users: number;
  readonly deltaLink: string | null;
  readonly figures: Figures;
}

/**
 * Drains once without being timed, the lists as well as the chain: the stand-in renders each user once for each selection and keeps it,
 * and the drain program is compiled.
 * @returns the pages of the whole chain
 */
export async function warmUp(product: Product, drainer: Peer, token: string): Promise<number> {
  const { baseUrl } = product.sandbox.graph;
  for (const path of [managersPath(''), usersPath('')]) await drainer.ask<Drained>('drain', { url: `${baseUrl}${path}`, token });
  return (await drainer.ask<Drained>('drain', { url: firstPage(product), token })).requests;
}

/**
 * Drains everybody, or `pages` pages whose time is scaled to all: in a chain every page costs the same, its latency and its parsing.
 * `measuredPages` tells how many were read.
 */
export async function drainScaled(
  product: Product,
  drainer: Peer,
  token: string,
  { allPages, pages }: { readonly allPages: number; readonly pages: number | undefined },
): Promise<Figures> {
  const drained = await drainer.ask<Drained>('drain', { url: firstPage(product), token, ...(pages === undefined ? {} : { pages }) });
  const scale = allPages / drained.requests;
  const { ms = 0, cpuSeconds = 0, peakMb = 0 } = drained.figures;
  return { ms: ms * scale, cpuSeconds: cpuSeconds * scale, peakMb, graphCalls: allPages, measuredPages: drained.requests };
}
