// The second factor of managers, as the User Portal and admins meet it in the API.
import * as z from 'zod';
import { longestPassword } from '../domain/password.ts';
import { factorStates, recoveryCodeCount, signInSteps } from '../domain/second-factor.ts';
import { count, instant } from './common.ts';

export const signedIn = z
  .object({
    next: z.enum(signInSteps).nullable().meta({ description: 'What must follow before there is a session; null when there is one.' }),
  })
  .meta({ id: 'ManagerSignedIn' });

/** Six digits of the app or a recovery code, however it is spaced. */
const code = z.string().trim().min(6).max(64);
const password = z
  .string()
  .min(1)
  .max(longestPassword * 4);

export const enteredCode = z.strictObject({ code }).meta({ id: 'SecondFactorCode' });

export const proof = z
  .strictObject({
    password,
    code: code.nullable().default(null).meta({ description: 'Of the present second factor, where there is one.' }),
  })
  .meta({ id: 'SecondFactorProof' });

export const offer = z
  .object({
    secret: z.string().meta({ description: 'Base32, to be typed into an authenticator app.' }),
    uri: z.string().meta({ description: 'otpauth://totp/…, to be shown as a QR code.' }),
  })
  .meta({ id: 'SecondFactorOffer' });

export const confirmed = z
  .object({
    recoveryCodes: z
      .array(z.string())
      .length(recoveryCodeCount)
      .meta({ description: 'Each opens the account once when the app is lost. Shown now and never again.' }),
  })
  .meta({ id: 'SecondFactorConfirmed' });

export const secondFactor = z
  .object({
    state: z.enum(factorStates),
    confirmedAt: instant.nullable(),
    recoveryCodesLeft: count,
    isRequired: z.boolean().meta({ description: 'The company requires one: it can be replaced and not removed.' }),
  })
  .meta({ id: 'SecondFactor' });
