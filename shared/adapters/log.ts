// Log lines as one JSON object each on stderr, which the Functions host forwards. Facts are ids and counts; nothing personal is passed in.
import type { Log } from '../ports/ports.ts';

export function makeLog(): Log {
  return (level, message, facts = {}) => {
    process.stderr.write(`${JSON.stringify({ level, message, ...facts })}\n`);
  };
}
