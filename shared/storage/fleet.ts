// One small row a company, in one partition, so that a timer finds who is due without opening every company.
import * as z from 'zod';
import { parseStored } from '../domain/stored-json.ts';
import type { Properties, Tables } from '../ports/tables.ts';

export interface FleetRow {
  readonly companyId: string;
  /** When the next scheduled round is due; `null` while not connected or paused. */
  readonly dueAt: string | null;
  /** When admins are to be told of people found since the last mail. */
  readonly noticeAt: string | null;
  /** The orchestration of the running round, so that a lost one is noticed. */
  readonly running: { readonly instanceId: string; readonly since: string } | null;
  /** Until then the running round does nothing, because its directory asked it to wait. */
  readonly waitingUntil: string | null;
  readonly timeZone: string;
  /** Last local day whose billing count was stored, `YYYY-MM-DD`. */
  readonly billedDay: string | null;
  /** When the weekly reminders are to be looked at next; `null` when that has to be found out, since settings changed. */
  readonly remindAt: string | null;
  /** Last ISO week whose reminders are all decided. */
  readonly remindedWeek: string | null;
}

const partition = 'fleet';
const runningSchema = z.object({ instanceId: z.string(), since: z.string() });

/** Each part is a property of its own and no table has null, so nothing is an empty text. */
function encode(change: Partial<Omit<FleetRow, 'companyId'>>): Properties {
  const { running, ...texts } = change;
  const stated = Object.entries(texts).filter(([, value]) => value !== undefined);
  const properties = Object.fromEntries(stated.map(([name, value]) => [name, value ?? '']));
  return running === undefined ? properties : { ...properties, running: running === null ? '' : JSON.stringify(running) };
}

/** @throws Error without content */
function decodeRunning(text: string): FleetRow['running'] {
  const { success, data } = runningSchema.safeParse(parseStored(text));
  if (!success) throw new Error('A stored round has another form.');
  return data;
}

function decode(companyId: string, properties: Properties): FleetRow {
  const textOf = (name: string) => {
    const value = properties[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const running = textOf('running');
  return {
    companyId,
    dueAt: textOf('dueAt'),
    noticeAt: textOf('noticeAt'),
    running: running === null ? null : decodeRunning(running),
    waitingUntil: textOf('waitingUntil'),
    timeZone: textOf('timeZone') ?? 'UTC',
    billedDay: textOf('billedDay'),
    remindAt: textOf('remindAt'),
    remindedWeek: textOf('remindedWeek'),
  };
}

/** Sets what is named and leaves the rest, in one call and without reading: writers of different parts never meet. */
export async function changeFleet(tables: Tables, companyId: string, change: Partial<Omit<FleetRow, 'companyId'>>): Promise<void> {
  await tables.companies.write(partition, [{ kind: 'merge', row: companyId, properties: encode(change) }]);
}

function tryDecode(companyId: string, properties: Properties): FleetRow | undefined {
  try {
    return decode(companyId, properties);
  } catch {
    return undefined;
  }
}

/** The rows of all companies. @param unreadable is told whose row cannot be read */
export async function* readFleet(tables: Tables, unreadable: (companyId: string) => void): AsyncIterable<FleetRow> {
  for await (const { row: companyId, properties } of tables.companies.range({ partition })) {
    const row = tryDecode(companyId, properties);
    if (row === undefined) unreadable(companyId);
    else yield row;
  }
}

export async function readFleetRow(tables: Tables, companyId: string): Promise<FleetRow | undefined> {
  const row = await tables.companies.get({ partition, row: companyId });
  return row && decode(companyId, row.properties);
}
