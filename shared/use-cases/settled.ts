// Work that runs beside other work and is looked at later: until then its failure is kept, and nobody is startled by it.

export type Settled<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly error: unknown };

/** What becomes of work. Never rejects. */
export async function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  try {
    return { kind: 'done', value: await work };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
