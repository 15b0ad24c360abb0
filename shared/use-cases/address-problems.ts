// Which addresses get no mail, by what the mail service has reported of them to this company.
import pLimit from 'p-limit';
import { addressKey, addressProblem } from '../domain/mail-delivery.ts';
import type { Ports } from '../ports/ports.ts';
import { readMailAddress } from '../storage/mail-addresses.ts';
import { hashSecret } from './hashing.ts';

const parallelReads = 16;

/** The row of an address: a hash, because addresses may be long and hold signs that keys may not. */
export const addressRow = (address: string) => hashSecret(addressKey(address));

/** Why mail to an address comes back, in words; `null` while it works, and when there is no address. */
export async function readAddressProblem(
  { tables }: Pick<Ports, 'tables'>,
  companyId: string,
  address: string | null | undefined,
): Promise<string | null> {
  if ((address ?? '') === '') return null;
  return addressProblem((await readMailAddress(tables, companyId, addressRow(address ?? '')))?.value);
}

/** The same for many people, in their order. */
export async function readAddressProblems(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  addresses: readonly (string | null | undefined)[],
): Promise<readonly (string | null)[]> {
  const limit = pLimit(parallelReads);
  return await Promise.all(addresses.map((address) => limit(readAddressProblem, ports, companyId, address)));
}
