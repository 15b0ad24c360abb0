// The append-only audit log of a company, newest first.
import * as z from 'zod';
import { type AuditEntry, auditActions } from '../domain/audit.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import type { Tables } from '../ports/tables.ts';
import { decodeDocument, documentWrite } from './document.ts';

export const auditSchema: z.ZodType<AuditEntry> = z.object({
  auditId: z.string(),
  companyId: z.string(),
  at: z.string(),
  by: z.string(),
  action: z.enum(auditActions),
  summary: z.string(),
  reason: z.string().nullable(),
  objectIds: z.array(z.string()),
  jobId: z.string().optional(),
});

/** Appends once: the key is made of the entry's own time and id, so a repeat changes nothing. */
export async function appendAudit(tables: Tables, entry: AuditEntry): Promise<void> {
  await tables.audit.write(entry.companyId, [documentWrite.insert(`${invertedInstant(entry.at)}~${entry.auditId}`, entry)]);
}

/** Entries after `after` (a row key of a former page), newest first. */
export async function listAudit(
  tables: Tables,
  companyId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }> {
  const entries: AuditEntry[] = [];
  let last: string | null = null;
  for await (const row of tables.audit.range({ partition: companyId, ...(after === null ? {} : { from: `${after}~` }) })) {
    if (entries.length === limit) return { entries, next: last };
    entries.push(decodeDocument(auditSchema, row.properties));
    last = row.row;
  }
  return { entries, next: null };
}
