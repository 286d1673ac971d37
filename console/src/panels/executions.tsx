import {createColumnHelper} from '@tanstack/react-table';
import {useCallback} from 'react';
import {grouped, sideClass, timeOfDay, words} from '../format';
import {Panel, Table, byDecimal} from '../table';
import type {Execution} from '../types';

const column = createColumnHelper<Execution>();
const decimal = {
  meta: {numeric: true},
  sortDescFirst: true,
  sortingFn: byDecimal<Execution>,
};

const columns = [
  column.accessor('time', {header: 'Time', cell: (cell) => timeOfDay(cell.getValue())}),
  column.accessor('exec_type', {header: 'Type', cell: (cell) => words(cell.getValue())}),
  column.accessor('symbol', {header: 'Symbol', cell: (cell) => <strong>{cell.getValue()}</strong>}),
  column.accessor('side', {header: 'Side', cell: (cell) => <span className={sideClass(cell.getValue())}>{words(cell.getValue())}</span>}),
  column.accessor('last_qty', {
    header: 'Quantity',
    cell: (cell) => (cell.row.original.exec_type === 'trade' ? grouped(cell.getValue()) : ''),
    ...decimal,
  }),
  column.accessor('last_px', {header: 'Price', cell: (cell) => cell.getValue() ?? '', ...decimal}),
  column.accessor('order_id', {header: 'Order'}),
];

export function Executions({executions, onOpen}: {executions: Execution[]; onOpen: (orderId: string) => void}) {
  const open = useCallback((execution: Execution) => onOpen(execution.order_id), [onOpen]);
  return (
    <Panel title="Executions" count={`newest ${executions.length}`}>
      <Table
        label="Executions"
        rows={executions}
        columns={columns}
        rowId={(execution) => execution.exec_id}
        empty="No execution yet."
        onOpen={open}
      />
    </Panel>
  );
}
