// The preview of every kind of mail over HTTP, beside the inbox.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, answerPage } from './answer.ts';
import { mailPolicy, pagePolicy } from './inbox-page.ts';
import { previewedMail, renderPreview, renderPreviewFrame, renderPreviewList } from './preview-page.ts';

/**
 * `GET /mail/preview`, `GET /mail/preview/{kind}/{language}` and, for the HTML part alone, `…/html`. Answers and returns true when the
 * request is for the preview.
 */
export function answerPreview(url: URL, request: IncomingMessage, response: ServerResponse): boolean {
  const [matched, kind, language, part] = /^\/mail\/preview(?:\/(\w+)\/(\w+)(\/html)?)?$/.exec(url.pathname) ?? [];
  if (matched === undefined || request.method !== 'GET') return false;
  if (kind === undefined || language === undefined) {
    answerPage(response, renderPreviewList(), pagePolicy);
    return true;
  }
  const mail = previewedMail(kind, language);
  if (mail === undefined) answerError(response, { status: 404, code: 'NotFound', message: 'There is no such kind of mail or language.' });
  else if (part === undefined) answerPage(response, renderPreview(mail), pagePolicy);
  else answerPage(response, renderPreviewFrame(mail), mailPolicy);
  return true;
}
