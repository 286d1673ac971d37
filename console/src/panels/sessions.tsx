import {createColumnHelper} from '@tanstack/react-table';
import {useMemo} from 'react';
import {timeOfDay, words} from '../format';
import {Panel, Table} from '../table';
import type {Session} from '../types';

const column = createColumnHelper<Session>();

function kind(session: Session): string {
  if (session.state === 'up') return 'good';
  return session.enabled ? 'bad' : 'off';
}

const columns = [
  column.accessor('id', {header: 'Session', cell: (cell) => <strong>{cell.getValue()}</strong>}),
  column.accessor('role', {header: 'Role'}),
  column.accessor('version', {header: 'Version'}),
  column.accessor('state', {
    header: 'State',
    cell: (cell) => <span className={`state ${kind(cell.row.original)}`}>{words(cell.getValue())}</span>,
  }),
  column.accessor('next_sender_seq', {header: 'Next out', meta: {numeric: true}}),
  column.accessor('next_target_seq', {header: 'Next in', meta: {numeric: true}}),
  column.accessor('since', {header: 'Since', cell: (cell) => timeOfDay(cell.getValue()).slice(0, 8)}),
  column.accessor((session) => session.reason ?? session.address ?? '', {
    id: 'why',
    header: 'Peer, or why it is down',
    cell: (cell) => (
      <span className={cell.row.original.reason === null ? 'muted text' : 'why text'} title={cell.getValue()}>
        {cell.getValue()}
      </span>
    ),
  }),
];

export function Sessions({sessions}: {sessions: Session[]}) {
  const timed = sessions.some((session) => session.since !== null);
  const shown = useMemo(() => columns.filter((each) => timed || each.header !== 'Since'), [timed]);
  const down = sessions.filter((session) => session.state !== 'up').length;
  return (
    <Panel title="Sessions" count={down === 0 ? `${sessions.length} up` : `${down} of ${sessions.length} not up`}>
      <Table
        label="Sessions"
        rows={sessions}
        columns={shown}
        rowId={(session) => session.id}
        empty="No session is configured."
      />
    </Panel>
  );
}
