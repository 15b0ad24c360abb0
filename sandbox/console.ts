// What people see in the terminal: progress that redraws itself on a terminal and prints lines elsewhere, and plain tables.

/** Writes to one stream; machine-readable output elsewhere stays clean. */
export interface Console {
  readonly line: (text?: string) => void;
  /** Replaces the last progress line on a terminal; elsewhere prints only when `done`. */
  readonly progress: (text: string, done?: boolean) => void;
}

export function makeConsole(stream: NodeJS.WriteStream): Console {
  const live = stream.isTTY;
  return {
    line: (text = '') => void stream.write(`${text}\n`),
    progress: (text, done = false) => {
      if (live) stream.write(`\r\u001b[2K${text}${done ? '\n' : ''}`);
      else if (done) stream.write(`${text}\n`);
    },
  };
}

const barWidth = 28;

/** `[██████░░░░] 1,234 of 5,000` */
export function bar(done: number, total: number | null): string {
  const number = (value: number) => value.toLocaleString('en');
  if (total === null || total === 0) return number(done);
  const filled = Math.min(barWidth, Math.round((done / total) * barWidth));
  return `[${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}] ${number(done)} of ${number(total)}`;
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts.map((row, index) =>
    row
      .map((cell, column) =>
        typeof rows[index]?.[column] === 'number' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  );
}
