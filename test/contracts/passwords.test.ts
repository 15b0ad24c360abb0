// What may be expected of whoever keeps passwords, asked of argon2id and of the fake alike.
import { describe, expect, it } from 'vitest';
import { makePasswords } from '../../shared/adapters/passwords.ts';
import { makeFakePasswords } from '../fakes/passwords.ts';

describe.each([
  ['argon2id', makePasswords()],
  ['the fake', makeFakePasswords()],
])('%s', (_, passwords) => {
  const password = 'stout heron ladder mosaic';

  it('knows the password again and no other', async () => {
    const hash = await passwords.hash(password);
    expect(await passwords.verify(password, hash)).toBe(true);
    expect(await passwords.verify(`${password} `, hash)).toBe(false);
    expect(await passwords.verify('', hash)).toBe(false);
  });

  it('never makes the same text twice', async () => {
    expect(await passwords.hash(password)).not.toBe(await passwords.hash(password));
  });

  it('says no where there is nothing to compare with', async () => {
    expect(await passwords.verify(password, null)).toBe(false);
  });

  it('takes any characters, and many at once', async () => {
    const texts = ['日本語のパスワード', '🔒'.repeat(40), 'x'.repeat(128), 'ä'.repeat(12)];
    const hashes = await Promise.all(texts.map((text) => passwords.hash(text)));
    expect(await Promise.all(texts.map((text, index) => passwords.verify(text, hashes[index] ?? null)))).toEqual(texts.map(() => true));
  });
});

describe('argon2id', () => {
  it('stores how it was made, and nothing of the password', async () => {
    const hash = await makePasswords().hash('stout heron ladder mosaic');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it('still knows passwords that were stored with other parameters', async () => {
    // RFC 9106's own test vector has a secret, so this one was made with the same library and smaller parameters.
    const { argon2Sync } = await import('node:crypto');
    const nonce = Buffer.alloc(16, 7);
    const tag = argon2Sync('argon2id', { message: 'old words', nonce, parallelism: 1, tagLength: 32, memory: 8_192, passes: 3 });
    const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const stored = `$argon2id$v=19$m=8192,t=3,p=1$${unpadded(nonce)}$${unpadded(tag)}`;
    expect(await makePasswords().verify('old words', stored)).toBe(true);
    expect(await makePasswords().verify('new words', stored)).toBe(false);
  });

  it('refuses a stored text that it does not know', async () => {
    await expect(makePasswords().verify('x', 'plain')).rejects.toThrow('unknown form');
  });
});
