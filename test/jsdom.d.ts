// What the tests use of jsdom. Its published types bring the names of a browser into every file of the project.
declare module 'jsdom' {
  export interface PageElement {
    readonly tagName: string;
    readonly textContent: string;
    readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string | null }>;
    readonly classList: { readonly value: string };
    readonly style: { readonly color: string; readonly backgroundColor: string; readonly display: string };
    readonly parentElement: PageElement | null;
    getAttribute(name: string): string | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
    remove(): void;
  }

  export class JSDOM {
    constructor(markup: string, options?: { readonly runScripts?: 'outside-only' });
    readonly window: {
      readonly document: {
        readonly documentElement: PageElement;
        readonly body: PageElement;
        readonly title: string;
        querySelectorAll(selector: string): Iterable<PageElement>;
      };
      readonly axe: typeof import('axe-core');
      eval(script: string): unknown;
      close(): void;
    };
  }
}
