// A row that cannot be read is told without what is in it: errors end up in logs, and logs hold ids and counts only.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { facetsFrom, lineFrom } from '../../shared/domain/packed-line.ts';
import { decodeDocument } from '../../shared/storage/document.ts';
import { decodeUser, encodeUser } from '../../shared/storage/user-rows.ts';
import { buildUser } from '../builders.ts';

const schema = z.object({ state: z.enum(['active', 'ended']), invitation: z.object({ address: z.string(), sentAt: z.string() }) });

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return inspect(error, { depth: 10, showHidden: true });
  }
  throw new Error('Nothing was thrown.');
}

describe('a stored document', () => {
  it.each([
    ['was cut off', '{"name":"Ada Lovelace'],
    ['is something else', 'Ada Lovelace'],
    ['has something in the middle', '{"name":Ada Lovelace}'],
  ])('that %s is reported without its content', (_, json0) => {
    expect(thrownBy(() => decodeDocument(schema, { json0 }))).not.toMatch(/Ada|Lovelace/);
  });

  it('that has another form is reported with the places where it has', () => {
    const stored = { state: 'Ada Lovelace', invitation: { address: ['Ada Lovelace'] } };
    const thrown = thrownBy(() => decodeDocument(schema, { json0: JSON.stringify(stored) }));
    expect(thrown).not.toMatch(/Ada|Lovelace/);
    expect(thrown).toContain('state, invitation.address, invitation.sentAt');
  });
});

describe('a stored user', () => {
  it.each(['fields0', 'kindReasons', 'history0'])('whose %s is damaged is reported without content', (name) => {
    const properties = { ...encodeUser({ user: buildUser(), digest: '0123456789abcdef', history: [] }), [name]: '[Ada Lovelace' };
    expect(thrownBy(() => decodeUser('tenant', 'ada', properties, 'etag'))).not.toMatch(/Ada|Lovelace/);
  });
});

it('a line of a list that is damaged is reported without content', () => {
  expect(thrownBy(() => facetsFrom(lineFrom('ada +0 0 [Ada Lovelace')))).not.toMatch(/Ada|Lovelace/);
});
