// The floor of every sync: reads the delta chain to its end with nothing but fetch and JSON.parse.
import { answerQuestions, measured } from './answer.ts';

export interface DrainInput {
  /** The first page, or a delta link. */
  readonly url: string;
  readonly token: string;
  /** Stops after this many pages. */
  readonly pages?: number;
}

interface Page {
  readonly value: readonly { readonly id: string }[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.deltaLink'?: string;
}

async function readPage(url: string, token: string): Promise<Page> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`Graph answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Page;
}

answerQuestions({
  drain: async ({ url, token, pages = Number.POSITIVE_INFINITY }: DrainInput) => {
    const { value, figures } = await measured(async () => {
      let requests = 0;
      let users = 0;
      let deltaLink: string | null = null;
      for (let link: string | undefined = url; link !== undefined && requests < pages; requests += 1) {
        const page: Page = await readPage(link, token);
        users += page.value.length;
        link = page['@odata.nextLink'];
        deltaLink = page['@odata.deltaLink'] ?? null;
      }
      return { requests, users, deltaLink };
    });
    return { ...value, figures: { ...figures, graphCalls: value.requests } };
  },
});
