import {createColumnHelper} from '@tanstack/react-table';
import {useCallback, useEffect, useMemo, useRef, useState} from 'react';
import {grouped, sideClass, timeOfDay, words} from '../format';
import {Panel, Table, byDecimal} from '../table';
import type {Order} from '../types';

const column = createColumnHelper<Order>();
const decimal = {
  meta: {numeric: true},
  sortDescFirst: true,
  sortingFn: byDecimal<Order>,
};

function kind(order: Order): string {
  if (order.ord_status === 'rejected' || order.ord_status === 'unknown') return 'bad';
  if (order.ord_status === 'filled') return 'done';
  return order.open ? 'good' : 'off';
}

const columns = [
  column.accessor('updated', {header: 'Updated', cell: (cell) => timeOfDay(cell.getValue())}),
  column.accessor('order_id', {header: 'Order'}),
  column.accessor('account', {header: 'Account'}),
  column.accessor('symbol', {header: 'Symbol', cell: (cell) => <strong>{cell.getValue()}</strong>}),
  column.accessor('side', {header: 'Side', cell: (cell) => <span className={sideClass(cell.getValue())}>{words(cell.getValue())}</span>}),
  column.accessor('order_qty', {header: 'Quantity', cell: (cell) => grouped(cell.getValue()), ...decimal}),
  column.accessor('price', {header: 'Price', cell: (cell) => cell.getValue() ?? words(cell.row.original.ord_type), ...decimal}),
  column.accessor('cum_qty', {header: 'Filled', cell: (cell) => grouped(cell.getValue()), ...decimal}),
  column.accessor('avg_px', {header: 'Average', cell: (cell) => cell.getValue() ?? '', ...decimal}),
  column.accessor('ord_status', {
    header: 'Status',
    cell: (cell) => <span className={`state ${kind(cell.row.original)}`}>{words(cell.getValue())}</span>,
  }),
  column.accessor('broker', {header: 'Broker', cell: (cell) => cell.getValue() ?? ''}),
  column.accessor('text', {
    header: 'Text',
    cell: (cell) => (
      <span className="muted text" title={cell.getValue() ?? ''}>
        {cell.getValue()}
      </span>
    ),
  }),
];

function matches(order: Order, wanted: string): boolean {
  return [order.order_id, order.client, order.account, order.cl_ord_id, order.symbol, order.broker, order.ord_status, order.text]
    .some((value) => value?.toLowerCase().includes(wanted));
}

export function Orders({orders, onOpen}: {orders: Order[]; onOpen: (orderId: string) => void}) {
  const [wanted, setWanted] = useState('');
  const [openOnly, setOpenOnly] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const open = useCallback((order: Order) => onOpen(order.order_id), [onOpen]);

  // "/" leads to the filter from anywhere but a field.
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || target.closest('input, select, textarea, dialog')) return;
      event.preventDefault();
      search.current?.focus();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  const rows = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    return orders.filter((order) => (!openOnly || order.open) && (text === '' || matches(order, text)));
  }, [orders, wanted, openOnly]);

  const tools = (
    <>
      <label>
        <input type="checkbox" checked={openOnly} onChange={(event) => setOpenOnly(event.target.checked)} /> open only
      </label>
      <input
        ref={search}
        type="search"
        placeholder="Filter  /"
        aria-label="Filter the orders"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
    </>
  );
  return (
    <Panel title="Orders" count={rows.length === orders.length ? `newest ${rows.length}` : `${rows.length} of ${orders.length}`} tools={tools}>
      <Table
        label="Orders"
        rows={rows}
        columns={columns}
        rowId={(order) => order.order_id}
        empty={orders.length === 0 ? 'No order yet.' : 'No order matches.'}
        onOpen={open}
      />
    </Panel>
  );
}
