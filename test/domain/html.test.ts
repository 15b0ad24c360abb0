// HTML from literals and values: whatever a value is, it is shown as text and never becomes markup.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { html, renderHtml } from '../../shared/domain/html.ts';

const shown = (value: string) => renderHtml(html`<p title="${value}">${value}</p>`);

it.each([
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['" onload="x', '&quot; onload=&quot;x'],
  ["' onload='x", '&#39; onload=&#39;x'],
  ['Tom & Jerry', 'Tom &amp; Jerry'],
  ['&lt;', '&amp;lt;'],
])('escapes %s', (value, escaped) => {
  expect(shown(value)).toBe(`<p title="${escaped}">${escaped}</p>`);
});

it('shows any text as it is and adds no markup', () => {
  const unescape = (text: string) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", 'a', ';', '#', 'lt', 'amp') }), (value) => {
      const [, attribute = '', text = ''] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(shown(value)) ?? [];
      expect([unescape(attribute), unescape(text)]).toEqual([value, value]);
    }),
  );
});

it('takes numbers, pieces, lists of pieces, and nothing', () => {
  const rows = ['a', '<b>'].map((name) => html`<li>${name}</li>`);
  expect(renderHtml(html`<ul>${rows}</ul>${null}${[]}${html`<hr>`}${0}`)).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>0');
});

it('escapes a value once, however deep its piece is put', () => {
  const inner = html`<b>${'&'}</b>`;
  expect(renderHtml(html`<p>${html`<i>${inner}</i>`}</p>`)).toBe('<p><i><b>&amp;</b></i></p>');
});
