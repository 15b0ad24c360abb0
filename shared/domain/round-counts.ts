// What a round did, in numbers.

export interface RoundCounts {
  readonly pages: number;
  /** Entries read; the same user may come several times. */
  readonly entries: number;
  /** Distinct users seen. */
  readonly users: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly held: number;
  readonly returned: number;
  readonly missing: number;
  readonly unreadable: number;
  readonly unknownTombstones: number;
  readonly managersChanged: number;
  readonly rowsWritten: number;
  readonly graphCalls: number;
  readonly graphRetries: number;
  readonly throttledMs: number;
  readonly storageCalls: number;
}

export const noCounts: RoundCounts = {
  pages: 0,
  entries: 0,
  users: 0,
  added: 0,
  updated: 0,
  removed: 0,
  held: 0,
  returned: 0,
  missing: 0,
  unreadable: 0,
  unknownTombstones: 0,
  managersChanged: 0,
  rowsWritten: 0,
  graphCalls: 0,
  graphRetries: 0,
  throttledMs: 0,
  storageCalls: 0,
};

export function addCounts(left: RoundCounts, right: Partial<RoundCounts>): RoundCounts {
  const names = Object.keys(noCounts) as (keyof RoundCounts)[];
  return Object.fromEntries(names.map((name) => [name, left[name] + (right[name] ?? 0)])) as Record<keyof RoundCounts, number>;
}
