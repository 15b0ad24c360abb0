// docs/scaling.md shows what the cost model prints, and the model follows what it is told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { costOf, costReport, costVariants, needsOf } from '../../bench/cost.ts';
import { defaultInputs, inputsFrom } from '../../bench/cost-inputs.ts';
import { projectRoot } from '../project-files.ts';

/** What stands in the page between the marks `<!-- name -->` and `<!-- end of name -->`. */
function shownIn(page: string, name: string): string | undefined {
  return new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- end of ${name} -->`).exec(page)?.[1];
}

const page = readFileSync(join(projectRoot, 'docs/scaling.md'), 'utf8');
const sumOf = (words: readonly string[]) => costOf(inputsFrom(words)).reduce((sum, line) => sum + line.dollars, 0);
const amountOf = (what: string, words: readonly string[] = []) =>
  needsOf(inputsFrom(words)).find((need) => need.what === what)?.amount ?? 0;

test('the page shows the tables that the command prints', () => {
  expect(shownIn(page, 'node bench/cost.ts')).toBe(costReport(defaultInputs));
  expect(shownIn(page, 'other fleets')).toBe(costVariants());
});

test('each line of the bill is a sum of money, and the sum is theirs', () => {
  const lines = costOf(defaultInputs);
  expect(lines.every(({ dollars }) => Number.isFinite(dollars) && dollars >= 0)).toBe(true);
  expect(costReport(defaultInputs)).toContain(
    `**$${sumOf([]).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}**`,
  );
});

test('rounds are counted from companies and schedule', () => {
  expect(amountOf('Rounds', ['companies=10', 'roundsPerDay=24'])).toBeCloseTo(10 * 24 * 30.4);
  expect(amountOf('Rows in tables', ['companies=10', 'usersPerCompany=100', 'otherRowsPerCompany=5'])).toBe(1_050);
});

test('a price of nothing costs nothing', () => {
  const free = costOf(inputsFrom(['mail=0', 'mailMegabyte=0'])).find(({ what }) => what === 'Mail');
  expect(free?.dollars).toBe(0);
});

test('cost follows rounds and changes more than people', () => {
  const more = (words: readonly string[]) => sumOf(words) - sumOf([]);
  expect(more(['usersPerCompany=2000'])).toBeLessThan(more(['roundsPerDay=48']));
});

test.each(['companys=3', 'companies', 'companies=many'])('%s is refused', (word) => {
  expect(() => inputsFrom([word])).toThrow(word);
});
