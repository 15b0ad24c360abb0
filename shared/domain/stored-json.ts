// What is stored as JSON, read so that a damaged text shows nothing of itself: the parser's own error quotes it, and errors end up in logs.

/** @throws Error without content */
export function parseStored(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('A stored text is not JSON.');
  }
}
