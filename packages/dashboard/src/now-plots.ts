/** The charts of the first page, out of the history. */
import { grouped, mib, cpus } from './format.ts';
import { latestOfEach, meanOfEach, runningApart, stackOf, valuesOf, type Condense } from './history.ts';
import { jobVerdicts, nodePhases, offerVerdicts, type Kind } from './kinds.ts';
import type { History } from './messages.ts';
import type { Plot, PlotLine } from './plot.ts';

export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

const height = 180;
const spanMsMin = 5 * 60_000;

/** Up to now, as far back as is asked for; not wider than what there is, for a young scheduler would draw a thin line. */
export function spanOf(history: History, nowMs: number, spanMs: number): Span {
  const firstMs = history.atMs[0] ?? nowMs - spanMs;
  const fromMs = Math.max(nowMs - spanMs, Math.min(firstMs, nowMs - spanMsMin));
  return { fromS: fromMs / 1000, toS: nowMs / 1000 };
}

/** What is never counted would only raise the stack. */
const countedPhases = nodePhases.filter(({ key }) => key !== 'placeholder' && key !== 'foreign');

export function nodesPlot(history: History, span: Span): Plot {
  const lines = [
    line('safe', 'nodes', 'safe allocation', 'nodes that are never exceeded', 'dashed'),
    line('floor', 'nodes', 'floor', 'nodes held even when nothing waits', 'dotted'),
  ];
  return plotOf(history, span, 'nodes', countedPhases, lines, latestOfEach);
}

export function jobsPlot(history: History, span: Span): Plot {
  return plotOf(runningApart(history), span, 'jobs', jobVerdicts, [], latestOfEach);
}

export function offersPlot(history: History, span: Span): Plot {
  return plotOf(history, span, 'offers', offerVerdicts, [], meanOfEach);
}

interface Line extends Omit<PlotLine, 'values'> {
  readonly group: string;
  readonly name: string;
}

function line(group: string, name: string, label: string, meaning: string, dash: PlotLine['dash']): Line {
  return { group, name, label, meaning, dash, colour: '--text' };
}

function plotOf(
  history: History,
  span: Span,
  group: string,
  kinds: readonly Kind[],
  wanted: readonly Line[],
  condense: Condense,
): Plot {
  // A limit that does not exist has no line.
  const present = wanted.filter(
    (one) => valuesOf(history, one.group, one.name)?.some((value) => value !== null) ?? false,
  );
  const { times, areas, lines } = stackOf(history, group, kinds, present, condense);
  return {
    times,
    ...span,
    areas,
    lines: present.map((one, index) => ({ ...one, values: lines[index] ?? [] })),
    height,
  };
}

export const resources = [
  { key: 'nodes', label: 'nodes', format: grouped },
  { key: 'cpuMilli', label: 'cpus', format: cpus },
  { key: 'memMib', label: 'memory', format: mib },
  { key: 'diskMib', label: 'disk', format: mib },
  { key: 'gpus', label: 'gpus', format: grouped },
] as const;
