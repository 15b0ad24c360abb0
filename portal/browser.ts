// What the browser gives the portal: the API over this origin, the reader's format, and the address as state.
import { useEffect, useState } from 'preact/hooks';
import { makeApi } from './api.ts';
import { makeFormat } from './format.ts';
import { makeSend } from './request.ts';
import { placeOf } from './routing.ts';

export const api = makeApi(makeSend(''));
export const format = makeFormat(undefined, undefined);

export interface Address {
  readonly path: string;
  /** Empty or beginning with `?`. */
  readonly search: string;
}

const readAddress = (): Address => ({ path: location.pathname, search: location.search });
const moved = 'muster:moved';

/** Goes to a page of the portal. */
export function goTo(address: string): void {
  history.pushState(null, '', address);
  dispatchEvent(new Event(moved));
  scrollTo(0, 0);
}

/** Changes the part after the path without a new entry in the browser's history. */
export function replaceSearch(search: string): void {
  history.replaceState(null, '', `${location.pathname}${search}`);
  dispatchEvent(new Event(moved));
}

/** The address of the page; follows `goTo`, back and forward. */
export function useAddress(): Address {
  const [address, setAddress] = useState(readAddress);
  useEffect(() => {
    const follow = () => setAddress(readAddress());
    addEventListener('popstate', follow);
    addEventListener(moved, follow);
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener(moved, follow);
    };
  }, []);
  return address;
}

/** Ordinary links stay ordinary links; a plain click on one of our own pages does not reload the portal. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
    if (link.hash !== '' || placeOf(link.pathname).kind === 'unknown') return;
    event.preventDefault();
    goTo(`${link.pathname}${link.search}`);
  });
}
