// Serves the admin portal: a handful of files built into the bundle, everything else is its start page.
import type { HttpRequest } from '@azure/functions';
import { Refusal } from '../shared/domain/errors.ts';
import { portalFiles } from '../portal/files.ts';
import type { Reply } from './route.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** `GET /{*path}`: a file of the portal, or its page for every address that is not one. */
export async function portalPage(request: HttpRequest): Promise<Reply> {
  const path = new URL(request.url).pathname;
  // Addresses are matched without regard to case (Azure Functions), so `/API/…` is the API's as well.
  if (/^\/api(\/|$)/i.test(path)) throw new Refusal('not-found');
  const file = portalFiles[path] ?? portalFiles['/'];
  if (!file) throw new Refusal('not-found');
  return { status: 200, headers: { 'Content-Security-Policy': policy }, text: file };
}
