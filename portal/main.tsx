// The admin portal: who is signed in, the frame around every screen, and which screen an address means.
import { render } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, followLinks, useAddress } from './browser.ts';
import { CompaniesScreen } from './companies-screen.tsx';
import { CompanyScreen } from './company-screen.tsx';
import type { Me } from './api.ts';
import { NoticesProvider, useNotices } from './notices.tsx';
import { Reading } from './parts.tsx';
import { useResource } from './resource.ts';
import { placeOf } from './routing.ts';
import { SignInScreen } from './sign-in-screen.tsx';

function Wordmark() {
  return (
    <a class="wordmark" href="/">
      <svg width="28" height="28" aria-hidden="true">
        <use href="#mark" />
      </svg>
      Muster
    </a>
  );
}

function Header({ me }: { readonly me: Me | null }) {
  return (
    <header class="top">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Wordmark />
      {me === null ? null : (
        <form method="post" action="/sign-out">
          <span class="muted who">{me.name}</span>
          <button class="plain">Sign out</button>
        </form>
      )}
    </header>
  );
}

function NotFoundScreen() {
  return (
    <div class="empty">
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>
        It may belong to a company you may not see. <a href="/">Go to your companies</a>
      </p>
    </div>
  );
}

function Screen({ me, path, reload }: { readonly me: Me; readonly path: string; readonly reload: () => Promise<void> }) {
  const place = placeOf(path);
  switch (place.kind) {
    case 'companies':
      return <CompaniesScreen me={me} onChanged={reload} />;
    case 'company': {
      const company = me.companies.find(({ companyId }) => companyId === place.companyId);
      return company ? <CompanyScreen key={company.companyId} me={me} company={company} section={place.section} /> : <NotFoundScreen />;
    }
    case 'unknown':
      return <NotFoundScreen />;
  }
}

function SignedIn({ onMe }: { readonly onMe: (me: Me) => void }) {
  const { path } = useAddress();
  const notices = useNotices();
  const me = useResource('me', api.me);
  const first = useRef(true);
  useEffect(() => {
    if (me.value) onMe(me.value);
  }, [me.value]);
  useEffect(() => {
    // After going to another page the reader starts at its heading, not at the link that was left.
    if (!first.current) {
      notices.clear();
      document.querySelector<HTMLElement>('h1')?.focus();
    }
    first.current = false;
  }, [path]);
  if (me.value === null) return <Reading failed={me.failed} onRetry={() => void me.reload()} />;
  return <Screen me={me.value} path={path} reload={me.reload} />;
}

function Portal() {
  const [signedOut, setSignedOut] = useState(false);
  const [me, setMe] = useState<Me | null>(null);
  const onSignedOut = useCallback(() => setSignedOut(true), []);
  return (
    <>
      <Header me={signedOut ? null : me} />
      <main id="main" tabIndex={-1}>
        {signedOut ? (
          <SignInScreen />
        ) : (
          <NoticesProvider onSignedOut={onSignedOut}>
            <SignedIn onMe={setMe} />
          </NoticesProvider>
        )}
      </main>
    </>
  );
}

followLinks();
const root = document.querySelector('#app');
if (root) render(<Portal />, root);
