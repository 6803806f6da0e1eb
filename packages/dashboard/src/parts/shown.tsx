/** What is shown of an answer: nothing yet, the value, or the value as it was with what went wrong. */
import type { ComponentChildren, JSX } from 'preact';
import { fullTime } from '../format.ts';
import { useLive, type Answer } from '../store.ts';

export function Shown<T>(props: {
  readonly answer: Answer<T>;
  /** What is being read, as in "reading the jobs". */
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}): JSX.Element {
  const { answer } = props;
  const { link } = useLive();
  switch (answer.state) {
    case 'loading':
      return <p class="empty">Reading {props.what} …</p>;
    case 'ready':
      return <>{props.children(answer.value)}</>;
    case 'failed':
      // The banner says once for all parts of the page that they are stale.
      if (link.state === 'gone' && answer.last !== null) return <>{props.children(answer.last)}</>;
      return (
        <>
          <p class="trouble">
            Could not read {props.what} from the scheduler: {answer.error.message}.
            {answer.last === null ? null : ` Shown is what was so at ${fullTime(answer.atMs)}.`}
          </p>
          {answer.last === null ? null : props.children(answer.last)}
        </>
      );
  }
}
