// Errors that callers meet: stable codes, fitting statuses, and sentences that stand on their own.
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorCodes, Refusal } from '../../shared/domain/errors.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

describe.each(codes)('%s', (code) => {
  const { status, title } = errorCodes[code];

  it('has a code for programs and a sentence for people', () => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*\.$/);
  });

  it('has the status of a refusal, or of a fault of ours', () => {
    const isOurs = code === 'internal' || code === 'upstream-unavailable';
    expect(status).toBeGreaterThanOrEqual(isOurs ? 500 : 400);
    expect(status).toBeLessThan(isOurs ? 600 : 500);
  });
});

it('does not say the same of two errors', () => {
  expect(new Set(codes.map((code) => errorCodes[code].title)).size).toBe(codes.length);
});

it('a refusal says what its code says', () => {
  const refusal = new Refusal('last-admin');
  expect(refusal).toBeInstanceOf(Error);
  expect(refusal).toMatchObject({ code: 'last-admin', message: errorCodes['last-admin'].title, details: {} });
});

it('a refusal says more where more is known', () => {
  const details = { detail: 'Decided by Avery.', facts: { by: 'Avery' }, errors: [{ pointer: '/name', detail: 'Too long.' }] };
  expect(new Refusal('already-decided', details)).toMatchObject({ message: 'Decided by Avery.', details });
});
