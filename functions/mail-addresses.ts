// Addresses of users over HTTP: having one tried again that mail came back from.
import * as contract from '../shared/contracts/mail-addresses.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { retryAddress } from '../shared/use-cases/retry-address.ts';
import { type Route, route } from './route.ts';
import { oneUser } from './users.ts';

export const mailAddressRoutes: readonly Route[] = [
  route({
    name: 'retryMailAddress',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/users/{userId}/mail-address/retry',
    action: 'inviteManagers',
    tag: 'Mail',
    summary: 'Has an address tried again that mail came back from, of anybody; names it, so that whoever confirms knows where mail goes.',
    params: oneUser,
    body: contract.addressRetry,
    success: { status: 200, schema: contract.retriedAddress },
    errors: ['conflict'],
    handle: async ({ ports, params, body, state, principal }) => {
      if (state === null) throw new Refusal('not-found');
      return { status: 200, body: await retryAddress(ports, { ...params, ...body, state, by: principal.name }) };
    },
  }),
];
