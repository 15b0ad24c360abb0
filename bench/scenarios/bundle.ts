// What a cold start has to load: the size of the deployed file and the time until its functions are registered.
import type { Lap } from '../bench.ts';
import { measureColdStart } from '../cold-start.ts';

export function bundleLap(): Lap {
  return {
    scenario: 'bundle',
    title: 'the bundle and its load time',
    repeats: 1,
    run: async (bench, repeat) => {
      const { bytes, gzipBytes, modules, load, cachedLoad } = await measureColdStart();
      for (const [variant, { runs }] of [
        ['without V8’s code cache', load],
        ['with V8’s code cache', cachedLoad],
      ] as const) {
        for (const { wall, cpu } of runs) {
          const figures = { ms: wall, cpuSeconds: cpu / 1000, megabytes: bytes / 1e6, gzipMegabytes: gzipBytes / 1e6, modules };
          bench.record(repeat, { scenario: 'bundle', population: 0, latencyMs: 0, variant }, figures);
        }
      }
    },
  };
}
