// The official list of what a Graph `user` has (v1.0 metadata), so that neither the seed nor an export nor a request can invent a property.
import properties from './user-properties.json' with { type: 'json' };

interface UserProperty {
  readonly kind: 'property' | 'navigation';
  /** OData type, such as `Edm.String` or `Collection(Edm.String)`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly collection: boolean;
}

export const userProperties: ReadonlyMap<string, UserProperty> = new Map(
  Object.entries(properties).map(([name, { kind, type, nullable }]) => [
    name,
    { kind: kind === 'navigation' ? 'navigation' : 'property', type, nullable, collection: type.startsWith('Collection(') },
  ]),
);
