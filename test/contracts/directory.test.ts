// What every implementation of the directory port promises, whether people live in memory or behind Microsoft Graph.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../shared/ports/directory.ts';
import { apply, readManagers, readRound, valueOf } from './directory-reading.ts';
import { directoryOnFake } from './directory-on-fake.ts';
import { directoryOnGraph } from './directory-on-graph.ts';
import type { DirectoryUnderTest } from './directory-under-test.ts';

describe.each([directoryOnFake, directoryOnGraph])('the directory $name', ({ start }) => {
  let subject: DirectoryUnderTest;
  let directory: Directory;
  beforeEach(async () => {
    subject = await start();
    directory = subject.directory;
  });
  afterEach(async () => subject.stop());

  /** Ada leads Ben and Cleo; four more people make several pages. */
  async function smallCompany(): Promise<Record<'ada' | 'ben' | 'cleo', string>> {
    const ada = subject.hire({ displayName: 'Ada Lead', jobTitle: 'Head' }, null);
    const ben = subject.hire({ displayName: 'Ben Clerk', jobTitle: 'Clerk', department: 'Sales' }, ada);
    const cleo = subject.hire({ displayName: 'Cleo Clerk' }, ada);
    for (const name of ['Dan', 'Eve', 'Fay', 'Gus']) subject.hire({ displayName: `${name} Clerk` }, null);
    return { ada, ben, cleo };
  }

  describe('in a first round', () => {
    it('tells everybody with fields and managers, and ends with a delta link', async () => {
      const { ada, ben, cleo } = await smallCompany();
      const known = apply(new Map(), (await readRound(directory, null)).entries);
      expect(known.size).toBe(7);
      expect(known.get(ada)).toMatchObject({ fields: { displayName: 'Ada Lead', jobTitle: 'Head' }, managerId: null, presence: 'live' });
      expect(known.get(ben)).toMatchObject({ fields: { displayName: 'Ben Clerk', department: 'Sales' }, managerId: ada });
      expect(known.get(cleo)).toMatchObject({ managerId: ada });
    });

    it('of an empty tenant ends at once', async () => {
      expect(apply(new Map(), (await readRound(directory, null)).entries).size).toBe(0);
    });

    it('can read a page again', async () => {
      await smallCompany();
      const first = valueOf(await directory.deltaPage(null));
      const ids = async () => valueOf(await directory.deltaPage(first.next.link)).entries.map((entry) => JSON.stringify(entry));
      expect(new Set(await ids())).toEqual(new Set(await ids()));
    });
  });

  describe('in a later round', () => {
    it('tells what changed: values, cleared values and new people', async () => {
      const { ben } = await smallCompany();
      const first = await readRound(directory, null);
      subject.change(ben, { jobTitle: 'Buyer', department: null });
      const hal = subject.hire({ displayName: 'Hal New' }, ben);
      const known = apply(apply(new Map(), first.entries), (await readRound(directory, first.deltaLink)).entries);
      expect(known.get(ben)?.fields).toMatchObject({ displayName: 'Ben Clerk', jobTitle: 'Buyer', department: null });
      expect(known.get(hal)).toMatchObject({ fields: { displayName: 'Hal New' }, managerId: ben });
      expect(known.size).toBe(8);
    });

    it('tells new managers and managers taken away, and says nothing of those that stayed', async () => {
      const { ada, ben, cleo } = await smallCompany();
      const first = await readRound(directory, null);
      subject.setManager(ben, cleo);
      subject.setManager(cleo, null);
      const second = await readRound(directory, first.deltaLink);
      const known = apply(apply(new Map(), first.entries), second.entries);
      expect(known.get(ben)?.managerId).toBe(cleo);
      expect(known.get(cleo)?.managerId).toBeNull();
      subject.change(ben, { jobTitle: 'Buyer' });
      const third = await readRound(directory, second.deltaLink);
      expect(third.entries.filter((entry) => entry.kind === 'live' && entry.objectId === ben && entry.manager !== undefined)).toEqual([]);
      expect(apply(known, third.entries).get(ben)?.managerId).toBe(cleo);
      expect(apply(known, third.entries).get(ada)?.managerId).toBeNull();
    });

    it('tells who left, who left for good and who came back', async () => {
      const { ada, ben, cleo } = await smallCompany();
      const first = await readRound(directory, null);
      subject.softDelete(ada);
      subject.softDelete(ben);
      subject.purge(cleo);
      const second = await readRound(directory, first.deltaLink);
      const known = apply(apply(new Map(), first.entries), second.entries);
      expect([ada, ben, cleo].map((id) => known.get(id)?.presence)).toEqual(['restorable', 'restorable', 'final']);
      subject.restore(ada);
      subject.purge(ben);
      const after = apply(known, (await readRound(directory, second.deltaLink)).entries);
      expect([ada, ben].map((id) => after.get(id)?.presence)).toEqual(['live', 'final']);
      expect(after.get(ada)?.fields).toMatchObject({ displayName: 'Ada Lead', jobTitle: 'Head' });
    });

    it('can start from the same delta link again and tells the same', async () => {
      const { ben } = await smallCompany();
      const first = await readRound(directory, null);
      subject.change(ben, { jobTitle: 'Buyer' });
      for (const attempt of [1, 2]) {
        const known = apply(new Map(), (await readRound(directory, first.deltaLink)).entries);
        expect(known.get(ben)?.fields.jobTitle, `attempt ${attempt}`).toBe('Buyer');
      }
    });

    it('without changes gives a new delta link that works', async () => {
      await smallCompany();
      const first = await readRound(directory, null);
      const quiet = await readRound(directory, first.deltaLink);
      expect(quiet.entries).toEqual([]);
      expect((await readRound(directory, quiet.deltaLink)).entries).toEqual([]);
    });
  });

  describe('with a link it does not accept', () => {
    it('refuses a damaged, an outdated or a foreign tenant’s token', async () => {
      await smallCompany();
      const { deltaLink } = await readRound(directory, null);
      const damaged = `${deltaLink.slice(0, -12)}${deltaLink.at(-12) === 'x' ? 'y' : 'x'}${deltaLink.slice(-11)}`;
      expect(await directory.deltaPage(damaged)).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
      expect(await subject.stranger.deltaPage(deltaLink)).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
      subject.outdateTokens();
      expect(await directory.deltaPage(deltaLink)).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
    });

    it('does not follow a link to another host', async () => {
      const answer = await directory.deltaPage('https://elsewhere.example/v1.0/users/delta?$deltatoken=x');
      expect(answer).toMatchObject({ ok: false, failure: { kind: 'broken' } });
    });
  });

  describe('asked beside the feed', () => {
    it('lists everybody’s manager', async () => {
      const { ada, ben, cleo } = await smallCompany();
      const managers = await readManagers(directory);
      expect([ada, ben, cleo].map((id) => managers.get(id))).toEqual([null, ada, ada]);
      expect(managers.size).toBe(7);
    });

    it('says who exists and who does not', async () => {
      const { ada, ben, cleo } = await smallCompany();
      subject.softDelete(ben);
      subject.purge(cleo);
      const stranger = '99999999-0000-4000-8000-000000000009';
      expect(valueOf(await directory.lookUp([stranger, cleo, ben, ada]))).toEqual(
        new Map([
          [stranger, 'absent'],
          [cleo, 'absent'],
          [ben, 'absent'],
          [ada, 'exists'],
        ]),
      );
      expect(valueOf(await directory.lookUp([]))).toEqual(new Map());
    });

    it('refuses to look up more than twenty at once', async () => {
      await expect(directory.lookUp(Array.from({ length: 21 }, (_, index) => `u${index}`))).rejects.toThrow(RangeError);
    });

    it('counts the people who are there', async () => {
      const { ada } = await smallCompany();
      subject.softDelete(ada);
      expect(valueOf(await directory.countUsers())).toBe(6);
    });

    it('knows nothing of another tenant’s people', async () => {
      const { ada } = await smallCompany();
      expect(valueOf(await subject.stranger.lookUp([ada])).get(ada)).toBe('absent');
      expect(apply(new Map(), (await readRound(subject.stranger, null)).entries).size).toBe(0);
    });
  });

  describe('when it cannot answer', () => {
    it('hands back a long wait with its length', async () => {
      subject.throttleNext(60);
      expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'throttled', retryAfterMs: 60_000 } });
      expect((await directory.deltaPage(null)).ok).toBe(true);
      expect(directory.usage()).toEqual({ requests: 2, retries: 0, throttledMs: 60_000 });
    });

    it('proves access, and names its loss', async () => {
      expect(await directory.probe()).toEqual({ ok: true, value: null });
      subject.revoke();
      expect(await directory.probe()).toMatchObject({ ok: false, failure: { kind: 'accessLost', owner: 'theirs' } });
      expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'accessLost', owner: 'theirs' } });
    });

    it('says that a kind of tenant has no change tracking', async () => {
      subject.endChangeTracking();
      expect(await directory.deltaPage(null)).toMatchObject({ ok: false, failure: { kind: 'unsupported' } });
    });
  });
});
