// A person with a browser, as far as redirects and cookies go: opens pages, chooses an account at the sandbox's Entra, presses buttons.

export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
}

export interface Visitor {
  /** Opens a page and follows redirects; at Entra the account is chosen, and consent accepted or cancelled. */
  readonly open: (url: string) => Promise<Visit>;
  /** Sends the first form of a page. */
  readonly submit: (visit: Visit) => Promise<Visit>;
  /** One API call with the cookies of this browser. */
  readonly call: (url: string, init: RequestInit) => Promise<Response>;
  readonly choose: (choice: Choice) => void;
}

export interface Choice {
  /** Object id of the account to sign in as. */
  readonly account: string;
  readonly cancel?: boolean;
}

const mostRedirects = 20;

/** Opens a browser with an empty cookie jar. `signInHost` is where Entra's pages are. */
export function makeVisitor(signInHost: string, firstChoice: Choice): Visitor {
  const jar = new Map<string, string>();
  let choice = firstChoice;

  const cookiesFor = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const keepCookies = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0')) jar.delete(name);
      else jar.set(name, value.join('='));
    }
  };
  const call = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (jar.size > 0 && !url.startsWith(signInHost)) headers.set('cookie', cookiesFor());
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    if (!url.startsWith(signInHost)) keepCookies(response);
    return response;
  };
  const withChoice = (url: string) => {
    if (!url.startsWith(signInHost)) return url;
    const decided = choice.cancel ? '&sandbox_decision=cancel' : '';
    return `${url}&sandbox_account=${choice.account}${decided}`;
  };
  const follow = async (first: string, init: RequestInit): Promise<Visit> => {
    let url = first;
    let request = init;
    for (let hop = 0; hop < mostRedirects; hop += 1) {
      const target = withChoice(url);
      const headers = new Headers(request.headers);
      headers.set('accept', 'text/html');
      const response = await call(target, { ...request, headers });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        return { status: response.status, url, text: await response.text(), headers: response.headers };
      }
      await response.body?.cancel();
      url = new URL(location, url).href;
      request = {};
    }
    throw new Error(`Too many redirects, the last one to ${url}.`);
  };

  return {
    open: async (url) => await follow(url, {}),
    submit: async (visit) => {
      const form = /<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(visit.text);
      if (!form) throw new Error(`There is no form on ${visit.url}:\n${visit.text.slice(0, 500)}`);
      const [, action = '', content = ''] = form;
      const fields = [...content.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [
        name,
        value,
      ]);
      const body = new URLSearchParams(fields).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
      return await follow(new URL(action, visit.url).href, { method: 'POST', body, headers });
    },
    call,
    choose: (next) => {
      choice = next;
    },
  };
}
