// How much memory this process has held at most, for tests that put a bound on it.
import { readFileSync } from 'node:fs';

/** The peak resident size of this process in bytes. */
export function peakResidentBytes(): number {
  // On Linux `maxRSS` starts at the peak of the process that started this one; the kernel's own figure does not.
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
