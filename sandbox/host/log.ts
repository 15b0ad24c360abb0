// What the host prints: one line a delivery, and warnings that tell the developer what would go wrong in Azure too.
import type { LogLevel } from './core-types.ts';

/** The host's printer. */
export interface HostLog {
  /** One line for one delivery: what ran, what set it off, how it ended, how long it took. */
  readonly delivery: (line: {
    readonly functionName: string;
    readonly trigger: string;
    readonly outcome: string;
    readonly failed: boolean;
    readonly milliseconds: number;
  }) => void;
  /** A message of the app (`context.log`) or of the host. */
  readonly message: (level: LogLevel, text: string) => void;
}

const colours = { red: 31, green: 32, yellow: 33, grey: 90 } as const;

/** Makes a printer that writes whole lines; `colour` is for terminals only. */
export function makeHostLog({ colour, write }: { colour: boolean; write: (line: string) => void }): HostLog {
  const paint = (name: keyof typeof colours, text: string) => (colour ? `\u001b[${colours[name]}m${text}\u001b[0m` : text);
  return {
    delivery: ({ functionName, trigger, outcome, failed, milliseconds }) => {
      write(
        `${paint(failed ? 'red' : 'green', functionName)} ${trigger} ${paint(failed ? 'red' : 'grey', `${outcome} ${Math.round(milliseconds)} ms`)}`,
      );
    },
    message: (level, text) => {
      if (level === 'trace' || level === 'debug' || level === 'none') return;
      if (level === 'information') write(text);
      else if (level === 'warning') write(`${paint('yellow', 'warning')} ${text}`);
      else write(`${paint('red', level)} ${text}`);
    },
  };
}
