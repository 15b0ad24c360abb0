// Pairs external events with the waits for them, in the order the Durable Task extension does.

/** The events and waits of one execution. Names are compared without regard to case, as in the extension. */
export interface ExternalEvents {
  /** Calls `settle` at once when such an event has been kept, otherwise when one is raised. */
  readonly wait: (name: string, settle: () => void) => void;
  readonly raise: (name: string) => void;
}

/** Makes an empty pairing. */
export function makeExternalEvents(): ExternalEvents {
  const waits = new Map<string, (() => void)[]>();
  const kept = new Map<string, number>();
  return {
    wait: (name, settle) => {
      const key = name.toLowerCase();
      const count = kept.get(key) ?? 0;
      if (count === 0) {
        waits.set(key, [...(waits.get(key) ?? []), settle]);
        return;
      }
      kept.set(key, count - 1);
      settle();
    },
    raise: (name) => {
      const key = name.toLowerCase();
      // Several waits for one name are served last in, first out.
      const settle = waits.get(key)?.pop();
      if (settle === undefined) kept.set(key, (kept.get(key) ?? 0) + 1);
      else settle();
    },
  };
}
