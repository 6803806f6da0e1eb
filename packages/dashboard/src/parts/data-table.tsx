/**
 * A table that becomes a list of cards where the page is narrow. Roles are spelled out because the style sheet
 * changes how rows are laid out, and browsers then forget that it is a table.
 */
import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /**
   * `main`: names the row; `short`: one line, cut where it is too long; `number`: right-aligned digits; `wrap`: a few words;
   * `long`: sentences, takes the room that is left.
   */
  readonly kind: 'main' | 'short' | 'number' | 'wrap' | 'long';
}

export interface DataTableProps<Row> {
  /** What the table holds, for screen readers; shown only if `showCaption`. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Said instead of an empty table. */
  readonly empty: ComponentChildren;
}

export function DataTable<Row>(props: DataTableProps<Row>): JSX.Element {
  if (props.rows.length === 0) return <p class="empty">{props.empty}</p>;
  return (
    <table class="data" role="table">
      <caption class="unseen">{props.caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {props.columns.map((column) => (
            <th key={column.title} role="columnheader" scope="col" class={column.kind}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <tr role="row" key={props.keyOf(row)}>
            {props.columns.map((column) => (
              <Cell key={column.title} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }): JSX.Element {
  const content = column.cell(row);
  if (column.kind === 'main') {
    return (
      <th role="rowheader" scope="row" class="main">
        {content}
      </th>
    );
  }
  return (
    <td role="cell" class={column.kind} data-title={column.title}>
      {content}
    </td>
  );
}
