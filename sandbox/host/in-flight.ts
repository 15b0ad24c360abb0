// Counts what the host is doing right now, so that tests can wait for the end of it instead of sleeping.

/** The work under way, by description. */
export interface InFlight {
  /** Notes a piece of work; call the result when it is over. */
  readonly begin: (what: string) => () => void;
  /** The descriptions of all work under way. */
  readonly list: () => readonly string[];
  /** How many pieces of work have begun so far; unchanged between two looks means nothing happened in between. */
  readonly begun: () => number;
}

/** Makes an empty list of work. */
export function makeInFlight(): InFlight {
  const work = new Set<{ readonly what: string }>();
  let begun = 0;
  return {
    begin: (what) => {
      const piece = { what };
      begun += 1;
      work.add(piece);
      return () => {
        work.delete(piece);
      };
    },
    list: () => [...work].map((piece) => piece.what),
    begun: () => begun,
  };
}
