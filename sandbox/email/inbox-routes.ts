// The inbox over HTTP, for people and tests: no signature, and no part of the service that is stood in for.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, answerJson, answerPage } from './answer.ts';
import { mailPolicy, openLinksOutside, pagePolicy, renderInbox, renderMailPage } from './inbox-page.ts';
import type { Mailbox } from './mailbox.ts';

/**
 * `GET /inbox` and `GET /inbox.json` (both with an optional `?to=address`), `GET /inbox/{number}`, `GET /inbox/{number}/html`,
 * `DELETE /inbox`. Answers and returns true when the request is for the inbox.
 */
export function answerInbox(mailbox: Mailbox, url: URL, request: IncomingMessage, response: ServerResponse): boolean {
  const to = url.searchParams.get('to')?.trim() || null;
  const selected = () => mailbox.mails(to ?? undefined);
  if (url.pathname === '/inbox' && request.method === 'DELETE') {
    mailbox.clear();
    response.writeHead(204).end();
    return true;
  }
  if (request.method !== 'GET') return false;
  if (url.pathname === '/inbox.json') {
    answerJson(response, 200, selected(), { 'cache-control': 'no-store' });
    return true;
  }
  if (url.pathname === '/inbox' || url.pathname === '/') {
    answerPage(response, renderInbox(selected(), to), pagePolicy);
    return true;
  }
  const [, number, part] = /^\/inbox\/(\d+)(\/html)?$/.exec(url.pathname) ?? [];
  if (number === undefined) return false;
  const mail = mailbox.mails().find((one) => one.number === Number(number));
  if (mail === undefined) answerError(response, { status: 404, code: 'NotFound', message: 'There is no such mail.' });
  else if (part === undefined) answerPage(response, renderMailPage(mail), pagePolicy);
  else answerPage(response, openLinksOutside(mail.html), mailPolicy);
  return true;
}
