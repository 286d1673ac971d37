import {createColumnHelper} from '@tanstack/react-table';
import {useMemo, useState} from 'react';
import {grouped, isZero, wholeUnits, words} from '../format';
import {Panel, Table, byDecimal} from '../table';
import type {Exposure} from '../types';

const column = createColumnHelper<Exposure>();
const kScopes = ['account', 'client', 'broker', 'instrument', 'firm'];

/** Positions that are not flat: "EUR/USD +5,000,000". */
function Positions({exposure}: {exposure: Exposure}) {
  const held = Object.entries(exposure.instruments).filter(([, each]) => !isZero(each.position));
  if (held.length === 0) return <span className="muted">flat</span>;
  return (
    <span className="positions">
      {held.map(([symbol, each]) => (
        <span key={symbol} className={each.position.startsWith('-') ? 'sell' : 'buy'}>
          <em>{symbol}</em> {each.position.startsWith('-') ? '' : '+'}
          {grouped(each.position)}
        </span>
      ))}
    </span>
  );
}

const money = {
  meta: {numeric: true},
  sortDescFirst: true,
  sortingFn: byDecimal<Exposure>,
};

export function Exposures({exposures, currency}: {exposures: Exposure[]; currency: string}) {
  const [scope, setScope] = useState('account');
  const rows = useMemo(() => exposures.filter((exposure) => exposure.scope === scope), [exposures, scope]);
  const columns = useMemo(
    () => [
      column.accessor('id', {header: words(scope), cell: (cell) => <strong>{cell.getValue()}</strong>}),
      column.accessor('state', {
        header: 'State',
        cell: (cell) => (
          <span className={`state ${cell.getValue() === 'active' ? 'good' : 'bad'}`}>{words(cell.getValue())}</span>
        ),
      }),
      column.accessor('open_orders', {header: 'Open', meta: {numeric: true}}),
      column.accessor('gross_open_notional', {header: 'Gross open', cell: (cell) => wholeUnits(cell.getValue()), ...money}),
      column.accessor('net_open_position', {header: 'Net open', cell: (cell) => wholeUnits(cell.getValue()), ...money}),
      column.accessor('traded_notional', {header: 'Traded', cell: (cell) => wholeUnits(cell.getValue()), ...money}),
      column.display({id: 'positions', header: 'Positions', cell: (cell) => <Positions exposure={cell.row.original} />}),
    ],
    [scope],
  );
  const tools = (
    <select aria-label="Scope of the exposures" value={scope} onChange={(event) => setScope(event.target.value)}>
      {kScopes.map((each) => (
        <option key={each} value={each}>
          by {each}
        </option>
      ))}
    </select>
  );
  return (
    <Panel title="Exposures" count={currency && `in ${currency}`} tools={tools}>
      <Table
        label="Exposures"
        rows={rows}
        columns={columns}
        rowId={(exposure) => `${exposure.scope} ${exposure.id}`}
        empty={`Nothing is exposed by ${scope}.`}
      />
    </Panel>
  );
}
