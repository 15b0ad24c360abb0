// Passwords by argon2id of Node's own crypto (RFC 9106), in the parameters OWASP recommends where memory is dear: 19 MiB, two passes.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import type { Passwords } from '../ports/passwords.ts';

const derive = promisify(argon2);

interface Parameters {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const present: Parameters = { memory: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagBytes = 32;
/** At 19 MiB each; whoever comes when so many are at work waits. */
const atOnce = 4;

const shape = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/;
const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

/** What nobody's password is compared with when there is no account. */
const nobody = { parameters: present, salt: Buffer.alloc(saltBytes), tag: Buffer.alloc(tagBytes) };

function parse(hash: string): typeof nobody {
  const [, memory, passes, parallelism, salt, tag] = shape.exec(hash) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('A stored password has an unknown form.');
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

export function makePasswords(): Passwords {
  const limit = pLimit(atOnce);
  const tagOf = async (password: string, salt: Buffer, parameters: Parameters, tagLength: number): Promise<Buffer> =>
    await limit(async () => await derive('argon2id', { message: Buffer.from(password), nonce: salt, tagLength, ...parameters }));
  return {
    hash: async (password) => {
      const salt = randomBytes(saltBytes);
      const tag = await tagOf(password, salt, present, tagBytes);
      const { memory, passes, parallelism } = present;
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
    },
    verify: async (password, hash) => {
      const { parameters, salt, tag } = hash === null ? nobody : parse(hash);
      const shown = await tagOf(password, salt, parameters, tag.length);
      return timingSafeEqual(shown, tag) && hash !== null;
    },
  };
}
