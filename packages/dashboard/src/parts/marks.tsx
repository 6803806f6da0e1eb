/** Small words of the page: kinds with their colour, moments, links to things. */
import type { ComponentChildren, JSX } from 'preact';
import { ago, clockTime, fullTime, shortHost, shortJobId } from '../format.ts';
import type { Kind } from '../kinds.ts';
import { hrefOf } from '../route.ts';

/** The colour is never alone: the word stands beside it. */
export function Mark({ kind }: { readonly kind: Kind }): JSX.Element {
  return (
    <span class="mark" title={kind.meaning}>
      <Swatch colour={kind.colour} />
      {kind.label}
    </span>
  );
}

export function Swatch({ colour }: { readonly colour: string }): JSX.Element {
  return <i class="swatch" style={`background: var(${colour})`} aria-hidden="true" />;
}

interface MomentProps {
  /** 0: not known, shown as a dash. */
  readonly atMs: number;
  readonly nowMs: number;
}

export function Clock({ atMs, nowMs }: MomentProps): JSX.Element {
  if (atMs <= 0) return <Nothing />;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {clockTime(atMs, nowMs)}
    </time>
  );
}

export function Age({ atMs, nowMs }: MomentProps): JSX.Element {
  if (atMs <= 0) return <Nothing />;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {ago(atMs, nowMs)}
    </time>
  );
}

/** What is not known or not there. */
export function Nothing(): JSX.Element {
  return (
    <span class="muted" aria-label="none">
      –
    </span>
  );
}

export function NodeLink({ name }: { readonly name: string }): JSX.Element {
  return (
    <a href={hrefOf({ page: 'node', id: name })} title={name}>
      {shortHost(name)}
    </a>
  );
}

export function JobLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <a href={hrefOf({ page: 'job', id })} title={id}>
      {shortJobId(id)}
    </a>
  );
}

/** The first few of them, and how many more. */
export function Few<T>(props: {
  readonly items: readonly T[];
  readonly max: number;
  readonly show: (item: T) => ComponentChildren;
}): JSX.Element {
  const more = props.items.length - props.max;
  if (props.items.length === 0) return <Nothing />;
  return (
    <>
      {props.items.slice(0, props.max).map((item, index) => (
        <>
          {index > 0 ? ', ' : ''}
          {props.show(item)}
        </>
      ))}
      {more > 0 ? <span class="muted"> and {more} more</span> : null}
    </>
  );
}
