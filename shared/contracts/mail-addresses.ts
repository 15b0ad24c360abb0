// Addresses that mail comes back from, as the API speaks of them.
import * as z from 'zod';

export const addressRetry = z
  .strictObject({
    mail: z.string().trim().min(1).max(320).meta({ description: 'The address mail will go to, as it was shown for confirmation.' }),
  })
  .meta({ id: 'MailAddressRetry' });

export const retriedAddress = z
  .object({
    mail: z.string(),
    triedAgain: z.boolean().meta({
      description: '`true` when mail had come back and the address is tried again; `false` when nothing spoke against it.',
    }),
    detail: z.string().meta({ description: 'In words, also what may keep mail from arriving.' }),
  })
  .meta({ id: 'RetriedMailAddress' });
