// Counts with the right form of their word, in English and in languages with other rules.
import { expect, it } from 'vitest';
import { makePlural } from '../../shared/domain/plural.ts';

const people = { one: 'person is', other: 'people are' };

it.each<[number, string]>([
  [0, '0 people are'],
  [1, '1 person is'],
  [2, '2 people are'],
  [21, '21 people are'],
  [1_234_567, '1,234,567 people are'],
])('English: %i', (count, expected) => {
  expect(makePlural('en')(count, people)).toBe(expected);
});

it.each<[number, string]>([
  [1, '1 osoba'],
  [3, '3 osoby'],
  [5, '5 osób'],
  [22, '22 osoby'],
])('Polish: %i', (count, expected) => {
  expect(makePlural('pl')(count, { one: 'osoba', few: 'osoby', many: 'osób', other: 'osoby' })).toBe(expected);
});

it('writes numbers as the language does', () => {
  expect(makePlural('de')(12_345, { one: 'Person', other: 'Personen' })).toBe('12.345 Personen');
});

it('falls back to the form that every language has', () => {
  expect(makePlural('en')(1, { other: 'items' })).toBe('1 items');
});
