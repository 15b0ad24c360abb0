// Lost access is named as what it is and mailed once to whoever can act; the data stays as it was (product rule 6). Its return is noted.
import type { IntegrationProblem } from '../domain/integration.ts';
import type { Ports } from '../ports/ports.ts';
import { changeIntegrationWithAudit } from './integration-change.ts';
import { accessLostMails } from './notices.ts';

/** Moves the integration to `accessLost` and stores the mail in the same transaction. Nothing happens when it was lost before. */
export async function recordAccessLost(ports: Ports, companyId: string, problem: IntegrationProblem): Promise<void> {
  await changeIntegrationWithAudit(ports, companyId, async (present, advanceTo) => {
    // While a fresh consent is being checked, refusals are expected for minutes: the probe decides, not a round that still runs.
    if (present.state === 'accessLost' || present.state === 'checking') return undefined;
    const integration = advanceTo('accessLost', problem);
    if (integration === present) return undefined;
    return {
      integration,
      audit: { action: 'integrationAccessLost', by: 'Muster', summary: problem.sentence, reason: problem.code },
      mails: await accessLostMails(ports, companyId, problem),
    };
  });
}

/** Moves the integration back to `connected`. Nothing happens when it is not `accessLost`. */
export async function recordAccessRestored(ports: Ports, companyId: string): Promise<void> {
  await changeIntegrationWithAudit(ports, companyId, (present, advanceTo) => {
    if (present.state !== 'accessLost') return undefined;
    const summary = `${present.tenantName ?? 'The tenant'} can be read again.`;
    return {
      integration: advanceTo('accessRestored'),
      audit: { action: 'integrationAccessRestored', by: 'Muster', summary, reason: null },
    };
  });
}
