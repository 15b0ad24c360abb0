// The few pages the server writes itself: connecting a tenant, what went wrong while doing so, and what links in mails open. One style, all
// escaped; a script only where a token stands behind `#`, which no server sees.
import type { Cookie } from '@azure/functions';
import { createHash } from 'node:crypto';
import { type Html, html, renderHtml } from '../shared/domain/html.ts';
import type { Reply } from './route.ts';

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;background:Canvas;color:CanvasText}
main{max-width:38rem;margin:4rem auto;padding:0 1.5rem}h1{font-size:1.5rem;line-height:1.25}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{color:GrayText}dd{margin:0;font-weight:600;overflow-wrap:anywhere}.warning{border-left:4px solid #b45309;padding:.25rem 1rem}
button,.button{display:inline-block;font:inherit;font-weight:600;padding:.6rem 1.2rem;border-radius:.4rem;border:0;background:#0b5cad;color:#fff;cursor:pointer;text-decoration:none}
code{font-size:.9em}table{border-collapse:collapse}th,td{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top}td.number{text-align:right}`;

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: Html;
  readonly cookies?: readonly Cookie[];
  /** A constant of ours; nothing from outside may be in it. */
  readonly script?: string;
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A whole page as a reply. */
export function page({ status, title, content, cookies = [], script }: Page): Reply {
  const scripts = script === undefined ? '' : `script-src ${hashOf(script)}; connect-src 'self'; `;
  const document = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Muster</title>`;
  const body = html`</head><body><main><h1>${title}</h1>${content}</main></body></html>`;
  // Style and script are constants of ours and must reach the page byte for byte, or their hashes would not match.
  const raw = `<style>${style}</style>${script === undefined ? '' : `<script type="module">${script}</script>`}`;
  return {
    status,
    cookies,
    headers: {
      'Content-Security-Policy': `default-src 'none'; style-src ${hashOf(style)}; ${scripts}form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    },
    text: { contentType: 'text/html; charset=utf-8', content: `${renderHtml(document)}${raw}${renderHtml(body)}` },
  };
}
