// Tokens of the form `{id}.{secret}`: the id finds the row, the secret (stored only as a hash) opens it.

/** Splits a token; `undefined` for anything that is not one. */
export function splitToken(token: string | null | undefined): { readonly id: string; readonly secret: string } | undefined {
  const match = /^([a-z0-9]{20})\.([A-Za-z0-9_-]{43})$/.exec(token ?? '');
  const [, id, secret] = match ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

export const joinToken = (id: string, secret: string) => `${id}.${secret}`;

/** Splits a token whose id says itself what it opens and is signed by its secret; `undefined` for anything that is not one. */
export function splitSignedToken(token: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = /^([A-Za-z0-9~-]{21,160})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}
