// Puts the in-memory directory under the directory contract.
import type { DirectoryFailure } from '../../shared/ports/directory.ts';
import { makeFakeDirectories } from '../fakes/directory.ts';
import type { DirectoryImplementation } from './directory-under-test.ts';

const tenantId = '30000000-0000-4000-8000-000000000003';
const otherTenantId = '40000000-0000-4000-8000-000000000004';
const detail = { status: null, code: null, requestId: null, sentence: 'Scripted by a test.' };
const lost: DirectoryFailure = { kind: 'accessLost', owner: 'theirs', detail };

export const directoryOnFake: DirectoryImplementation = {
  name: 'in memory',
  start: async () => {
    const { open, tenant } = makeFakeDirectories();
    const control = tenant(tenantId);
    let hired = 0;
    return {
      directory: open(tenantId),
      stranger: open(otherTenantId),
      hire: (fields, managerId) => {
        hired += 1;
        const objectId = `a0000000-0000-4000-8000-${String(hired).padStart(12, '0')}`;
        control.put(objectId, fields);
        if (managerId !== null) control.setManager(objectId, managerId);
        return objectId;
      },
      change: control.put,
      setManager: control.setManager,
      softDelete: control.softDelete,
      purge: control.purge,
      restore: control.restore,
      outdateTokens: control.refuseTokens,
      throttleNext: (seconds) => control.failNext({ kind: 'throttled', retryAfterMs: seconds * 1_000, scope: 'tenant', detail }),
      revoke: () => control.failAlways(lost),
      refuseFilters: () => {
        for (const name of ['usersPage', 'managerPage', 'countByPrefix'] as const) control.failAll(name, { kind: 'unsupported', detail });
      },
      endChangeTracking: () => control.failAlways({ kind: 'unsupported', detail }),
      stop: async () => undefined,
    };
  },
};
