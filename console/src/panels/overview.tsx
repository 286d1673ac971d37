import {wholeUnits} from '../format';
import type {State} from '../store';
import {RateChart} from './rate_chart';

function Figure({name, value, unit}: {name: string; value: string; unit?: string}) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        {value} {unit && <small>{unit}</small>}
      </dd>
    </div>
  );
}

export function Overview({state}: {state: State}) {
  const firm = state.exposures.find((exposure) => exposure.scope === 'firm');
  const currency = state.gateway?.currency ?? '';
  const up = state.sessions.filter((session) => session.state === 'up').length;
  return (
    <section className="overview" aria-label="Overview">
      <dl>
        <Figure name="Sessions up" value={`${up} of ${state.sessions.length}`} />
        <Figure name="Open orders" value={firm ? String(firm.open_orders) : '–'} />
        <Figure name="Gross open" value={firm ? wholeUnits(firm.gross_open_notional) : '–'} unit={currency} />
        <Figure name="Net open position" value={firm ? wholeUnits(firm.net_open_position) : '–'} unit={currency} />
        <Figure name="Traded today" value={firm ? wholeUnits(firm.traded_notional) : '–'} unit={currency} />
      </dl>
      <RateChart rates={state.rates} />
    </section>
  );
}
