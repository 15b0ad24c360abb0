// The HTML of the admin page: plain forms, no scripts, everything from the world escaped.
import type { Directory } from '../world/directory.ts';
import type { AdminAction } from './admin.ts';
import { deedForms } from './admin-deeds.ts';
import type { TenantSummary, UserSummary } from './admin-view.ts';

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
  table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee5; }
  td.id { font-family: ui-monospace, monospace; font-size: 12px; } .deleted, .purged { color: #8a94a0; }
  form.deed { display: flex; gap: .5rem; align-items: center; margin: .4rem 0; flex-wrap: wrap; } form.deed b { min-width: 9rem; }
  input { padding: .25rem .4rem; } button { padding: .25rem .8rem; } .message { background: #e5f4e8; padding: .5rem 1rem; }`;

/** Makes text safe in HTML content and attributes. */
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

function page(title: string, content: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>${content}</body></html>`;
}

export function worldPage(tenants: readonly TenantSummary[]): string {
  const rows = tenants.map(
    ({ tenantId, displayName, domain, users, version }) =>
      `<tr><td><a href="/admin/tenants/${escapeHtml(tenantId)}">${escapeHtml(displayName)}</a></td><td>${escapeHtml(domain)}</td><td>${users}</td><td>${version}</td></tr>`,
  );
  const head = '<tr><th>Tenant</th><th>Domain</th><th>Users</th><th>Changes</th></tr>';
  return page('The sandbox’s world', `<h1>The sandbox’s world</h1><table>${head}${rows.join('')}</table>`);
}

export function tenantPage(view: {
  readonly directory: Directory;
  readonly search: string;
  readonly users: readonly UserSummary[];
  readonly actions: readonly AdminAction[];
  readonly message: string;
}): string {
  const { tenantId, displayName } = view.directory;
  const deeds = Object.entries(deedForms).map(([name, fields]) => deedForm(tenantId, name, name, fields));
  const actions = view.actions.map(({ name, label, fields }) => deedForm(tenantId, name, label, fields));
  const rows = view.users.map(
    (user) =>
      `<tr class="${escapeHtml(user.state)}"><td>${escapeHtml(user.displayName)}</td><td>${escapeHtml(user.userPrincipalName)}</td>` +
      `<td>${escapeHtml(user.kind)}</td><td>${escapeHtml(user.state)}</td><td class="id">${escapeHtml(user.id)}</td><td class="id">${escapeHtml(user.managerId ?? '')}</td></tr>`,
  );
  const head = '<tr><th>Name</th><th>Principal name</th><th>Really is</th><th>State</th><th>Object id</th><th>Manager</th></tr>';
  return page(
    displayName,
    [
      `<p><a href="/admin">All tenants</a></p><h1>${escapeHtml(displayName)}</h1>`,
      view.message === '' ? '' : `<p class="message">${escapeHtml(view.message)}</p>`,
      `<h2>Make something happen</h2>${deeds.join('')}`,
      actions.length === 0 ? '' : `<h2>Make something go wrong</h2>${actions.join('')}`,
      `<h2>Users</h2><form method="get"><input name="search" aria-label="Search" value="${escapeHtml(view.search)}"> <button>Search</button></form>`,
      `<table>${head}${rows.join('')}</table>`,
    ].join(''),
  );
}

function deedForm(tenantId: string, name: string, label: string, fields: readonly string[]): string {
  const inputs = fields.map((field) => {
    const optional = field.startsWith('[');
    const plain = escapeHtml(field.replaceAll(/[[\]]/g, ''));
    return `<input name="${plain}" aria-label="${plain}" placeholder="${plain}"${optional ? '' : ' required'}>`;
  });
  const action = `/admin/world/${escapeHtml(tenantId)}/${escapeHtml(name)}`;
  return `<form class="deed" method="post" action="${action}"><b>${escapeHtml(label)}</b>${inputs.join('')}<button>Do it</button></form>`;
}
