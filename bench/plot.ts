// Draws the bench's figures as SVG text: lines over a logarithmic grid, readable on light and on dark pages.

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Drawn with dashes: what it is compared with, not the product. */
  readonly dashed?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
}

const size = { width: 820, height: 460 };
const area = { left: 70, right: 610, top: 56, bottom: 396 };
/** Told apart also by people who see few colours (Okabe and Ito), each with a lighter twin for dark pages. */
const colours = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff9e4a'],
  ['#009e73', '#4fd1a5'],
  ['#b5478a', '#e59ac6'],
  ['#7a6a00', '#f0e442'],
  ['#555f6b', '#a9b4c0'],
] as const;

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (value: number) => Math.round(value * 10) / 10;

/** Grid lines at 1 and 3 times powers of ten, from the last one at or below all values to the first one at or above them; at least two. */
export function gridOf(values: readonly number[]): readonly number[] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  // One decade to spare on either side: the logarithm of a value just below a power of ten is rounded up to it.
  const first = Math.floor(Math.log10(least)) - 1;
  const last = Math.ceil(Math.log10(most)) + 1;
  const lines = Array.from({ length: last - first + 1 }, (_, index) => [Number(`1e${first + index}`), Number(`3e${first + index}`)]).flat();
  const from = lines.findLastIndex((line) => line <= least);
  const to = lines.findIndex((line) => line >= most);
  return lines.slice(from, Math.max(to, from + 1) + 1);
}

function scaleOf(values: readonly number[], start: number, end: number) {
  const ticks = gridOf(values);
  const [from = 1] = ticks;
  const span = Math.log10((ticks.at(-1) ?? 10) / from);
  return { ticks, place: (value: number) => round(start + (Math.log10(value / from) / span) * (end - start)) };
}

const number = (value: number) => (value >= 1 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(1))));

/** Names stand at the end of their lines, moved apart where lines end close together. */
function spreadLabels(wanted: readonly number[]): readonly number[] {
  const apart = 17;
  const order = wanted.map((y, index) => ({ y, index })).toSorted((left, right) => left.y - right.y);
  const placed = Array.from({ length: wanted.length }, () => 0);
  let last = Number.NEGATIVE_INFINITY;
  for (const { y, index } of order) {
    last = Math.max(y, last + apart);
    placed[index] = last;
  }
  return placed;
}

const style = () =>
  [
    'text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#333c46}',
    '.title{font-size:16px;font-weight:600}.grid{stroke:#d5dbe1}.axis{stroke:#8a949e}.page{fill:#fff}',
    ...colours.map(([light], index) => `.line${index}{stroke:${light}}.fill${index}{fill:${light}}`),
    '@media (prefers-color-scheme:dark){text{fill:#d8dee4}.grid{stroke:#39424c}.axis{stroke:#76818c}.page{fill:#0d1117}',
    ...colours.map(([, dark], index) => `.line${index}{stroke:${dark}}.fill${index}{fill:${dark}}`),
    '}',
  ].join('');

/** One plot; values must be above 0. @throws RangeError when there is nothing to draw */
export function drawPlot({ title, xTitle, yTitle, series }: Plot): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) throw new RangeError(`There is nothing to draw in "${title}".`);
  const all = drawn.flatMap(({ points }) => points);
  const x = scaleOf(
    all.map((point) => point.x),
    area.left,
    area.right,
  );
  const y = scaleOf(
    all.map((point) => point.y),
    area.bottom,
    area.top,
  );
  const grid = [
    ...x.ticks.map((tick) => {
      const at = x.place(tick);
      return `<line class="grid" x1="${at}" y1="${area.top}" x2="${at}" y2="${area.bottom}"/><text x="${at}" y="${area.bottom + 20}" text-anchor="middle">${number(tick)}</text>`;
    }),
    ...y.ticks.map((tick) => {
      const at = y.place(tick);
      return `<line class="grid" x1="${area.left}" y1="${at}" x2="${area.right}" y2="${at}"/><text x="${area.left - 8}" y="${at + 4}" text-anchor="end">${number(tick)}</text>`;
    }),
  ];
  const sorted = drawn.map((each) => ({ ...each, points: each.points.toSorted((left, right) => left.x - right.x) }));
  const labels = spreadLabels(sorted.map(({ points }) => y.place(points.at(-1)?.y ?? 1)));
  const lines = sorted.map(({ name, points, dashed }, index) => {
    const colour = index % colours.length;
    const places = points.map((point) => ({ x: x.place(point.x), y: y.place(point.y) }));
    const path = places.map((place, step) => `${step === 0 ? 'M' : 'L'}${place.x} ${place.y}`).join('');
    const dots = places.map((place) => `<circle class="fill${colour}" cx="${place.x}" cy="${place.y}" r="3.5"/>`).join('');
    const dash = dashed ? ' stroke-dasharray="6 5"' : '';
    const label = `<text class="fill${colour}" x="${area.right + 12}" y="${round((labels[index] ?? 0) + 4)}">${escape(name)}</text>`;
    return `<path class="line${colour}" d="${path}" fill="none" stroke-width="2.2" stroke-linejoin="round"${dash}/>${dots}${label}`;
  });
  const middle = (area.top + area.bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${escape(title)}">`,
    `<style>${style()}</style><rect class="page" width="${size.width}" height="${size.height}" rx="8"/>`,
    `<text class="title" x="${area.left}" y="32">${escape(title)}</text>`,
    ...grid,
    `<line class="axis" x1="${area.left}" y1="${area.bottom}" x2="${area.right}" y2="${area.bottom}"/>`,
    `<line class="axis" x1="${area.left}" y1="${area.top}" x2="${area.left}" y2="${area.bottom}"/>`,
    ...lines,
    `<text x="${(area.left + area.right) / 2}" y="${area.bottom + 44}" text-anchor="middle">${escape(xTitle)}</text>`,
    `<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${escape(yTitle)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
