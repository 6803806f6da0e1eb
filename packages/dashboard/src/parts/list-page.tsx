/** A long list, a page at a time: the scheduler filters and cuts it, so that 10,000 rows cost no more than 100. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { grouped } from '../format.ts';
import { listPath } from '../api.ts';
import type { Json } from '../decode.ts';
import { hrefOf, listHref, withKey, type ListPage, type Query } from '../route.ts';
import { useAnswer } from '../store.ts';
import type { Page } from '../messages.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Shown } from './shown.tsx';

export interface ListProps<Row> {
  readonly page: ListPage;
  readonly query: Query;
  /** The API's name of the list. */
  readonly list: string;
  readonly decode: (json: Json) => Page<Row>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly what: string;
  readonly fields: string;
  readonly example: string;
  /** Ways to narrow the list by one click. */
  readonly choices?: ComponentChildren;
  /** Whether it is read anew with each plan. */
  readonly follow?: boolean;
  /** What else narrows it, in the API's words. */
  readonly bounds?: Readonly<Record<string, string>>;
  /** Whether more follow than are counted: the journal counts what is in memory, and its pages go on on disk. */
  readonly countsSome?: boolean;
  /** What is said where nothing is there at all. */
  readonly nothing?: string;
}

const pageSize = 100;

export function FilteredList<Row>(props: ListProps<Row>): JSX.Element {
  const filter = props.query['filter'] ?? '';
  // Tokens of the pages before this one; the first is empty.
  const [tokens, setTokens] = useState<readonly string[]>(['']);
  const top = useRef<HTMLDivElement>(null);
  const bounds = props.bounds ?? {};
  useEffect(() => {
    setTokens(['']);
  }, [filter, props.list, ...Object.values(bounds)]);
  const path = listPath(props.list, filter, pageSize, tokens.at(-1) ?? '', bounds);
  const answer = useAnswer(path, props.decode, props.follow ?? true);
  const turn = (to: readonly string[]): void => {
    setTokens(to);
    top.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <div ref={top}>
      <FilterBox
        page={props.page}
        query={props.query}
        filter={filter}
        fields={props.fields}
        example={props.example}
      />
      {props.choices}
      <Shown answer={answer} what={props.what}>
        {(page) => (
          <>
            <DataTable
              caption={`${grouped(page.totalSize)} ${props.what}`}
              columns={props.columns}
              rows={page.items}
              keyOf={props.keyOf}
              empty={emptyText(props, filter, page)}
            />
            <Pager
              page={page}
              tokens={tokens}
              turn={turn}
              what={props.what}
              countsSome={props.countsSome ?? false}
            />
          </>
        )}
      </Shown>
    </div>
  );
}

function emptyText<Row>({ what, nothing }: ListProps<Row>, filter: string, page: Page<Row>): string {
  if (page.nextPageToken !== '') return `None of the ${what} looked at so far match “${filter}”.`;
  if (filter !== '') return `No ${what} match “${filter}”.`;
  return nothing ?? `There are no ${what}.`;
}

function Pager<Row>(props: {
  readonly page: Page<Row>;
  readonly tokens: readonly string[];
  readonly turn: (tokens: readonly string[]) => void;
  readonly what: string;
  readonly countsSome: boolean;
}): JSX.Element | null {
  const { page, tokens, turn } = props;
  if (page.items.length === 0 && page.nextPageToken === '' && tokens.length === 1) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${props.what}`}>
      <button
        type="button"
        disabled={tokens.length === 1}
        onClick={() => {
          turn(tokens.slice(0, -1));
        }}
      >
        Previous
      </button>
      <span aria-live="polite">{placeText(page, tokens.length, props.countsSome)}</span>
      <button
        type="button"
        disabled={page.nextPageToken === ''}
        onClick={() => {
          turn([...tokens, page.nextPageToken]);
        }}
      >
        Next
      </button>
    </nav>
  );
}

/** Pages of what is only counted in part may be short, so that their rows have no numbers. */
function placeText<Row>(page: Page<Row>, place: number, countsSome: boolean): string {
  const first = (place - 1) * pageSize + 1;
  const last = first + page.items.length - 1;
  if (!countsSome) return `${grouped(first)}–${grouped(last)} of ${grouped(page.totalSize)}`;
  if (place === 1 && page.nextPageToken === '') return `all ${grouped(page.items.length)}`;
  return `page ${grouped(place)}${page.nextPageToken === '' ? ', the last' : ''}`;
}

/** The filter is asked for a moment after the last key, or the list would jump at every letter. */
const typingMs = 250;

interface FilterProps {
  readonly page: ListPage;
  readonly query: Query;
  readonly filter: string;
  readonly fields: string;
  readonly example: string;
}

function FilterBox(props: FilterProps): JSX.Element {
  const id = useId();
  const [typed, setTyped] = useState(props.filter);
  useEffect(() => {
    setTyped(props.filter);
  }, [props.filter]);
  useEffect(() => {
    if (typed === props.filter) return;
    const timer = setTimeout(() => {
      location.replace(hrefOf({ page: props.page, query: withKey(props.query, 'filter', typed) }));
    }, typingMs);
    return () => {
      clearTimeout(timer);
    };
  }, [typed]);
  return (
    <search class="filter">
      <label for={id}>Filter</label>
      <input
        id={id}
        type="search"
        value={typed}
        placeholder={props.example}
        spellcheck={false}
        autocomplete="off"
        aria-describedby={`${id}-help`}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
      <p id={`${id}-help`} class="muted small">
        Words that all must match; <code>field:value</code> with {props.fields}; <code>-</code> before a word
        excludes it, <code>*</code> at its end stands for anything.
      </p>
    </search>
  );
}

/** One-click filters with their counts; the one in force is marked. */
export function Choices(props: {
  readonly page: ListPage;
  readonly filter: string;
  readonly label: string;
  readonly choices: readonly {
    readonly label: ComponentChildren;
    readonly filter: string;
    readonly count: number;
  }[];
}): JSX.Element {
  return (
    <nav class="choices" aria-label={props.label}>
      {props.choices.map(({ label, filter, count }) => (
        <a
          key={filter}
          href={listHref(props.page, filter)}
          {...(filter === props.filter ? { 'aria-current': 'true' } : {})}
        >
          {label} <b>{grouped(count)}</b>
        </a>
      ))}
    </nav>
  );
}
