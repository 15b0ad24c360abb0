// Loading real exports: the shapes Graph's tools write, and errors that name the place when something is wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deedsOf } from './deeds.ts';
import type { Directory } from './directory.ts';
import { ExportUnreadable } from './export-document.ts';
import { loadExport, loadExportFile } from './load-export.ts';

const options = { tenantId: 'tenant-1' };
const ada = {
  id: 'aaaaaaaa-0000-4000-8000-000000000001',
  displayName: 'Ada',
  userPrincipalName: 'ada@contoso.com',
  mail: 'ada@contoso.com',
};
const bob = { id: 'aaaaaaaa-0000-4000-8000-000000000002', displayName: 'Bob', userPrincipalName: 'bob@contoso.com' };
const page = (...value: readonly unknown[]) => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users',
  '@odata.nextLink': 'https://…',
  value,
});

const load = (content: unknown) => loadExport(typeof content === 'string' ? content : JSON.stringify(content), options);
const names = (directory: Directory) =>
  Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(ordinal)?.fields.displayName);
const messageOf = (content: unknown): string => {
  try {
    load(content);
  } catch (error) {
    if (error instanceof ExportUnreadable) return error.message;
    throw error;
  }
  return 'loaded';
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('shapes of an export', () => {
  it.each([
    ['one page', JSON.stringify(page(ada, bob))],
    ['an array of pages', JSON.stringify([page(ada), page(bob)])],
    ['a bare array of users', JSON.stringify([ada, bob])],
    ['one page a line', `${JSON.stringify(page(ada))}\n${JSON.stringify(page(bob))}\n`],
    ['one user a line, with blank lines and Windows ends', `${JSON.stringify(ada)}\r\n\r\n${JSON.stringify(bob)}\r\n`],
    ['a page and a user mixed', JSON.stringify([page(ada), bob])],
    ['a page with a byte order mark', `\uFEFF${JSON.stringify(page(ada, bob))}`],
    ['a page written over many lines', JSON.stringify(page(ada, bob), null, 2)],
  ])('%s', (_, text) => {
    const directory = load(text);
    expect(names(directory)).toEqual(['Ada', 'Bob']);
    expect([directory.domain, directory.liveCount()]).toEqual(['contoso.com', 2]);
    expect(directory.snapshot(directory.ordinalOfId(ada.id.toUpperCase()) ?? 1)?.fields).toEqual(ada);
  });

  it('an empty page is an empty tenant', () => {
    expect(load(page()).liveCount()).toBe(0);
  });

  it('keeps official properties only, and drops annotations', () => {
    const [fields] = [
      load([
        {
          ...ada,
          shoeSize: 43,
          '@odata.type': '#microsoft.graph.user',
          extension_1_x: 'y',
          memberOf: [],
          assignedLicenses: [{ skuId: 's', disabledPlans: [] }],
        },
      ]),
    ].map((directory) => directory.snapshot(0)?.fields);
    expect(fields).toEqual({ ...ada, assignedLicenses: [{ skuId: 's', disabledPlans: [] }] });
  });

  it('keeps the difference between never set and cleared', () => {
    const fields = load([{ ...bob, jobTitle: null, businessPhones: null }]).snapshot(0)?.fields ?? {};
    expect(fields).toHaveProperty('jobTitle', null);
    expect(fields).not.toHaveProperty('mail');
    expect(fields).not.toHaveProperty('businessPhones');
  });

  it('allows users without principal name, mail or anything but an id', () => {
    expect(load([{ id: 'x-1' }]).snapshot(0)?.fields).toEqual({ id: 'x-1' });
  });

  it('reads managers expanded or as delta annotations', () => {
    const element = (id: string, more: object = {}) => ({ '@odata.type': '#microsoft.graph.user', id, ...more });
    const directory = load([
      { ...ada, manager: { '@odata.type': '#microsoft.graph.user', id: bob.id, displayName: 'Bob' } },
      { ...bob, 'manager@delta': [element('old', { '@removed': { reason: 'deleted' } }), element('new')] },
      { id: 'c', 'manager@delta': [{ '@odata.type': '#microsoft.graph.orgContact', id: 'contact' }] },
      { id: 'd', manager: null },
      { id: 'e', 'manager@delta': [] },
    ]);
    expect([0, 1, 2, 3, 4].map((ordinal) => directory.manager(ordinal))).toEqual([
      { id: bob.id, type: 'user' },
      { id: 'new', type: 'user' },
      { id: 'contact', type: 'orgContact' },
      null,
      null,
    ]);
  });

  it('joins several entries of one user, the later winning, and understands tombstones', () => {
    const directory = load([
      ada,
      bob,
      { id: ada.id.toUpperCase(), displayName: 'Ada L.' },
      { id: ada.id, 'manager@delta': [{ '@odata.type': '#microsoft.graph.user', id: bob.id }] },
      { id: bob.id, '@removed': { reason: 'changed' } },
      { id: 'gone', '@removed': { reason: 'deleted' } },
    ]);
    expect(directory.snapshot(0)).toMatchObject({
      state: 'live',
      manager: { id: bob.id },
      fields: { displayName: 'Ada L.', mail: 'ada@contoso.com' },
    });
    expect([directory.state(1), directory.state(2), directory.liveCount()]).toEqual(['deleted', 'purged', 1]);
    deedsOf(directory, () => 0).restore(bob.id);
    expect(directory.snapshot(1)).toMatchObject({ state: 'live', fields: { displayName: 'Bob' } });
  });

  it('tells guests', () => {
    const directory = load([{ id: 'g', userPrincipalName: 'x_y.com#EXT#@contoso.onmicrosoft.com', userType: null }, ada]);
    expect([directory.snapshot(0)?.truth.kind, directory.snapshot(1)?.truth.kind]).toEqual(['guest', 'unknown']);
  });

  it('goes on like any other directory: people can be hired and renamed', () => {
    const directory = load([ada]);
    const deeds = deedsOf(directory, () => 0);
    const id = deeds.hire({ displayName: 'New', alias: 'new' });
    deeds.rename(ada.id, { displayName: 'Ada Two' });
    expect(names(directory)).toEqual(['Ada Two', 'New']);
    expect(directory.snapshot(directory.ordinalOfId(id) ?? 0)?.fields.mail).toBe('new@contoso.com');
    expect(directory.ordinalsByPrefix('n')).toContain(1);
  });
});

describe('files', () => {
  const write = async (name: string, content: string | Uint8Array) => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return file;
  };

  it('are read as UTF-8 or UTF-16, with a byte order mark', async () => {
    const text = JSON.stringify(page({ ...ada, displayName: 'Zoë 小龙' }));
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    expect(names(await loadExportFile(await write('utf16.json', utf16), options))).toEqual(['Zoë 小龙']);
    expect(names(await loadExportFile(await write('utf8.json', `\uFEFF${text}`), options))).toEqual(['Zoë 小龙']);
  });

  it('may be larger than 10 MB', async () => {
    const users = Array.from({ length: 40_000 }, (_, index) => ({ ...ada, id: `id-${index}`, jobTitle: 'x'.repeat(200) }));
    const text = JSON.stringify(page(...users));
    expect(text.length).toBeGreaterThan(10_000_000);
    expect((await loadExportFile(await write('large.json', text), options)).liveCount()).toBe(40_000);
  });

  it('are named in errors', async () => {
    const file = await write('broken.json', '{"value": [');
    await expect(loadExportFile(file, options)).rejects.toThrow(new RegExp(`^${file}: The export is not JSON`));
    await expect(loadExportFile(path.join(folder, 'missing.json'), options)).rejects.toThrow(/missing\.json cannot be read: ENOENT/);
  });
});

