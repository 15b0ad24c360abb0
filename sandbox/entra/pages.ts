// The pages people see instead of Microsoft's sign-in and consent: plain forms, no scripts, and no doubt that this is the sandbox.

import { directoryRoles, type SignInAccount, type TenantProfile } from '../world/tenants.ts';
import { type Answer, describe, pageAnswer } from './http.ts';
import { html, type Markup } from './markup.ts';
import type { Refusal } from './refusals.ts';

const style = html`<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.45; }
  body { margin: 0; display: grid; place-items: center; min-height: 100vh; background: light-dark(#f1f3f6, #15181c); }
  main { box-sizing: border-box; width: min(30rem, 100%); padding: 2rem; background: light-dark(#fff, #22272e); border-radius: 0.5rem; }
  h1 { font-size: 1.35rem; margin: 0 0 0.75rem; }
  h2 { font-size: 0.95rem; margin: 0; }
  .note { font-size: 0.85rem; padding: 0.5rem 0.75rem; border-left: 0.25rem solid #b87503; background: light-dark(#fdf4e3, #3a2f1b); }
  fieldset { border: 1px solid light-dark(#d3d8de, #444c56); border-radius: 0.35rem; margin: 0 0 0.75rem; padding: 0.25rem 0.75rem 0.5rem; }
  label { display: flex; gap: 0.6rem; padding: 0.35rem 0; align-items: baseline; cursor: pointer; }
  small { display: block; opacity: 0.8; overflow-wrap: anywhere; }
  button { font: inherit; padding: 0.5rem 1.25rem; border-radius: 0.35rem; border: 1px solid #1659b8; cursor: pointer; }
  button[value='accept'] { background: #1659b8; color: #fff; }
  button[value='cancel'] { background: transparent; color: inherit; }
  footer { display: flex; gap: 0.75rem; margin-top: 1rem; }
  code { overflow-wrap: anywhere; }
</style>`;

function page(title: string, content: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – sandbox</title>
${style}
</head>
<body>
<main>
<p class="note" role="note">This is the sandbox's sign-in, not Microsoft's. It asks for no password, and nothing leaves this computer.</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.markup;
}

export interface AccountPage {
  /** Path and query the form is sent back to: the address of the request itself. */
  readonly action: string;
  readonly appName: string;
  readonly tenants: readonly TenantProfile[];
  /** Object id of the account to mark; undefined marks none. */
  readonly selected: string | undefined;
}

/** The sign-in page: who are you? */
export function signInPage(content: AccountPage): string {
  const lead = html`<p>Choose the account to sign in to ${content.appName} with.</p>`;
  return page('Sign in', accountForm(content, lead));
}

/** The consent page: what the app asks for, and who agrees to it. */
export function consentPage(content: AccountPage & { readonly roles: readonly string[] }): string {
  const lead = html`<p>${content.appName} asks an administrator to allow it, for the whole organization:</p>
<ul>${content.roles.map((role) => html`<li><code>${role}</code></li>`)}</ul>
<p>Choose the account that decides.</p>`;
  return page('Permissions requested', accountForm(content, lead));
}

function accountForm({ action, tenants, selected }: AccountPage, lead: Markup): Markup {
  return html`${lead}
<form method="post" action="${action}">
${tenants.filter(({ accounts }) => accounts.length > 0).map((tenant) => tenantChoice(tenant, selected))}
<footer>
<button name="decision" value="accept">Accept</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button>
</footer>
</form>`;
}

function tenantChoice(tenant: TenantProfile, selected: string | undefined): Markup {
  return html`<fieldset>
<legend><h2>${tenant.displayName}</h2></legend>
${tenant.accounts.map((account) => accountChoice(account, account.objectId === selected))}
</fieldset>
`;
}

function accountChoice(account: SignInAccount, isSelected: boolean): Markup {
  const titles = [...account.directoryRoles.map(nameOfDirectoryRole), ...account.appRoles];
  return html`<label>
<input type="radio" name="account" value="${account.objectId}" required${isSelected ? html` checked` : ''}>
<span>${account.displayName}<small>${[account.userPrincipalName, ...titles].join(' · ')}</small></span>
</label>
`;
}

function nameOfDirectoryRole(id: string): string {
  switch (id) {
    case directoryRoles.globalAdministrator:
      return 'Global Administrator';
    case directoryRoles.privilegedRoleAdministrator:
      return 'Privileged Role Administrator';
    default:
      return id;
  }
}

/** Where Entra stops instead of sending the person back to the app. */
export function stopAnswer(refusal: Refusal): Answer {
  const title = refusal.code === 90094 ? 'Need admin approval' : 'Sign-in stopped';
  const content = html`<p><code>${describe(refusal)}</code></p>\n<p>Go back to the app and try again.</p>`;
  return pageAnswer(refusal.status, page(title, content));
}
