/** A titled part of a page. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export function Panel(props: {
  readonly title: string;
  /** Beside the title: a link, a choice. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}
