// Loaded into the host before everything else: samples what it runs, and writes down what it did whenever its event loop stood still.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One time the event loop let nothing in. Times are milliseconds. */
export interface Stall {
  /** Since the process started. */
  readonly at: number;
  readonly milliseconds: number;
  /** What the thread computed in that time; much less than `milliseconds` when the machine was busy with something else. */
  readonly cpuMilliseconds: number;
  /** The project's innermost functions, with all that they called, most first. */
  readonly places: readonly { readonly place: string; readonly milliseconds: number }[];
}

interface Noticed {
  readonly end: number;
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

const everyMs = 10;
const worthTellingMs = 100;
const samplesEveryMicroseconds = 1000;
const placesTold = 10;
const stallsTold = 40;
const root = fileURLToPath(new URL('..', import.meta.url));

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined;
  }
}

/** Names the source of a frame, through the bundle's source map where there is one; `own` marks the project's own code. */
function makeNaming(): (frame: Profiler.ProfileNode['callFrame']) => { readonly label: string; readonly own: boolean } {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (file === '' || file.startsWith('node:')) return { label: file === '' ? functionName : `Node's ${file.slice(5)}`, own: false };
    if (!maps.has(file)) maps.set(file, readMap(file));
    const entry = maps.get(file)?.findEntry(lineNumber, columnNumber);
    const mapped = entry !== undefined && 'originalSource' in entry;
    const source = relative(root, mapped ? resolve(dirname(file), entry.originalSource) : file);
    const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? /^webpack:\/+([^?]+?)\/src\//.exec(source)?.[1];
    if (inPackage !== undefined) return { label: inPackage, own: false };
    return { label: `${source}:${(mapped ? entry.originalLine : lineNumber) + 1}`, own: !source.startsWith('..') };
  };
}

/** Sums the samples of each stall by the innermost function of the project, or by package where none is at work. */
function explain(profile: Profiler.Profile, stalls: readonly Noticed[]): readonly Stall[] {
  const nameOf = makeNaming();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const places = new Map<number, string>();
  const findPlace = (id: number): string => {
    for (let above: number | undefined = id; above !== undefined; above = parents.get(above)) {
      const node = nodes.get(above);
      const named = node ? nameOf(node.callFrame) : undefined;
      if (named?.own) return named.label;
    }
    const leaf = nodes.get(id);
    return leaf ? nameOf(leaf.callFrame).label : '?';
  };
  const placeOf = (id: number): string => {
    const place = places.get(id) ?? findPlace(id);
    places.set(id, place);
    return place;
  };
  const { samples = [], timeDeltas = [] } = profile;
  let clock = profile.startTime;
  const taken = timeDeltas.map((delta, index) => ({
    time: (clock += delta),
    node: samples[index] ?? -1,
    lasted: timeDeltas[index + 1] ?? 0,
  }));
  return stalls
    .toSorted((left, right) => right.milliseconds - left.milliseconds)
    .slice(0, stallsTold)
    .map(({ end, milliseconds, cpuMilliseconds }) => {
      const sums = new Map<string, number>();
      for (const { time, node, lasted } of taken) {
        if (time < end - milliseconds * 1000 || time > end) continue;
        sums.set(placeOf(node), (sums.get(placeOf(node)) ?? 0) + lasted / 1000);
      }
      const sorted = [...sums].toSorted(([, left], [, right]) => right - left).slice(0, placesTold);
      const told = sorted.map(([place, sum]) => ({ place, milliseconds: Math.round(sum) }));
      return { at: Math.round((end - profile.startTime) / 1000), milliseconds, cpuMilliseconds, places: told };
    });
}

/** The clock that the samples carry, in microseconds. */
const now = () => Number(process.hrtime.bigint() / 1000n);

function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function watch(file: string): void {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: samplesEveryMicroseconds });
  session.post('Profiler.start');
  const stalls: Noticed[] = [];
  let last = now();
  let lastComputed = computed();
  setInterval(() => {
    const present = now();
    const presentComputed = computed();
    const milliseconds = Math.round((present - last) / 1000) - everyMs;
    if (milliseconds > worthTellingMs)
      stalls.push({ end: present, milliseconds, cpuMilliseconds: Math.round(presentComputed - lastComputed) });
    last = present;
    lastComputed = presentComputed;
  }, everyMs).unref();
  process.once('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) process.stderr.write(`The profile could not be taken: ${error.message}\n`);
      else writeFileSync(file, JSON.stringify(explain(result.profile, stalls)));
    });
  });
}

const file = process.env['MUSTER_STALL_FILE'];
if (file !== undefined) watch(file);
