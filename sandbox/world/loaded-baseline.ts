// A baseline of objects that are simply held in memory: what a loaded export or a saved world consists of.
import type { Baseline, Snapshot } from './directory-object.ts';

/** Makes a baseline of objects in order; ids are compared without regard to case. */
export function loadedBaseline(objects: readonly Snapshot[]): Baseline {
  const ordinals = new Map(objects.map((object, ordinal) => [object.fields.id.toLowerCase(), ordinal]));
  const at = (ordinal: number): Snapshot => {
    const object = objects[ordinal];
    if (object === undefined) throw new RangeError(`There is no object ${ordinal}.`);
    return object;
  };
  return {
    count: objects.length,
    live: objects.filter((object) => object.state === 'live').length,
    at,
    idAt: (ordinal) => at(ordinal).fields.id,
    stateAt: (ordinal) => at(ordinal).state,
    managerAt: (ordinal) => at(ordinal).manager,
    userPrincipalNameAt: (ordinal) => at(ordinal).fields.userPrincipalName ?? '',
    ordinalOf: (id) => ordinals.get(id.toLowerCase()),
  };
}
