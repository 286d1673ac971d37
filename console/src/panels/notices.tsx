import {timeOfDay, words} from '../format';
import type {State} from '../store';

const kShown = 20;

/** What a person has to know now: stops, open alerts, proposals that wait. Nothing to see: nothing shown. */
export function Notices({state}: {state: State}) {
  const open = state.alerts.filter((alert) => alert.acknowledged_by === null);
  const alerts = [...open].sort((a, b) => (a.raised < b.raised ? 1 : -1)).slice(0, kShown);
  const waiting = state.proposals.filter((proposal) => proposal.state === 'waiting');
  if (state.kills.length + alerts.length + waiting.length === 0) return null;
  return (
    <ul className="notices" aria-label="Notices">
      {state.kills.map((kill) => (
        <li key={`${kill.scope} ${kill.id}`} className="critical">
          <strong>{words(kill.state)}</strong>
          <span>
            {kill.scope === 'firm' ? 'the firm' : `${kill.scope} ${kill.id}`}, by {kill.user}: {kill.reason}
          </span>
          <time>{timeOfDay(kill.since)}</time>
        </li>
      ))}
      {alerts.map((alert) => (
        <li key={alert.id} className={alert.severity}>
          <strong>{words(alert.kind)}</strong>
          <span>{alert.text}</span>
          <time>{timeOfDay(alert.raised)}</time>
        </li>
      ))}
      {open.length > alerts.length && (
        <li className="info">
          <strong>alerts</strong>
          <span>and {open.length - alerts.length} older ones, at /api/v1/alerts</span>
        </li>
      )}
      {waiting.map((proposal) => (
        <li key={proposal.id} className="info">
          <strong>second person</strong>
          <span>
            {proposal.id} by {proposal.user}: {proposal.explanation}
          </span>
          <time>{timeOfDay(proposal.created)}</time>
        </li>
      ))}
    </ul>
  );
}
