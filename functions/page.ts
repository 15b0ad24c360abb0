// The few pages the server writes itself: connecting a tenant and what went wrong while doing so. No scripts, one style, all escaped.
import { createHash } from 'node:crypto';
import { type Html, html, renderHtml } from '../shared/domain/html.ts';
import type { Reply } from './route.ts';

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;background:Canvas;color:CanvasText}
main{max-width:38rem;margin:4rem auto;padding:0 1.5rem}h1{font-size:1.5rem;line-height:1.25}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{color:GrayText}dd{margin:0;font-weight:600;overflow-wrap:anywhere}.warning{border-left:4px solid #b45309;padding:.25rem 1rem}
button,.button{display:inline-block;font:inherit;font-weight:600;padding:.6rem 1.2rem;border-radius:.4rem;border:0;background:#0b5cad;color:#fff;cursor:pointer;text-decoration:none}
code{font-size:.9em}`;
const styleHash = createHash('sha256').update(style).digest('base64');

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: Html;
  readonly cookies?: readonly string[];
}

/** A whole page as a reply. */
export function page({ status, title, content, cookies = [] }: Page): Reply {
  const document = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Muster</title>`;
  const body = html`</head><body><main><h1>${title}</h1>${content}</main></body></html>`;
  return {
    status,
    cookies,
    headers: {
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    },
    // The style is a constant of ours and must reach the page byte for byte, or its hash would not match.
    text: { contentType: 'text/html; charset=utf-8', content: `${renderHtml(document)}<style>${style}</style>${renderHtml(body)}` },
  };
}
