// From a person to the scopes that may name them: a hint for "what can I see", always checked against the grants themselves.
import type { Tables } from '../ports/tables.ts';
import type { GrantScope } from './companies.ts';

interface Person {
  readonly tenantId: string;
  readonly objectId: string;
}

const partitionOf = ({ tenantId, objectId }: Person) => `member~${tenantId}_${objectId}`;

/** Written before the grant, so that a grant is never invisible to its holder. */
export async function noteMembership(tables: Tables, person: Person, scope: GrantScope): Promise<void> {
  await tables.access.write(partitionOf(person), [
    { kind: 'upsert', row: `${scope.kind}~${scope.id}`, properties: { scope: scope.kind, id: scope.id } },
  ]);
}

export async function listMemberships(tables: Tables, person: Person): Promise<readonly GrantScope[]> {
  const scopes: GrantScope[] = [];
  for await (const { properties } of tables.access.range({ partition: partitionOf(person) })) {
    const kind = properties['scope'] === 'msp' ? 'msp' : 'company';
    scopes.push({ kind, id: String(properties['id']) });
  }
  return scopes;
}
