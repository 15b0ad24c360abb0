// Shapes that every part of the API shares. Bodies refuse unknown fields, so that a misspelt one is told and not ignored.
import * as z from 'zod';
import { errorCodes, type ErrorCode } from '../domain/errors.ts';
import { foldText } from '../domain/person-text.ts';

/** Directory object ids, tenant ids: canonical lower-case GUIDs, so that no two texts mean the same object. */
export const guid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'Must be a GUID in lower case.');

export const id = z.string().regex(/^[a-z0-9]{20}$/, 'Must be an id as this API returned it.');

export const userId = z
  .string()
  .regex(/^[0-9a-f-]{36}_[A-Za-z0-9-]{1,64}$/, 'Must be a user id as this API returned it: tenant id, underscore, object id.')
  .meta({
    description: 'Tenant id and object id, joined by an underscore.',
    examples: ['30000000-0000-4000-8000-000000000003_8f6c2b1e-0d4a-4f7b-9c55-1a2b3c4d5e6f'],
  });

/** One line of text for people: no control characters, not only blanks. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'Must not be empty.')
    .max(max, `Must have at most ${max} characters.`)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]*$/u, 'Must not contain control characters, line breaks or halves of characters.');

/** A text to look for. What folds to nothing, such as invisible characters alone, would match everybody. */
export const searchText = (max: number) =>
  line(max).refine((text) => foldText(text) !== '', {
    error: 'Must have a visible character.',
    // One complaint a field is enough.
    when: ({ issues }) => issues.length === 0,
  });

export const instant = z.iso.datetime().meta({ description: 'UTC instant, ISO 8601.' });
export const count = z.int().min(0);

/** A page token as the API handed it out. */
export const pageToken = z.string().min(1).max(4000);

export const problem = z
  .object({
    type: z.string().meta({ description: 'A stable address of the error code.' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    traceId: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
