// What the links in a weekly reminder open: a page that ends the mails, and the team's status. Opening a page changes and shows nothing;
// mail scanners follow links too. The token stands behind `#`, where no server sees it, so each page has a few lines of script.
import * as contract from '../shared/contracts/reminders.ts';
import { html } from '../shared/domain/html.ts';
import { readTeamStatus, unsubscribe } from '../shared/use-cases/reminder-links.ts';
import { page } from './page.ts';
import { type Reply, type Route, route } from './route.ts';

const unsubscribePath = 'api/v1/reminders/unsubscribe';
const statusPath = 'api/v1/team-status';

export const reminderLinkRoutes: readonly Route[] = [
  route({
    name: 'unsubscribe',
    method: 'POST',
    path: unsubscribePath,
    action: 'anyone',
    fromAnywhere: true,
    tag: 'User Portal',
    summary:
      'Ends the weekly reminders of the manager a mail went to. Mail programs send it by themselves (RFC 8058); the body does not matter.',
    query: contract.unsubscribeQuery,
    success: { status: 204 },
    errors: ['link-expired'],
    handle: async ({ ports, query }) => {
      await unsubscribe(ports, query.token);
      return { status: 204 };
    },
  }),
  route({
    name: 'readTeamStatus',
    method: 'POST',
    path: statusPath,
    action: 'anyone',
    tag: 'User Portal',
    summary: 'What is overdue, due soon and done in a team, by the link in its manager’s weekly reminder; it works for seven days.',
    body: contract.statusRequest,
    success: { status: 200, schema: contract.teamStatus },
    errors: ['link-expired'],
    handle: async ({ ports, body }) => ({ status: 200, body: await readTeamStatus(ports, body.token) }),
  }),
];

const readToken = "const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';";

// Mail programs that know no one click open the address of the mail's header, where the token has to stand in the query (RFC 8058).
const readUnsubscribeToken =
  "const token = ['hash', 'search'].map((part) => new URLSearchParams(location[part].slice(1)).get('token')).find(Boolean) ?? '';";

const unsubscribeScript = `${readUnsubscribeToken}
const button = document.querySelector('button');
const note = document.querySelector('[role=status]');
button.addEventListener('click', async () => {
  button.disabled = true;
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const address = '/${unsubscribePath}?token=' + encodeURIComponent(token);
  const status = await fetch(address, { method: 'POST', body }).then((answer) => answer.status, () => 0);
  button.hidden = status === 204;
  button.disabled = false;
  note.textContent = status === 204
    ? 'You will get no more weekly mails about your team. You can turn them on again in the User Portal.'
    : status === 400 || status === 410 ? 'This link does not work any more. Sign in to the User Portal instead.' : 'That did not work. Try again in a minute.';
});`;

/** `GET /api/v1/reminders/unsubscribe`: asks once more. */
export const unsubscribePage = (): Reply =>
  page({
    status: 200,
    title: 'Stop the weekly mails',
    content: html`<p>Once a week you get a mail about the training of your team.</p>
      <p><button type="button">Stop these mails</button></p><p role="status"></p>
      <noscript><p>This page needs JavaScript. Your mail program may offer to unsubscribe as well.</p></noscript>`,
    script: unsubscribeScript,
  });

const statusScript = `${readToken}
const note = document.querySelector('[role=status]');
const row = (cells, name) => {
  const line = document.createElement('tr');
  for (const [index, text] of cells.entries()) {
    const cell = document.createElement(index === 0 || name === 'th' ? 'th' : 'td');
    cell.textContent = text;
    if (index > 0) cell.className = 'number';
    line.append(cell);
  }
  return line;
};
const cellsOf = (name, counts) => [name, counts.overdue, counts.dueSoon, counts.open, counts.done];
const headers = { 'Content-Type': 'application/json' };
const answer = await fetch('/${statusPath}', { method: 'POST', headers, body: JSON.stringify({ token }) }).catch(() => null);
if (answer?.ok) {
  const status = await answer.json();
  const table = document.createElement('table');
  table.append(row(['', 'Overdue', 'Due soon', 'Open', 'Done'], 'th'));
  for (const { displayName, counts } of status.members) table.append(row(cellsOf(displayName, counts), 'td'));
  table.append(row(cellsOf('All', status.counts), 'td'));
  note.textContent = status.companyName + ', team of ' + status.managerName + ', ' + new Date(status.asOf).toLocaleString()
    + '. This link works until ' + new Date(status.worksUntil).toLocaleString() + '.';
  note.after(table);
} else {
  note.textContent = answer?.status === 400 || answer?.status === 410
    ? 'This link does not work any more. Sign in to the User Portal instead.' : 'That did not work. Reload the page in a minute.';
}`;

/** `GET /team-status`: shows nothing by itself; its script asks for what the token opens. */
export const teamStatusPage = (): Reply =>
  page({
    status: 200,
    title: 'Your team this week',
    content: html`<p role="status">One moment…</p><noscript><p>This page needs JavaScript.</p></noscript>`,
    script: statusScript,
  });
