// Links of the weekly reminder. They say what they open themselves and are signed, so that no mail leaves a row behind: one for a week's
// status, one to end the mails.
import { splitSignedToken } from './secrets.ts';

/** What a link opens. `until`: a UTC instant, to the second; links that end the mails work for ever. */
export type ReminderLink =
  | { readonly kind: 'unsubscribe'; readonly companyId: string; readonly objectId: string }
  | { readonly kind: 'teamStatus'; readonly companyId: string; readonly objectId: string; readonly until: Date };

/** The id of a link's token: of a form that no token with a row has. */
export function reminderTokenId(link: ReminderLink): string {
  const who = `${link.companyId}~${link.objectId}`;
  return link.kind === 'unsubscribe' ? `unsubscribe~${who}` : `status~${who}~${Math.floor(link.until.getTime() / 1000)}`;
}

const pattern = /^(?:(unsubscribe)|status)~([A-Za-z0-9]{1,40})~([A-Za-z0-9-]{1,64})(?:~(\d{1,12}))?$/;

export interface ShownReminderLink {
  readonly link: ReminderLink;
  readonly tokenId: string;
  /** Not checked yet. */
  readonly secret: string;
}

/** What a token says it opens; `undefined` for anything that is not one. Its secret has to be checked. */
export function readReminderToken(token: string): ShownReminderLink | undefined {
  const shown = splitSignedToken(token);
  const [, unsubscribe, companyId, objectId, seconds] = pattern.exec(shown?.id ?? '') ?? [];
  if (shown === undefined || companyId === undefined || objectId === undefined) return undefined;
  const isUnsubscribe = unsubscribe !== undefined;
  if (isUnsubscribe !== (seconds === undefined)) return undefined;
  const link: ReminderLink = isUnsubscribe
    ? { kind: 'unsubscribe', companyId, objectId }
    : { kind: 'teamStatus', companyId, objectId, until: new Date(Number(seconds) * 1000) };
  return { link, tokenId: shown.id, secret: shown.secret };
}
