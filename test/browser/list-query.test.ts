// The filters of a list: what the address holds is what the API is asked.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvPath, isFiltered, noFilters, readFilters, userQuery, writeFilters } from '../../portal/list-query.ts';
import { userQuery as userQueryContract } from '../../shared/contracts/users.ts';
import { accountKinds } from '../../shared/domain/user.ts';
import { userStatuses } from '../../shared/domain/user-lists.ts';

const filters = fc.record({
  sort: fc.constantFrom('name' as const, 'arrival' as const),
  kind: fc.constantFrom(null, ...accountKinds),
  department: fc.string({ unit: 'grapheme', maxLength: 300 }),
  search: fc.string({ unit: 'grapheme', maxLength: 300 }),
});

describe('list filters', () => {
  it('survive the address', () => {
    const chosen = { sort: 'arrival', kind: 'sharedMailbox', department: 'R&D', search: 'Zoë + Ann' } as const;
    expect(readFilters(writeFilters(chosen))).toEqual(chosen);
    expect(writeFilters(noFilters)).toBe('');
  });

  it('ignore what an address should not hold', () => {
    expect(readFilters('?kind=dragon&sort=shoe-size&status=denied')).toEqual(noFilters);
  });

  it('are the same after another round through the address, whatever was typed', () => {
    fc.assert(
      fc.property(filters, (typed) => {
        const once = readFilters(writeFilters(typed));
        expect(readFilters(writeFilters(once))).toEqual(once);
      }),
    );
  });

  it('make a query the API takes, whatever was typed', () => {
    fc.assert(
      fc.property(filters, fc.constantFrom(...userStatuses), (typed, status) => {
        const parsed = userQueryContract.safeParse(userQuery(status, readFilters(writeFilters(typed)), null));
        expect(parsed.error).toBeUndefined();
      }),
    );
  });

  it.each(['΄', '\u200B', '\u0301'])('are none where nothing can be looked for: %j', (search) => {
    expect(readFilters(writeFilters({ ...noFilters, search }))).toEqual(noFilters);
  });

  it('ask for the next page with the same filters', () => {
    expect(userQuery('denied', { ...noFilters, search: 'ann' }, 'token')).toEqual({
      status: 'denied',
      search: 'ann',
      limit: '50',
      page: 'token',
    });
  });

  it('lead to the spreadsheet of the same list, all pages', () => {
    expect(csvPath('c1', 'pending', { ...noFilters, kind: 'room' })).toBe('/api/v1/companies/c1/users.csv?status=pending&kind=room');
  });

  it('hide somebody only when they filter, not when they sort', () => {
    expect(isFiltered({ ...noFilters, sort: 'arrival' })).toBe(false);
    expect(isFiltered({ ...noFilters, search: ' ' })).toBe(false);
    expect(isFiltered({ ...noFilters, kind: 'guest' })).toBe(true);
  });
});
