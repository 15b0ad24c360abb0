// All routes of the API, in the order of the document.
import { accountRoutes } from './account.ts';
import { adminRoutes } from './admins.ts';
import { assignmentRoutes } from './assignments.ts';
import { audienceRoutes } from './audience.ts';
import { companyRoutes } from './companies.ts';
import { decisionJobRoutes } from './decision-jobs.ts';
import { decisionRoutes } from './decisions.ts';
import { integrationRoutes } from './integration.ts';
import { mailAddressRoutes } from './mail-addresses.ts';
import { managerAccessRoutes } from './manager-access.ts';
import { managerMicrosoftRoutes } from './manager-microsoft.ts';
import { ownTeamRoutes } from './own-team.ts';
import { passwordRoutes } from './password.ts';
import { reminderRoutes } from './reminders.ts';
import { reminderLinkRoutes } from './reminder-links.ts';
import type { Route } from './route.ts';
import { secondFactorRoutes } from './second-factor.ts';
import { syncRoutes } from './sync.ts';
import { userRoutes } from './users.ts';

export const routes: readonly Route[] = [
  ...companyRoutes,
  ...adminRoutes,
  ...integrationRoutes,
  ...syncRoutes,
  ...userRoutes,
  ...decisionRoutes,
  ...decisionJobRoutes,
  ...audienceRoutes,
  ...assignmentRoutes,
  ...mailAddressRoutes,
  ...managerAccessRoutes,
  ...reminderRoutes,
  ...accountRoutes,
  ...passwordRoutes,
  ...ownTeamRoutes,
  ...reminderLinkRoutes,
  ...secondFactorRoutes,
  ...managerMicrosoftRoutes,
];
