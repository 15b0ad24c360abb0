// Codes as RFC 6238 has them, and secrets that are good for one account only.
import { describe, expect, it } from 'vitest';
import { judgeCode, newSecret } from '../../shared/use-cases/one-time-codes.ts';
import { seal, unseal } from '../../shared/use-cases/sealed-box.ts';
import { makeFakePorts } from '../fakes/ports.ts';
import { HOTP, Secret } from 'otpauth';

const holder = { companyId: 'company1', objectId: 'mona' };

describe('a code', () => {
  // RFC 6238, appendix B, SHA-1: the last six of the eight digits.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('%d seconds after 1970 is %s', (seconds, code) => {
    const ports = makeFakePorts({ now: new Date(seconds * 1000) });
    const secret = Secret.fromLatin1('12345678901234567890').base32;
    const box = { purpose: 'second-factor', binding: Buffer.from(JSON.stringify(['company1', 'mona'])) };
    expect(judgeCode(ports, holder, seal(ports.operation, box, secret), code).step).toBe(Math.floor(seconds / 30));
  });

  it('is known by the secret of its own account only', () => {
    const ports = makeFakePorts();
    const { secret, sealedSecret } = newSecret(ports, holder, 'mona');
    const counter = Math.floor(ports.clock.now().getTime() / 30_000);
    const code = HOTP.generate({ secret: Secret.fromBase32(secret), counter });
    expect(judgeCode(ports, holder, sealedSecret, code).step).toBe(counter);
    expect(judgeCode(ports, { ...holder, objectId: 'ada' }, sealedSecret, code).step).toBeNull();
    expect(judgeCode(ports, { ...holder, companyId: 'company2' }, sealedSecret, code).step).toBeNull();
  });
});

describe('a sealed box', () => {
  const key = { tokenSigningKey: 'a-signing-key-for-tests-of-32-characters' };
  const box = { purpose: 'one', binding: Buffer.from('here') };

  it.each<[string, (text: string) => string | undefined]>([
    ['for another purpose', (text) => unseal(key, { ...box, purpose: 'two' }, text)],
    ['at another place', (text) => unseal(key, { ...box, binding: Buffer.from('there') }, text)],
    ['under another key', (text) => unseal({ tokenSigningKey: 'another-key' }, box, text)],
    ['cut short', (text) => unseal(key, box, text.slice(0, 20))],
    ['changed', (text) => unseal(key, box, `${text.slice(0, -2)}AA`)],
    ['empty', () => unseal(key, box, '')],
  ])('does not open %s', (_, open) => {
    const text = seal(key, box, 'secret');
    expect(unseal(key, box, text)).toBe('secret');
    expect(open(text)).toBeUndefined();
  });
});
