// What the mail service reports of a mail after it took it over, and what that says of the address. Reports come twice, late and in any
// order; whatever order they come in, the same is known in the end.

/**
 * What became of a mail, by the service's words for it. At the same instant a later one of this list counts more.
 * Source: Azure Communication Services, "Email events", possible values of `status`.
 */
export const deliveryOutcomes = ['delivered', 'failed', 'quarantined', 'filteredSpam', 'suppressed', 'bounced'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export interface Delivery {
  readonly outcome: DeliveryOutcome;
  /** When the service tried, UTC with milliseconds: these texts sort like the instants. */
  readonly at: string;
  /** What the other side's mail server said; `null` when it said nothing. */
  readonly detail: string | null;
}

/**
 * What an outcome says of the address itself. A bounce is a hard one (the address or its domain does not exist) and a suppression follows
 * from an earlier bounce; spam filters and passing failures speak of one mail.
 */
export const addressEvidence = {
  delivered: 'works',
  failed: null,
  quarantined: null,
  filteredSpam: null,
  suppressed: 'refused',
  bounced: 'refused',
} as const satisfies Record<DeliveryOutcome, 'works' | 'refused' | null>;

const outcomesByStatus: ReadonlyMap<string, DeliveryOutcome | null> = new Map([
  ...deliveryOutcomes.map((outcome) => [outcome.toLowerCase(), outcome] as const),
  // A distribution list was taken apart on the way: nothing has become of the mail yet.
  ['expanded', null] as const,
]);

/** What a reported status means: `null` when the mail is still on its way. A status nobody has told us of counts as a failure, as documented. */
export function outcomeOf(status: string): DeliveryOutcome | null {
  const known = outcomesByStatus.get(status.toLowerCase());
  return known === undefined ? 'failed' : known;
}

/** In an order that is the same for any two, so that the last of many does not depend on the order they came in. */
function isLater(left: Delivery, right: Delivery): boolean {
  if (left.at !== right.at) return left.at > right.at;
  const rank = ({ outcome }: Delivery) => deliveryOutcomes.indexOf(outcome);
  if (rank(left) !== rank(right)) return rank(left) > rank(right);
  return (left.detail ?? '') > (right.detail ?? '');
}

/** The later of what is known and what comes in; `undefined` when that is known already. */
export function laterDelivery(known: Delivery | undefined, report: Delivery): Delivery | undefined {
  return known === undefined || isLater(report, known) ? report : undefined;
}

/** Upper and lower case are the same; everything else tells addresses apart. */
export const addressKey = (address: string) => address.trim().toLowerCase();

const sentences: Readonly<Record<DeliveryOutcome, string>> = {
  delivered: 'The mail was delivered.',
  failed: 'The mail could not be delivered.',
  quarantined: 'The mail was put into quarantine.',
  filteredSpam: 'The mail was taken for spam.',
  suppressed: 'The mail service sends nothing to this address, because mail to it came back before.',
  bounced: 'Mail to this address comes back: it does not exist, or takes no mail.',
};

/** What became of a mail, in words for an admin. */
export const explainDelivery = ({ outcome }: Pick<Delivery, 'outcome'>) => sentences[outcome];

/** What is known of an address that mail went to. */
export interface KnownAddress {
  /** The last delivery that says something of the address. One that worked stays too: older bounces may still come. */
  readonly last: Delivery;
  /** An admin wants the address tried again: no delivery up to this instant speaks against it any more. UTC with milliseconds. */
  readonly tryAgainFrom?: string | undefined;
}

const isRefused = ({ last }: KnownAddress) => addressEvidence[last.outcome] === 'refused';

/** Whether what came back last was set aside, and nothing has become of another mail since. */
export const isTriedAgain = (known: KnownAddress | undefined): boolean =>
  known?.tryAgainFrom !== undefined && isRefused(known) && known.last.at <= known.tryAgainFrom;

/** Why an address gets no mail, in words for an admin; `null` while nothing speaks against it. */
export const addressProblem = (known: KnownAddress | undefined) =>
  known !== undefined && isRefused(known) && !isTriedAgain(known) ? explainDelivery(known.last) : null;

/** What is known after a report; `undefined` when it says nothing new. */
export function afterReport(known: KnownAddress | undefined, report: Delivery): KnownAddress | undefined {
  const last = laterDelivery(known?.last, report);
  return last && { ...known, last };
}

/** What is known once an admin wants the address tried again; `undefined` while nothing speaks against it. */
export function tryAgain(known: KnownAddress | undefined, now: Date): KnownAddress | undefined {
  if (known === undefined || addressProblem(known) === null) return undefined;
  const at = now.toISOString();
  // The service's clock may be ahead of ours.
  return { ...known, tryAgainFrom: known.last.at > at ? known.last.at : at };
}

// Source: Azure Communication Services, "Improve sender reputation", managed suppression list: 24 hours after a bounce, then longer with each
// mail meanwhile, up to 14 days.
const afterBounce = 'The mail service itself sends nothing there for a day after mail came back.';
const whileSuppressed =
  'The mail service keeps a list of its own of addresses it sends nothing to. It lets them go after a day to two weeks, later with each mail meanwhile; the operator can have this one taken off.';

/** Whether mail goes to an address, and what may keep it from arriving, in words for the admin who wants it tried again. */
export function explainRetry(known: KnownAddress | undefined): string {
  if (!isTriedAgain(known)) return 'Nothing speaks against this address; mail goes there.';
  const wait = known?.last.outcome === 'suppressed' ? whileSuppressed : afterBounce;
  return `Mail goes to this address again, until some comes back once more. ${wait}`;
}
