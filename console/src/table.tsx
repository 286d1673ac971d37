import {
  type Cell,
  type ColumnDef,
  type Row,
  type SortingState,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
} from '@tanstack/react-table';
import {type KeyboardEvent, type ReactNode, memo, useState} from 'react';
import {compareDecimals} from './format';

// A dense table: sortable headers, rows reached by the arrow keys and opened by Enter.

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData, TValue> {
    numeric?: boolean;
    _?: (row: TData, value: TValue) => void;
  }
}

export function byDecimal<T>(a: Row<T>, b: Row<T>, column: string): number {
  return compareDecimals(a.getValue<string | null>(column), b.getValue<string | null>(column));
}

interface Props<T> {
  label: string;
  rows: T[];
  columns: ColumnDef<T, any>[]; // each column has a value type of its own
  rowId: (row: T) => string;
  empty: ReactNode;
  onOpen?: (row: T) => void;
}

export function Table<T>({label, rows, columns, rowId, empty, onOpen}: Props<T>) {
  const [sorting, setSorting] = useState<SortingState>([]);
  const table = useReactTable({
    data: rows,
    columns,
    state: {sorting},
    onSortingChange: setSorting,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });

  const move = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const row = (event.target as HTMLElement).closest('tr');
    const step = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[event.key];
    if (!row || !step) return;
    event.preventDefault();
    (row[step as 'nextElementSibling'] as HTMLElement | null)?.focus();
  };

  return (
    <div className="scroll">
      <table aria-label={label}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={header.column.columnDef.meta?.numeric ? 'numeric' : ''}
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none'}
                  >
                    <button type="button" onClick={header.column.getToggleSortingHandler()}>
                      {flexRender(header.column.columnDef.header, header.getContext())}
                      <span aria-hidden="true" className="sort">
                        {sorted === 'asc' ? '▲' : sorted === 'desc' ? '▼' : ''}
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody onKeyDown={move}>
          {table.getRowModel().rows.map((row, index) => (
            <TableRow key={row.id} row={row} data={row.original} first={index === 0} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="empty">{empty}</p>}
    </div>
  );
}

interface RowProps<T> {
  row: Row<T>;
  data: T; // compared by the memo below: a row object is only replaced when it changed
  first: boolean;
  onOpen: ((row: T) => void) | undefined;
}

function PlainRow<T>({row, data, first, onOpen}: RowProps<T>) {
  return (
    <tr
      tabIndex={first ? 0 : -1}
      data-id={row.id}
      className={onOpen ? 'opens' : ''}
      onClick={onOpen && (() => onOpen(data))}
      onKeyDown={
        onOpen &&
        ((event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault(); // or the key would also press the button that gets the focus
          onOpen(data);
        })
      }
    >
      {row.getVisibleCells().map((cell: Cell<T, unknown>) => (
        <td key={cell.id} className={cell.column.columnDef.meta?.numeric ? 'numeric' : ''}>
          {flexRender(cell.column.columnDef.cell, cell.getContext())}
        </td>
      ))}
    </tr>
  );
}

const TableRow = memo(PlainRow, (a, b) => a.data === b.data && a.first === b.first && a.onOpen === b.onOpen) as typeof PlainRow;

export function Panel({title, count, tools, children}: {title: string; count?: string; tools?: ReactNode; children: ReactNode}) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {count !== undefined && <span className="count">{count}</span>}
        <span className="tools">{tools}</span>
      </header>
      {children}
    </section>
  );
}
