/** How a stack of states and lines over it is drawn with uPlot. */
import uPlot from 'uplot';
import type { Kind } from './kinds.ts';
import { niceCeiling, stacked } from './series.ts';

type Values = readonly (number | null)[];

export interface Plot {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  /** The span shown, in seconds; wider than the times where history is shorter. */
  readonly fromS: number;
  readonly toS: number;
  /** From the bottom of the stack. */
  readonly areas: readonly (Kind & { readonly values: Values })[];
  readonly lines: readonly PlotLine[];
  /** Pixels. */
  readonly height: number;
}

export interface PlotLine {
  readonly label: string;
  readonly meaning: string;
  readonly colour: string;
  readonly dash: 'dashed' | 'dotted' | 'solid';
  readonly values: Values;
}

/** Rows as uPlot wants them: times, then the piles from the highest to the lowest, so that each is painted over. */
export function plotData(plot: Plot): uPlot.AlignedData {
  const piles = stacked({ times: plot.times, values: plot.areas.map(({ values }) => values) });
  const rows = [...piles.values.toReversed(), ...plot.lines.map(({ values }) => values)];
  return [[...plot.times], ...rows.map((row) => [...row])];
}

const dashes = { dashed: [7, 4], dotted: [2, 3], solid: [] } as const;
const axisFont = '11px system-ui, sans-serif';

export interface PlotParts {
  /** Asked whenever it is drawn: the span moves on with time. */
  readonly plot: () => Plot;
  /** The value of a custom property of the style sheet. */
  readonly colourOf: (property: string) => string;
  /** Pixels. */
  readonly width: number;
  /** Told the index under the pointer, null when it leaves. */
  readonly pointed: (index: number | null) => void;
}

export function plotOptions(parts: PlotParts): uPlot.Options {
  const { areas, lines, height } = parts.plot();
  const steps = uPlot.paths.stepped?.({ align: 1 });
  const series = { points: { show: false }, ...(steps === undefined ? {} : { paths: steps }) };
  return {
    width: parts.width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { time: true, range: () => [parts.plot().fromS, parts.plot().toS] },
      y: { range: (_chart, _min, max) => [0, niceCeiling(max)] },
    },
    axes: axesOf(parts.colourOf),
    series: [
      {},
      ...areas.toReversed().map(({ label, colour }) => ({
        ...series,
        label,
        fill: parts.colourOf(colour),
        width: 0,
      })),
      ...lines.map(({ label, colour, dash }) => ({
        ...series,
        label,
        stroke: parts.colourOf(colour),
        width: 1.5,
        dash: [...dashes[dash]],
      })),
    ],
    hooks: {
      setCursor: [
        ({ cursor }) => {
          parts.pointed(cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null));
        },
      ],
    },
  };
}

/** Pixels between two ticks, at the least. */
const tickSpace = { x: 64, y: 28 };
const countSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

function axesOf(colourOf: (property: string) => string): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: colourOf('--muted'),
    font: axisFont,
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return [
    { ...axis, size: 24, gap: 4, space: tickSpace.x, values: (_chart, splits) => timeLabels(splits) },
    {
      ...axis,
      size: 44,
      gap: 4,
      space: tickSpace.y,
      incrs: countSteps,
      values: (_chart, splits) => splits.map((split) => split.toLocaleString('en')),
    },
  ];
}

/** The reader's own clock: seconds only where ticks are closer than a minute, the day where it begins. */
export function timeLabels(splits: readonly number[]): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((split) => {
    const at = new Date(split * 1000);
    const hours = String(at.getHours()).padStart(2, '0');
    const minutes = String(at.getMinutes()).padStart(2, '0');
    if (step < 60) return `${hours}:${minutes}:${String(at.getSeconds()).padStart(2, '0')}`;
    if (hours === '00' && minutes === '00')
      return at.toLocaleString('en', { day: 'numeric', month: 'short' });
    return `${hours}:${minutes}`;
  });
}
