/** Nodes, jobs and offers over time. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { duration } from '../format.ts';
import { jobsPlot, nodesPlot, offersPlot, spanOf } from '../now-plots.ts';
import { useLive, useNow } from '../store.ts';
import { useHistory } from '../use-history.ts';
import { Chart } from '../parts/chart.tsx';
import { momentHref } from '../parts/entry-list.tsx';
import { Panel } from '../parts/panel.tsx';

const minuteMs = 60_000;
const spans = [15 * minuteMs, 60 * minuteMs, 6 * 60 * minuteMs, 24 * 60 * minuteMs] as const;

export function Charts(): JSX.Element {
  const [spanMs, setSpanMs] = useState<number>(spans[1]);
  const now = useNow(5_000);
  const { history, state, why } = useHistory(spanMs);
  const { link } = useLive();
  const span = spanOf(history, now, spanMs);
  const plots = useMemo(
    () => ({
      nodes: nodesPlot(history, span),
      jobs: jobsPlot(history, span),
      offers: offersPlot(history, span),
    }),
    [history, span.fromS, span.toS],
  );
  const open = (atMs: number): void => {
    location.hash = momentHref(atMs);
  };
  const chart = { nowMs: now, onChoose: open };
  return (
    <section aria-label="Over time">
      <fieldset class="choice">
        <legend class="unseen">How far back</legend>
        {spans.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="span"
              checked={each === spanMs}
              onChange={() => {
                setSpanMs(each);
              }}
            />
            <span>{duration(each)}</span>
          </label>
        ))}
        <span class="muted hint">Choose a moment to see the journal from then.</span>
      </fieldset>
      {state === 'failed' && link.state !== 'gone' ? (
        <p class="trouble">Could not read the history: {why}.</p>
      ) : null}
      <div class="columns charts">
        <Panel title="Nodes by phase">
          <Chart
            {...chart}
            plot={plots.nodes}
            label="Nodes over time, stacked by phase, with safe allocation and floor."
          />
        </Panel>
        <Panel title="Jobs">
          <Chart {...chart} plot={plots.jobs} label="Jobs over time, stacked by how they stand with us." />
        </Panel>
        <Panel title="Offers answered in 5 s">
          <Chart
            {...chart}
            plot={plots.offers}
            label="Offers of Mesos answered in 5 s, on average, over time, stacked by what was done with them."
          />
        </Panel>
      </div>
    </section>
  );
}
