// The two pages that links in a weekly reminder open: what their scripts ask for, what they show, and that the page allows just them.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { teamStatusPage, unsubscribePage } from '../../functions/reminder-links.ts';
import type { Reply } from '../../functions/route.ts';

interface FakeElement {
  textContent: string;
  className: string;
  hidden: boolean;
  disabled: boolean;
  readonly children: FakeElement[];
  readonly append: (child: FakeElement) => void;
  readonly after: (sibling: FakeElement) => void;
  readonly addEventListener: (name: string, act: () => Promise<void>) => void;
  click: () => Promise<void>;
}

function makeElement(): FakeElement {
  const element: FakeElement = {
    textContent: '',
    className: '',
    hidden: false,
    disabled: false,
    children: [],
    append: (child) => void element.children.push(child),
    after: (sibling) => void element.children.push(sibling),
    addEventListener: (_name, act) => {
      element.click = act;
    },
    click: async () => undefined,
  };
  return element;
}

const scriptOf = ({ text }: Reply) => /<script type="module">([\s\S]*)<\/script>/.exec(text?.content ?? '')?.[1] ?? '';

/** Runs the script of a page with as much of a browser as it uses. */
async function open(page: Reply, tail: string, answer: { readonly status: number; readonly body?: unknown }) {
  const { hash, search } = new URL(tail, 'https://muster.example/page');
  const [button, note] = [makeElement(), makeElement()];
  const asked: { readonly address: string; readonly method: string; readonly body: string }[] = [];
  const fetched = async (address: string, { method, body }: { method: string; body: unknown }) => {
    asked.push({ address, method, body: String(body) });
    return { status: answer.status, ok: answer.status < 300, json: async () => answer.body };
  };
  const document = {
    querySelector: (selector: string) => (selector === 'button' ? button : note),
    createElement: () => makeElement(),
  };
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...parts: readonly string[]
  ) => (...values: readonly unknown[]) => Promise<void>;
  await new AsyncFunction('location', 'document', 'fetch', scriptOf(page))({ hash, search }, document, fetched);
  return { button, note, asked };
}

describe.each([
  ['unsubscribe', unsubscribePage()],
  ['status', teamStatusPage()],
])('the %s page', (_, page) => {
  it('allows its own script and its own server, and nothing else', () => {
    const policy = page.headers?.['Content-Security-Policy'] ?? '';
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(scriptOf(page)).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
  });
});

describe('the unsubscribe page', () => {
  it('does nothing before the button is pressed, and then says what became of it', async () => {
    const { button, note, asked } = await open(unsubscribePage(), '#token=unsubscribe~a~b.c', { status: 204 });
    expect(asked).toEqual([]);
    await button.click();
    expect(asked).toEqual([
      { address: '/api/v1/reminders/unsubscribe?token=unsubscribe~a~b.c', method: 'POST', body: 'List-Unsubscribe=One-Click' },
    ]);
    expect([button.hidden, note.textContent]).toEqual([true, expect.stringContaining('no more weekly mails')]);
  });

  it('is opened from the header of the mail as well, by programs that know no one click', async () => {
    const { button, asked } = await open(unsubscribePage(), '?token=unsubscribe~a~b.c', { status: 204 });
    await button.click();
    expect(asked).toMatchObject([{ address: '/api/v1/reminders/unsubscribe?token=unsubscribe~a~b.c', method: 'POST' }]);
  });

  it.each([
    [410, 'does not work any more'],
    [500, 'Try again'],
  ])('says so when it did not work: %d', async (status, words) => {
    const { button, note } = await open(unsubscribePage(), '', { status });
    await button.click();
    expect([button.hidden, button.disabled, note.textContent]).toEqual([false, false, expect.stringContaining(words)]);
  });
});

describe('the status page', () => {
  it('shows the team as text', async () => {
    const counts = { overdue: 2, dueSoon: 1, open: 0, done: 4 };
    const body = {
      companyName: 'Contoso',
      managerName: 'Mona',
      asOf: '2026-03-02T08:00:00.000Z',
      worksUntil: '2026-03-09T08:00:00.000Z',
      counts,
      members: [{ displayName: '<b>Ada</b>', counts }],
    };
    const { note, asked } = await open(teamStatusPage(), '#token=status~a~b~1.c', { status: 200, body });
    expect(asked).toEqual([{ address: '/api/v1/team-status', method: 'POST', body: '{"token":"status~a~b~1.c"}' }]);
    expect(note.textContent).toContain('Contoso, team of Mona');
    const rows = note.children[0]?.children.map(({ children }) => children.map(({ textContent }) => textContent));
    expect(rows).toEqual([
      ['', 'Overdue', 'Due soon', 'Open', 'Done'],
      ['<b>Ada</b>', 2, 1, 0, 4],
      ['All', 2, 1, 0, 4],
    ]);
  });

  it('says so when the link is dead', async () => {
    const { note } = await open(teamStatusPage(), '', { status: 410 });
    expect(note.textContent).toContain('does not work any more');
  });
});
