/** The end of a node's log, read from its agent when the page is opened and when somebody asks again. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { fullTime, grouped } from '../format.ts';
import type { LogLine, NodeLog } from '../messages.ts';
import { nodeLogIn } from '../read-messages.ts';
import { useAnswer, useNow } from '../store.ts';
import { Clock } from './marks.tsx';
import { Panel } from './panel.tsx';

const files = [
  { file: 'stderr', title: 'Executor' },
  { file: 'stdout', title: 'pbs_mom' },
] as const;

type File = (typeof files)[number]['file'];

const linesMax = 200;

export function LogPanel({ node }: { readonly node: string }): JSX.Element | null {
  const [file, setFile] = useState<File>('stderr');
  const [asked, setAsked] = useState(1);
  const query = new URLSearchParams({ file, lines_max: String(linesMax), asked: String(asked) });
  const answer = useAnswer(`log/${encodeURIComponent(node)}?${query.toString()}`, nodeLogIn, false);
  // Of a node that is not known the page says so already.
  if (answer.state === 'failed' && answer.error.reason === 'NODE_UNKNOWN') return null;
  return (
    <Panel
      title="Its log"
      aside={
        <button
          type="button"
          onClick={() => {
            setAsked(asked + 1);
          }}
        >
          Read again
        </button>
      }
    >
      <fieldset class="choice">
        <legend class="unseen">Whose log</legend>
        {files.map((one) => (
          <label key={one.file}>
            <input
              type="radio"
              name="log"
              checked={one.file === file}
              onChange={() => {
                setFile(one.file);
              }}
            />
            <span>{one.title}</span>
          </label>
        ))}
      </fieldset>
      {answer.state === 'loading' ? <p class="empty">Reading it from the agent …</p> : null}
      {answer.state === 'failed' ? <Silence error={answer.error} /> : null}
      {answer.state === 'ready' ? <Tail log={answer.value} /> : null}
    </Panel>
  );
}

/** One line: what was tried, and what came of it. */
function Silence({ error }: { readonly error: ApiError }): JSX.Element {
  const said = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return <p class={error.reason === 'NODE_NOT_OURS' ? 'empty' : 'trouble'}>{said}.</p>;
}

function Tail({ log }: { readonly log: NodeLog }): JSX.Element {
  const end = useRef<HTMLOListElement>(null);
  // The newest line is the last one.
  useEffect(() => {
    if (end.current !== null) end.current.scrollTop = end.current.scrollHeight;
  }, [log]);
  const size = log.isCut
    ? `The last ${grouped(log.lines.length)} lines of ${grouped(log.bytes)} bytes`
    : 'All of it';
  return (
    <>
      {log.lines.length === 0 ? (
        <p class="empty">Nothing was written yet.</p>
      ) : (
        // Reached by the keyboard, so that it can be scrolled.
        <ol class="log" ref={end} tabIndex={0} aria-label="Log, oldest line first">
          {log.lines.map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </ol>
      )}
      <p class="log-foot">
        {size}, read from {log.agent} at {fullTime(log.readAtMs)}.
      </p>
    </>
  );
}

function Line({ line: { atMs, level, text } }: { readonly line: LogLine }): JSX.Element {
  const now = useNow(60_000);
  const isNotable = level === 'warn' || level === 'error';
  return (
    <li class={isNotable ? level : undefined}>
      {atMs === 0 ? null : (
        <>
          <Clock atMs={atMs} nowMs={now} />{' '}
        </>
      )}
      {isNotable ? <b>{level} </b> : null}
      {text}
    </li>
  );
}
