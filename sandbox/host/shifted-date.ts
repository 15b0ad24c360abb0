// Moves `Date` ahead for the whole process, so that an unchanged app lives at the sandbox's time.

/** The handle on a shifted `Date`. */
export interface ShiftedDate {
  /** Sets how many milliseconds `Date` runs ahead of real time. */
  readonly setOffset: (milliseconds: number) => void;
  readonly offset: () => number;
}

/**
 * Replaces the global `Date`: `new Date()`, `Date()` and `Date.now()` run ahead; everything else is the real `Date`.
 * Call before the app is loaded. `setTimeout`, `performance.now` and TLS certificate checks stay on real time: a jump of
 * a week must not make sockets, retries or keep-alives of a week fire in one instant.
 */
export function installShiftedDate(initialOffset: number): ShiftedDate {
  const RealDate = Date;
  let offset = initialOffset;
  const now = () => RealDate.now() + offset;
  // A proxy rather than a subclass: dates made by the runtime itself stay `instanceof Date`, and the other way round.
  const Shifted = new Proxy(RealDate, {
    construct: (target, parameters, newTarget: NewableFunction) =>
      Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown)),
  });
  RealDate.prototype.constructor = Shifted;
  globalThis.Date = Shifted;
  return {
    setOffset: (milliseconds) => {
      offset = milliseconds;
    },
    offset: () => offset,
  };
}
