// Guards the links Graph hands out: they carry our bearer and a tenant's state, so only unchanged links to the configured host are sent.
import { createHash } from 'node:crypto';

/** Everything Muster asks of Graph is in this version; a link that leaves it is not ours (docs/graph.md §10 item 2). */
export const versionPath = '/v1.0/';

/**
 * Says why a link must not be sent, or `null` when it may be. A link that URL parsing would alter is refused too: a token changed
 * on its way makes Graph answer as if it were 30 days old (docs/graph.md §0 fact 5).
 * @param origin scheme, host and port of the configured Graph, such as `https://graph.microsoft.com`
 */
export function linkProblem(origin: string, link: string): string | null {
  if (!link.startsWith(`${origin}/`)) return 'A link leads to another host.';
  if (!link.startsWith(`${origin}${versionPath}`)) return 'A link leads to another version of Microsoft Graph.';
  // Parsing writes an apostrophe in a query (of a filter, in links of lists) as %27, which says the same: it was never ambiguous.
  const query = link.indexOf('?');
  const asSent = query < 0 ? link : link.slice(0, query) + link.slice(query).replaceAll("'", '%27');
  // Equality also excludes a path that leaves the version by `..`; a fragment would be kept here but never sent.
  if (URL.parse(link)?.href !== asSent || link.includes('#')) return 'A link cannot be sent unchanged.';
  return null;
}

/** Names a link in logs without showing the token in it: 16 hex digits. */
export function linkHash(link: string): string {
  return createHash('sha256').update(link).digest('hex').slice(0, 16);
}
