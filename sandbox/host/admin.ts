// The host's own routes below /admin: status, waiting until all is quiet, measuring stalls, and running a timer function by hand.
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLoopWatch } from './event-loop.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import { json } from './http-message.ts';
import { peakResidentBytes } from './peak-memory.ts';

/** What the routes need from the host. */
export interface AdminParts {
  /** What is ready or in flight right now, in words; empty = quiet. */
  readonly busy: () => readonly string[];
  /** Messages that wait in a queue for one of the app's functions; asked only when nothing else is going on. */
  readonly waitingMessages: () => Promise<readonly string[]>;
  /** Grows with each piece of work; tells whether something happened between two looks. */
  readonly begun: () => number;
  /** Runs a function by hand; false when there is no timer function of that name. */
  readonly runTimer: (name: string) => boolean;
  readonly eventLoop: Pick<EventLoopWatch, 'read' | 'reset'>;
  readonly functions: () => readonly { readonly name: string; readonly type: string; readonly disabled: boolean }[];
}

const settleTimeout = 60_000;

/** Answers a request whose path starts with /admin/. */
export async function answerAdminRequest(parts: AdminParts, request: HostRequest): Promise<HostResponse> {
  const path = request.url.pathname;
  if (path === '/admin/host/status' && request.method === 'GET') {
    return json(200, {
      state: 'Running',
      now: new Date().toISOString(),
      busy: parts.busy(),
      peakResidentBytes: peakResidentBytes(),
      eventLoopDelay: parts.eventLoop.read(),
      functions: parts.functions(),
    });
  }
  if (path === '/admin/host/event-loop-delay' && request.method === 'DELETE') {
    await parts.eventLoop.reset();
    return { status: 204 };
  }
  if (path === '/admin/host/settle' && request.method === 'POST') {
    const asked = Number(request.url.searchParams.get('timeout') ?? settleTimeout);
    return settle(parts, Number.isFinite(asked) && asked > 0 ? asked : settleTimeout);
  }
  const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
  if (name !== undefined && request.method === 'POST') return { status: parts.runTimer(decodeURIComponent(name)) ? 202 : 404 };
  return { status: 404 };
}

/** Waits at most `timeout` milliseconds of real time. */
async function settle(parts: AdminParts, timeout: number): Promise<HostResponse> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const busy = await quietOrBusy(parts);
    if (busy.length === 0) return json(200, { settled: true });
    if (performance.now() >= deadline) return json(504, { settled: false, busy });
    await pause(5);
  }
}

async function quietOrBusy(parts: AdminParts): Promise<readonly string[]> {
  const begun = parts.begun();
  const busy = parts.busy();
  if (busy.length > 0) return busy;
  const waiting = await parts.waitingMessages();
  if (waiting.length > 0) return waiting;
  // Something may have begun while the queues were asked, or be about to in this very tick.
  await pause(0);
  const now = parts.busy();
  return now.length === 0 && parts.begun() !== begun ? ['work has just been done'] : now;
}
