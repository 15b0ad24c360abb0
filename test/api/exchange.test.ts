// The checker of exchanges must see what is wrong, or the tests that rely on it prove nothing.
import { describe, expect, it } from 'vitest';
import { checkExchange, ContractBreach, type Exchange } from './exchange.ts';

const companyId = 'abcdefghij0123456789';
const integration = {
  state: 'notConnected',
  tenantId: null,
  tenantName: null,
  linkedAt: null,
  linkedBy: null,
  checkedAt: null,
  problem: null,
};
const problem = {
  type: 'urn:muster:problem:not-found',
  title: 'There is no such thing.',
  status: 404,
  code: 'not-found',
  traceId: 'trace',
};

const read = (changes: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  path: `/api/v1/companies/${companyId}/integration`,
  requestBody: undefined,
  status: 200,
  contentType: 'application/json',
  body: integration,
  ...changes,
});
const refused = (body: unknown, changes: Partial<Exchange> = {}) =>
  read({ status: 404, contentType: 'application/problem+json', body, ...changes });
const decide = (requestBody: unknown, changes: Partial<Exchange> = {}): Exchange => ({
  method: 'POST',
  path: `/api/v1/companies/${companyId}/decisions`,
  requestBody,
  status: 200,
  contentType: 'application/json',
  body: { decided: 0, unchanged: 0, refused: 0, notFound: 0, items: [] },
  ...changes,
});
const userId = '30000000-0000-4000-8000-000000000003_30000000-0000-4000-8000-0000000000a1';

describe('an exchange as described', () => {
  it.each([
    ['a read', read()],
    ['a refusal', refused(problem)],
    ['a list with parameters', { ...read(), path: `/api/v1/companies/${companyId}/runs?limit=5`, body: { runs: [], nextPage: null } }],
    ['a body', decide({ command: 'approve', userIds: [userId] })],
    ['a body sent as text', decide(JSON.stringify({ command: 'deny', userIds: [userId], reason: 'left' }))],
    ['nothing to say', { ...read(), method: 'DELETE', status: 204, contentType: '', body: '' }],
    [
      'a wrong request that was refused',
      decide(
        { nonsense: true },
        {
          ...refused({ ...problem, status: 400, code: 'invalid-request' }),
          method: 'POST',
          status: 400,
          path: `/api/v1/companies/${companyId}/decisions`,
        },
      ),
    ],
  ])('passes: %s', (_, exchange) => {
    expect(() => checkExchange(exchange)).not.toThrow();
  });
});

describe('an exchange that breaks the contract', () => {
  const { problem: _dropped, ...withoutProblem } = integration;
  it.each([
    ['an address nobody described', read({ path: '/api/v1/secrets' }), 'is not described'],
    ['a method nobody described', read({ method: 'PATCH' }), 'is not described'],
    ['a status nobody described', read({ status: 418 }), 'status 418'],
    ['a missing field', read({ body: withoutProblem }), 'problem'],
    ['a field too many, such as a leaked one', read({ body: { ...integration, secret: 'x' } }), 'secret'],
    ['a word that is not in the list', read({ body: { ...integration, state: 'maybe' } }), '/state'],
    ['a wrong type', read({ body: { ...integration, linkedBy: 7 } }), '/linkedBy'],
    ['another content type', read({ contentType: 'text/html' }), 'content type'],
    ['a body where none belongs', { ...read(), method: 'DELETE', status: 204, contentType: '' }, 'without a body'],
    ['an unknown error code', refused({ ...problem, code: 'oops' }), '/code'],
    ['a code of another status', refused({ ...problem, code: 'last-admin' }), '/code'],
    ['a status that differs from the answer’s', refused({ ...problem, status: 410 }), 'another status'],
    ['a problem without a trace id', refused({ ...problem, traceId: undefined }), 'traceId'],
    ['a problem as plain JSON', refused(problem, { contentType: 'application/json' }), 'content type'],
    [
      'an undescribed query parameter that was taken',
      read({ path: `/api/v1/companies/${companyId}/runs?order=up`, body: { runs: [], nextPage: null } }),
      'order',
    ],
    [
      'a limit out of range that was taken',
      read({ path: `/api/v1/companies/${companyId}/runs?limit=0`, body: { runs: [], nextPage: null } }),
      'limit',
    ],
    ['an id of another form that was taken', read({ path: '/api/v1/companies/UPPER/integration' }), 'companyId'],
    ['an unknown field that was taken', decide({ command: 'approve', userIds: [userId], force: true }), 'force'],
    ['a missing field that was taken', decide({ command: 'approve' }), 'userIds'],
    ['a body where none was asked for', read({ requestBody: { x: 1 } }), 'body'],
    ['a missing ETag', { ...read(), path: `/api/v1/companies/${companyId}/settings`, headers: new Headers() }, 'ETag'],
  ])('is seen: %s', (_, exchange, words) => {
    expect(() => checkExchange(exchange)).toThrow(ContractBreach);
    expect(() => checkExchange(exchange)).toThrow(words);
  });
});
