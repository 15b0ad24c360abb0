// How managers sign in, as the User Portal asks before anybody is known.
import * as z from 'zod';
import { managerSignIns } from '../domain/company.ts';

export const managerSignIn = z.object({ managerSignIn: z.enum(managerSignIns) }).meta({ id: 'ManagerSignInWay' });
