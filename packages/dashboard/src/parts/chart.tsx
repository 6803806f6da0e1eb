/**
 * States over time, one on top of the other, with lines over them. The numbers under the pointer, or of the latest moment, stand in
 * a table below, which is also what a screen reader gets. Arrow keys move through time.
 */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clockTime } from '../format.ts';
import { plotOptions, plotData, type Plot } from '../plot.ts';
import { Swatch } from './marks.tsx';

export interface ChartProps {
  /** What it shows, in one sentence. */
  readonly label: string;
  readonly plot: Plot;
  readonly nowMs: number;
  readonly format?: (value: number) => string;
  /** Called with milliseconds when a moment is chosen by click or Enter. */
  readonly onChoose?: (atMs: number) => void;
}

const whole = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

export function Chart(props: ChartProps): JSX.Element {
  const { plot, label } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(plot);
  latest.current = plot;
  const scheme = useScheme();
  // Series come and go seldom; only then is the chart made anew.
  const shape = plot.areas.map(({ key }) => key).join() + plot.lines.map(({ label: name }) => name).join();

  useEffect(() => {
    const home = canvas.current;
    if (home === null) return;
    const width = Math.max(200, home.clientWidth);
    const options = plotOptions({ plot: () => latest.current, colourOf, width, pointed: setPointed });
    const made = new uPlot(options, plotData(latest.current), home);
    chart.current = made;
    const watch = new ResizeObserver(() => {
      if (home.clientWidth > 0) made.setSize({ width: home.clientWidth, height: options.height });
    });
    watch.observe(home);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [shape, scheme]);
  useEffect(() => {
    chart.current?.setData(plotData(plot));
  }, [plot]);

  const last = plot.times.length - 1;
  const index = pointed !== null && pointed <= last ? pointed : last;
  const moment = (plot.times[index] ?? 0) * 1000;
  const point = (to: number): void => {
    const made = chart.current;
    const at = plot.times[to];
    if (made === null || at === undefined) return;
    made.setCursor({ left: made.valToPos(at, 'x'), top: 0 });
    setPointed(to);
  };
  const choose = (): void => {
    if (moment > 0) props.onChoose?.(moment);
  };
  return (
    <figure class="chart">
      <div
        class="plot"
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={`${label} Arrow keys move through time; the table below has the numbers.`}
        onClick={choose}
        onKeyDown={(event) => {
          const to = movedTo(event.key, index, last);
          if (to !== null) point(to);
          else if (event.key === 'Enter') choose();
          else return;
          event.preventDefault();
        }}
        onBlur={() => {
          setPointed(null);
        }}
      />
      <Legend {...props} index={index} caption={legendTime(pointed === null, moment, props.nowMs)} />
    </figure>
  );
}

function legendTime(isLatest: boolean, moment: number, nowMs: number): string {
  if (moment === 0) return 'no history yet';
  return isLatest ? 'latest' : `at ${clockTime(moment, nowMs)}`;
}

function movedTo(key: string, index: number, last: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, index - 1);
    case 'ArrowRight':
      return Math.min(last, index + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

function Legend(props: ChartProps & { readonly index: number; readonly caption: string }): JSX.Element {
  const { plot, index, format = whole } = props;
  const value = (values: readonly (number | null)[]): string => {
    const at = values[index];
    return at === null || at === undefined ? '–' : format(at);
  };
  return (
    <figcaption>
      <table class="legend">
        <caption>{props.caption}</caption>
        <tbody>
          {plot.areas.toReversed().map((area) => (
            <tr key={area.key} title={area.meaning}>
              <th scope="row">
                <Swatch colour={area.colour} />
                {area.label}
              </th>
              <td>{value(area.values)}</td>
            </tr>
          ))}
          {plot.lines.map((line) => (
            <tr key={line.label} title={line.meaning}>
              <th scope="row">
                <i
                  class={`line ${line.dash}`}
                  aria-hidden="true"
                  style={`border-color: var(${line.colour})`}
                />
                {line.label}
              </th>
              <td>{value(line.values)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figcaption>
  );
}

function colourOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/** Changes when the reader's system turns dark or light: the canvas has to be painted anew. */
function useScheme(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const listener = (): void => {
      setDark(query.matches);
    };
    query.addEventListener('change', listener);
    return () => {
      query.removeEventListener('change', listener);
    };
  }, [query]);
  return dark;
}
