// What a process has cost: CPU seconds and peak memory as the Linux kernel counts them. Elsewhere nothing is told, rather than guessed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Figures } from './samples.ts';

/** Linux counts CPU time in hundredths of a second for every program (USER_HZ, proc(5)). */
const ticksPerSecond = 100;
const megabyte = 1_048_576;

const isLinux = process.platform === 'linux' && existsSync('/proc/self/stat');

/** User and system seconds of a process so far, `undefined` when it is gone or the system does not say. */
export function cpuSecondsOf(pid: number): number | undefined {
  if (!isLinux) return undefined;
  try {
    // The second field is the program's name in brackets and may hold blanks; what follows it does not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}

/** The most memory a process ever held, in MB (2^20 bytes). */
export function peakMbOf(pid: number): number | undefined {
  if (!isLinux) return undefined;
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / megabyte;
  } catch {
    return undefined;
  }
}

/** Hundredths of seconds of all cores since the start of the machine: those it wanted, and those of them that went to other machines on its host. */
interface MachineTime {
  readonly wanted: number;
  readonly stolen: number;
}

function machineTime(): MachineTime | undefined {
  if (!isLinux) return undefined;
  // cpu user nice system idle iowait irq softirq steal … (proc(5))
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { wanted: user + nice + system + irq + softirq + steal, stolen: steal };
}

/**
 * Starts to watch how much of the CPU time that this machine wanted went to its neighbours; the result tells the share, 0 to 1. Where
 * much is stolen, work takes longer and waiting for Graph does not, so that ratios to a drain come out too high.
 */
export function watchSteal(): () => number | undefined {
  const before = machineTime();
  return () => {
    const now = machineTime();
    if (before === undefined || now === undefined || now.wanted === before.wanted) return undefined;
    return (now.stolen - before.stolen) / (now.wanted - before.wanted);
  };
}

/** Processes that this one has started and that still run; none are known elsewhere than on Linux. */
export function ownChildren(): readonly number[] {
  if (!isLinux) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[1];
        return Number(parent) === process.pid;
      } catch {
        return false;
      }
    });
}

/** The child of this process whose command line holds all these words, such as Azurite by its port. */
export function findChild(words: readonly string[]): number | undefined {
  return ownChildren().find((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.every((word) => command.includes(word));
    } catch {
      return false;
    }
  });
}

/** Processes by the prefix of their figures, `''` for the client. */
export type Watched = Readonly<Record<string, number | undefined>>;

/** Starts to count what processes cost; the result tells it so far. Figures the system does not tell are left out. */
export function startCosts(watched: Watched): () => Figures {
  const before = Object.entries(watched).map(([name, pid]) => ({ name, pid, cpu: pid === undefined ? undefined : cpuSecondsOf(pid) }));
  return () =>
    Object.fromEntries(
      before.flatMap(({ name, pid, cpu }): [string, number][] => {
        if (pid === undefined || cpu === undefined) return [];
        const now = cpuSecondsOf(pid);
        const peak = peakMbOf(pid);
        const title = (figure: string) => (name === '' ? figure : `${name}${figure.charAt(0).toUpperCase()}${figure.slice(1)}`);
        return [
          ...(now === undefined ? [] : [[title('cpuSeconds'), now - cpu] satisfies [string, number]]),
          ...(peak === undefined ? [] : [[title('peakMb'), peak] satisfies [string, number]]),
        ];
      }),
    );
}

const shortestLookMs = 4;
const longestLookMs = 250;

/**
 * Looks until `isOver`, and returns when that was seen (`performance.now()`). It looks every hundredth of the time that has passed, at
 * least every 250 ms and at most every 4 ms: the resolution is 4 ms for short work and 1 % for long.
 * @throws Error when it takes longer than `within` milliseconds
 */
export async function whenOver(isOver: () => Promise<boolean>, within: number, what: string): Promise<number> {
  const start = performance.now();
  for (;;) {
    const over = await isOver();
    const now = performance.now();
    if (over) return now;
    if (now - start > within) throw new Error(`${what} is not over after ${Math.round(within / 1000)} s.`);
    await pause(Math.min(longestLookMs, Math.max(shortestLookMs, (now - start) / 100)));
  }
}
