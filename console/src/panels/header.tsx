import {useState} from 'react';
import type {State} from '../store';
import {chooseTheme, currentTheme} from '../theme';
import {Mark} from './mark';

const kConnection = {connecting: 'Connecting', live: 'Live', lost: 'Reconnecting'};

interface Props {
  state: State;
  onKill: () => void;
  onSignOut: () => void;
}

export function Header({state, onKill, onSignOut}: Props) {
  const [theme, setTheme] = useState(currentTheme);
  const {gateway, health} = state;
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    chooseTheme(next);
    setTheme(next);
  };
  const healthy = health?.ready ? (health.reasons.length === 0 ? 'good' : 'fair') : 'bad';
  return (
    <header className="bar">
      <h1>
        <Mark /> Portcullis
      </h1>
      {gateway && (
        <span className="facts">
          <strong>{gateway.id}</strong>
          <span>{gateway.version}</span>
          <span title="how durable a record is before anything leaves">{gateway.durability}</span>
          <span title="the risk currency">{gateway.currency}</span>
        </span>
      )}
      {health && (
        <span className={`pill ${healthy}`} title={health.reasons.join('\n')}>
          {health.ready ? (healthy === 'good' ? 'Ready' : 'Ready, degraded') : 'Not ready'}
        </span>
      )}
      <span className="space" />
      <span className={`live ${state.connection}`} role="status">
        {kConnection[state.connection]}
      </span>
      <span className="user">
        {state.user} <small>{state.role}</small>
      </span>
      <button type="button" onClick={toggle} aria-label={`Use the ${theme === 'dark' ? 'light' : 'dark'} theme`}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
      <button type="button" onClick={onSignOut}>
        Sign out
      </button>
      {state.role !== 'viewer' && (
        <button type="button" className="danger" onClick={onKill}>
          Kill switch
        </button>
      )}
    </header>
  );
}
