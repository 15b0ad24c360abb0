// Suggests what a user object is (a person, a room, a program, …) and says why. A suggestion only: nobody is approved or denied by it.
import { readAccount } from './account-kind-facts.ts';
import type { KindEvidence } from './account-kind-facts.ts';
import { kindRules } from './account-kind-rules.ts';
import type { KindRule, Strength } from './account-kind-rules.ts';
import type { AccountKind, DirectoryFields, KindSuggestion } from './user.ts';

export type { KindEvidence } from './account-kind-facts.ts';

export type SuggestedDecision = 'approve' | 'deny' | 'look';

interface Finding {
  readonly rule: KindRule;
  readonly sentence: string;
}

const points: Readonly<Record<Strength, number>> = { decisive: 10, strong: 3, medium: 2, weak: 1, note: 0 };

const suggestedDecisions: Readonly<Record<AccountKind, SuggestedDecision>> = {
  person: 'approve',
  sharedMailbox: 'deny',
  room: 'deny',
  equipment: 'deny',
  serviceAccount: 'deny',
  resourceAccount: 'deny',
  // A person of another organisation: whether to train them is a matter of policy, not of recognition.
  guest: 'look',
  unknown: 'look',
};

/** From here on a signal can carry a suggestion alone; weaker ones only support it. */
const carries = points.medium;

/**
 * Suggests the account kind. Every rule is asked; the first decisive one wins. Otherwise "person" needs at least one carrying signal
 * for a person and more points than all that speaks against; another kind needs a carrying signal and more points than the person.
 * Everything else is `unknown`. Fields that were never stated count neither way, so the eleven default fields of `GET /users` suffice.
 */
export function suggestKind(fields: DirectoryFields, evidence: KindEvidence = {}): KindSuggestion {
  const account = readAccount(fields, evidence);
  const findings = kindRules.flatMap((rule) => {
    const sentence = rule.reason(account);
    return sentence === null ? [] : [{ rule, sentence }];
  });
  const kind = kindFrom(findings);
  const reasons = rank(findings, kind).map((finding) => finding.sentence);
  return { kind, reasons: kind === 'unknown' ? [whyUnknown(findings), ...reasons] : reasons };
}

/** What the pending list proposes for a kind: never applied by itself. `look` asks the admin to read the reasons first. */
export function suggestedDecision(kind: AccountKind): SuggestedDecision {
  return suggestedDecisions[kind];
}

function kindFrom(findings: readonly Finding[]): AccountKind {
  const decisive = findings.find(({ rule }) => rule.strength === 'decisive')?.rule.speaksFor;
  if (decisive !== undefined && decisive !== 'notAPerson') return decisive;
  const person = isCarried(findings, 'person') ? pointsFor(findings, 'person') : 0;
  const other = strongestOther(findings);
  const against = (other === undefined ? 0 : pointsFor(findings, other)) + pointsFor(findings, 'notAPerson');
  if (person > against) return 'person';
  return other !== undefined && isCarried(findings, other) && against > person ? other : 'unknown';
}

/** The kind besides a person that most speaks for; the table's order decides between equals. */
function strongestOther(findings: readonly Finding[]): AccountKind | undefined {
  const kinds = findings.map(({ rule }) => rule.speaksFor).filter((kind) => kind !== 'person' && kind !== 'notAPerson');
  return kinds.toSorted((one, other) => pointsFor(findings, other) - pointsFor(findings, one))[0];
}

function pointsFor(findings: readonly Finding[], kind: KindRule['speaksFor']): number {
  return findings.filter(({ rule }) => rule.speaksFor === kind).reduce((sum, { rule }) => sum + points[rule.strength], 0);
}

function isCarried(findings: readonly Finding[], kind: KindRule['speaksFor']): boolean {
  return findings.some(({ rule }) => rule.speaksFor === kind && points[rule.strength] >= carries);
}

/** What speaks for the kind first, then what is known besides; each part with the strongest first. */
function rank(findings: readonly Finding[], kind: AccountKind): readonly Finding[] {
  const weigh = ({ rule }: Finding): number => points[rule.strength] + (rule.speaksFor === kind ? 100 : 0);
  return findings.toSorted((one, other) => weigh(other) - weigh(one));
}

function whyUnknown(findings: readonly Finding[]): string {
  return isCarried(findings, 'person')
    ? 'Some of what the directory says speaks for a person and as much against.'
    : 'Nothing the directory says shows that this is a person.';
}