describe('what cannot be loaded', () => {
  it.each([
    ['nothing', '  \n', 'The export is empty.'],
    ['a table', 'id,displayName\n1,Ada', /^The export is not JSON: /],
    ['a broken line', `${JSON.stringify(ada)}\n{"id":`, /^Line 2 is not JSON: /],
    ['a number', '42', 'The export is a number; a page or a user was expected.'],
    ['a list of names', ['Ada'], 'User 0 is a string; a page or a user was expected.'],
    ['a page whose value is not a list', { value: ada }, 'The export: "value" is an object; an array of users was expected.'],
    [
      'an error answer',
      { error: { code: 'InvalidAuthenticationToken' } },
      'The export is an error answer of Graph (InvalidAuthenticationToken), not a page.',
    ],
    [
      'an error answer among pages',
      [page(ada), { error: { code: 'TooManyRequests' } }],
      'User 1 is an error answer of Graph (TooManyRequests), not a page.',
    ],
    ['a user without id', page(ada, { displayName: 'Nobody' }), 'User 1 has no id (Nobody).'],
    ['a user without id on a later page', [page(ada), page(bob, { userPrincipalName: 'x@y' })], 'Page 1, user 1 has no id (x@y).'],
    ['a user without id on a line', `${JSON.stringify(page(ada))}\n${JSON.stringify(page({ id: '' }))}`, 'Line 2, user 0 has no id.'],
    ['null for a user', page(null), 'User 0 is null; an object was expected.'],
    ['a property of the wrong type', [{ ...ada, displayName: 7 }], `User 0 (${ada.id}): "displayName" is a number; a string was expected.`],
    ['a text for a list', [{ ...ada, businessPhones: '1' }], `User 0 (${ada.id}): "businessPhones" is a string; an array was expected.`],
    ['a manager without id', [{ ...ada, manager: {} }], `User 0 (${ada.id}): the manager has no id.`],
    ['a strange tombstone', [{ ...ada, '@removed': true }], `User 0 (${ada.id}): "@removed" is a boolean.`],
  ])('%s', (_, content, expected) => {
    expect(messageOf(content)).toMatch(expected);
  });
});
