// What the Graph stand-in remembers of one tenant between requests: its switches, its counters, and texts and plans that are dear to make twice.
import type { Directory } from '../world/directory.ts';
import { GraphError } from './answer.ts';
import type { RoundPlan } from './delta-plan.ts';
import type { GraphRequest } from './request.ts';
import type { GraphSettings } from './settings.ts';

export interface TenantState {
  readonly settings: GraphSettings;
  requests: number;
  readonly nextNonce: () => number;
  readonly plans: Map<string, RoundPlan>;
  /** Rendered users by ordinal, for one selection of properties. */
  readonly keptFor: (directory: Directory, selection: string) => (Buffer | undefined)[];
  readonly isRepeatedRead: (page: string) => boolean;
  /** Counts a request to a mailbox in; the result counts it out. @throws GraphError 429 above 4 at once (§9 item 54). */
  readonly enterMailbox: (request: GraphRequest) => () => void;
}

/** Rendered users kept per tenant over all selections; at ~900 bytes each this bounds the memory. */
const keptUsers = 400_000;
const rememberedPages = 10_000;
const mailboxConcurrency = 4;

export function makeTenantState(settings: GraphSettings): TenantState {
  let nonce = 0;
  let keptOf: Directory | undefined;
  const kept = new Map<string, (Buffer | undefined)[]>();
  const pages = new Set<string>();
  const mailboxes = new Map<string, number>();
  return {
    settings,
    requests: 0,
    nextNonce: () => nonce++,
    plans: new Map(),
    keptFor: (directory, selection) => {
      if (keptOf !== directory) kept.clear();
      keptOf = directory;
      const known = kept.get(selection) ?? Array.from<Buffer | undefined>({ length: directory.objectCount() });
      kept.delete(selection);
      kept.set(selection, known);
      for (const oldest of kept.keys()) {
        if (kept.size === 1 || kept.size * directory.objectCount() <= keptUsers) break;
        kept.delete(oldest);
      }
      return known;
    },
    isRepeatedRead: (page) => {
      const seen = pages.has(page);
      if (pages.size >= rememberedPages) pages.clear();
      pages.add(page);
      return seen;
    },
    enterMailbox: ({ segments }) => {
      if (segments[2] !== 'mailboxSettings') return () => undefined;
      const mailbox = segments[1] ?? '';
      const inside = mailboxes.get(mailbox) ?? 0;
      if (inside >= mailboxConcurrency) {
        throw new GraphError(429, 'ApplicationThrottled', 'Application is over its MailboxConcurrency limit.', { 'retry-after': '1' });
      }
      mailboxes.set(mailbox, inside + 1);
      return () => void mailboxes.set(mailbox, (mailboxes.get(mailbox) ?? 1) - 1);
    },
  };
}
