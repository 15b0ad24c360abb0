// What every implementation of the directory port promises about reading people from lists, in parts, beside a delta link of before.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partsOf } from '../../shared/domain/load-prefixes.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import { apply, type KnownUser, readManagers, readRound, readUsers, valueOf } from './directory-reading.ts';
import { directoryOnFake } from './directory-on-fake.ts';
import { directoryOnGraph } from './directory-on-graph.ts';
import type { DirectoryUnderTest } from './directory-under-test.ts';

describe.each([directoryOnFake, directoryOnGraph])('lists of the directory $name', ({ start }) => {
  let subject: DirectoryUnderTest;
  let directory: Directory;
  beforeEach(async () => {
    subject = await start();
    directory = subject.directory;
  });
  afterEach(async () => subject.stop());

  const hire = (userPrincipalName: string, managerId: string | null = null) =>
    subject.hire({ displayName: userPrincipalName, userPrincipalName, mobilePhone: null }, managerId);

  /** Names with every kind of character, in both cases; Ada leads Anna and the guest. */
  function company(): Readonly<Record<'ada' | 'anna' | 'single' | 'quote' | 'guest', string>> {
    const ada = hire('Ada.Lead@contoso.example');
    const anna = hire('anna@contoso.example', ada);
    const single = hire('a@contoso.example');
    const quote = hire("o'hara@contoso.example");
    const guest = hire('g_partner.example#EXT#@contoso.example', ada);
    for (const name of ["'quoted", '#hash', '^hat', '~tilde', '!mark', '_line', '-dash', '.dot', '7seven']) hire(`${name}@contoso.example`);
    return { ada, anna, single, quote, guest };
  }

  const idsOf = async (prefix: string) => new Set((await readUsers(directory, prefix)).map(({ objectId }) => objectId));

  it('show everybody once in the parts of everybody, with fields and manager', async () => {
    const { ada, anna, quote } = company();
    const shown = new Map<string, Awaited<ReturnType<typeof readUsers>>[number]>();
    for (const part of partsOf('')) {
      for (const user of await readUsers(directory, part)) {
        expect(shown.has(user.objectId)).toBe(false);
        shown.set(user.objectId, user);
      }
    }
    expect(shown.size).toBe(14);
    expect(shown.get(ada)).toMatchObject({ fields: { userPrincipalName: 'Ada.Lead@contoso.example' }, managerId: null });
    expect(shown.get(anna)).toMatchObject({ fields: { displayName: 'anna@contoso.example' }, managerId: ada });
    expect(shown.get(quote)).toMatchObject({ managerId: null });
    expect(new Set(shown.keys())).toEqual(await idsOf(''));
  });

  it('tell the same users apart by longer beginnings, the whole name before the @ among them', async () => {
    const { ada, anna, single, quote, guest } = company();
    expect(await idsOf('a')).toEqual(new Set([ada, anna, single]));
    expect(await idsOf('AD')).toEqual(new Set([ada]));
    expect(await idsOf('a@')).toEqual(new Set([single]));
    expect(await idsOf("o'")).toEqual(new Set([quote]));
    expect(await idsOf('g_partner.example#')).toEqual(new Set([guest]));
    expect(await idsOf('b')).toEqual(new Set());
  });

  it('leave out properties without a value', async () => {
    company();
    for (const { fields } of await readUsers(directory, '')) expect(Object.values(fields)).not.toContain(null);
  });

  it('show the managers of a part', async () => {
    const { ada, anna, single } = company();
    expect(await readManagers(directory, 'a')).toEqual(
      new Map([
        [ada, null],
        [anna, ada],
        [single, null],
      ]),
    );
  });

  it('are counted by many beginnings at once', async () => {
    const { ada } = company();
    subject.softDelete(ada);
    const counted = valueOf(await directory.countByPrefix(['a', "'", '#', 'b', 'o']));
    expect(Object.fromEntries(counted)).toEqual({ a: 2, "'": 1, '#': 1, b: 0, o: 1 });
    expect(valueOf(await directory.countByPrefix([]))).toEqual(new Map());
    await expect(directory.countByPrefix(partsOf(''))).rejects.toThrow(RangeError);
  });

  it('read after a position make a first load together with what the position brings', async () => {
    const { ada, anna, single, quote } = company();
    const position = valueOf(await directory.startDelta());
    subject.softDelete(quote);
    const known = new Map<string, KnownUser>();
    for (const part of partsOf('')) {
      for (const { objectId, fields, managerId } of await readUsers(directory, part))
        known.set(objectId, { fields, managerId, presence: 'live' });
      if (part === 'a') {
        subject.change(anna, { userPrincipalName: 'wanda@contoso.example' });
        subject.setManager(single, ada);
        subject.softDelete(ada);
      }
    }
    const late = hire('ben@contoso.example');
    const { entries, deltaLink } = await readRound(directory, position);
    const after = apply(known, entries);
    expect([ada, anna, single, late].map((id) => after.get(id)?.presence)).toEqual(['restorable', 'live', 'live', 'live']);
    expect(after.get(anna)?.fields.userPrincipalName).toBe('wanda@contoso.example');
    expect(after.get(single)?.managerId).toBe(ada);
    expect(known.has(quote)).toBe(false);
    expect([...after.values()].filter(({ presence }) => presence === 'live')).toHaveLength(valueOf(await directory.countUsers()));
    expect((await readRound(directory, deltaLink)).entries).toEqual([]);
  });

  it('are told nothing of people of before by a position alone', async () => {
    company();
    const position = valueOf(await directory.startDelta());
    expect((await readRound(directory, position)).entries).toEqual([]);
  });

  it('must be read anew when a page link is too old, and are not followed elsewhere', async () => {
    company();
    for (const name of ['b1', 'b2', 'b3', 'b4']) hire(`${name}@contoso.example`);
    const { nextLink } = valueOf(await directory.usersPage(null, 'b'));
    subject.outdateTokens();
    const answer = await directory.usersPage(nextLink, 'b');
    expect(answer).toMatchObject({ ok: false, failure: { kind: expect.stringMatching(/^(pageTokenExpired|tokenRefused)$/) } });
    expect(await readUsers(directory, 'b')).toHaveLength(4);
    const elsewhere = await directory.usersPage('https://elsewhere.example/v1.0/users?$top=999', 'b');
    expect(elsewhere).toMatchObject({ ok: false, failure: { kind: 'broken' } });
  });

  it('can be refused by a tenant whose feed works', async () => {
    company();
    subject.refuseFilters();
    expect(await directory.usersPage(null, 'a')).toMatchObject({ ok: false, failure: { kind: 'unsupported' } });
    expect(await directory.countByPrefix(['a', 'b'])).toMatchObject({ ok: false, failure: { kind: 'unsupported' } });
    expect((await directory.deltaPage(null)).ok).toBe(true);
  });

  it('are refused when access is lost', async () => {
    subject.revoke();
    expect(await directory.startDelta()).toMatchObject({ ok: false, failure: { kind: 'accessLost' } });
    expect(await directory.usersPage(null, 'a')).toMatchObject({ ok: false, failure: { kind: 'accessLost' } });
    expect(await directory.countByPrefix(['a'])).toMatchObject({ ok: false, failure: { kind: 'accessLost' } });
  });
});
