// Shown when the API does not know who is asking; signing in comes back to the page that was asked for.
import { useEffect } from 'preact/hooks';
import { useAddress } from './browser.ts';
import { signInPath } from './routing.ts';

export function SignInScreen() {
  const { path } = useAddress();
  useEffect(() => {
    document.title = 'Sign in · Muster';
  }, []);
  return (
    <div class="sign-in card">
      <svg width="56" height="56" aria-hidden="true">
        <use href="#mark" />
      </svg>
      <h1>Muster</h1>
      <p>
        Keeps each company’s user list in step with its Microsoft 365 tenant, and lets nobody onto that list until an admin has said yes.
      </p>
      <a class="button main big" href={signInPath(path)}>
        Sign in with Microsoft
      </a>
      <p class="muted">Use the work account your MSP or company gave access to.</p>
    </div>
  );
}
