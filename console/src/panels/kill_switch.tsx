import {type FormEvent, useEffect, useRef, useState} from 'react';
import {ApiError, post} from '../api';
import {words} from '../format';
import type {State} from '../store';

const kStates: [string, string][] = [
  ['reduce_only', 'Only orders that reduce a position are taken.'],
  ['block_new', 'No new order is taken. Open orders stay.'],
  ['cancel', 'No new order is taken, and all open orders are cancelled.'],
  ['killed', 'All open orders are cancelled, then the sessions are logged out.'],
  ['active', 'Trading goes on. Needs a second person.'],
];

function idsOf(state: State, scope: string): string[] {
  if (scope === 'session') return state.sessions.map((session) => session.id);
  if (scope === 'broker' || scope === 'client') {
    return state.sessions.filter((session) => session.role === scope).map((session) => session.id);
  }
  return state.exposures.filter((exposure) => exposure.scope === scope).map((exposure) => exposure.id);
}

interface Props {
  state: State;
  token: string;
  onClose: () => void;
}

/** Two steps: what and why, then the name typed again. The server decides; this only asks. */
export function KillSwitch({state, token, onClose}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [scope, setScope] = useState('account');
  const [id, setId] = useState('');
  const [wanted, setWanted] = useState('killed');
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{good: boolean; text: string} | null>(null);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const ids = idsOf(state, scope);
  const name = scope === 'firm' ? 'firm' : id;
  const explanation = kStates.find(([each]) => each === wanted)?.[1];

  const review = (event: FormEvent) => {
    event.preventDefault();
    if (name !== '' && reason.trim() !== '') setAsked(true);
  };

  const act = async (event: FormEvent) => {
    event.preventDefault();
    if (typed !== name) return;
    setBusy(true);
    try {
      const answer = await post<{text?: string; explanation?: string; id?: string}>(token, '/kill-switch', {
        scope,
        id: name,
        state: wanted,
        reason: reason.trim(),
      });
      const proposed = answer.status === 202;
      setResult({
        good: true,
        text: proposed
          ? `Proposal ${answer.body.id ?? ''} waits for a second person: ${answer.body.explanation ?? ''}.`
          : `Done: ${answer.body.text ?? ''}.`,
      });
    } catch (error) {
      const text = error instanceof ApiError ? error.message : 'the server does not answer; the outcome is not known';
      setResult({good: false, text});
    } finally {
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} className="kill" onClose={onClose} aria-labelledby="kill-title">
      <header>
        <h2 id="kill-title">Kill switch</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      {result !== null ? (
        <p role="status" className={result.good ? 'success' : 'fault'}>
          {result.text}
        </p>
      ) : asked ? (
        <form onSubmit={(event) => void act(event)}>
          <p className="ask">
            Set <strong>{scope === 'firm' ? 'the whole firm' : `${scope} ${name}`}</strong> to{' '}
            <strong>{words(wanted)}</strong>. {explanation}
          </p>
          <label htmlFor="kill-confirm">
            Type <kbd>{name}</kbd> to confirm
          </label>
          <input id="kill-confirm" autoFocus autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <div className="buttons">
            <button type="button" onClick={() => setAsked(false)}>
              Back
            </button>
            <button type="submit" className="danger" disabled={typed !== name || busy}>
              {wanted === 'active' ? 'Propose the release' : 'Stop now'}
            </button>
          </div>
        </form>
      ) : (
        <form onSubmit={review}>
          <div className="pair">
            <label htmlFor="kill-scope">
              Scope
              <select
                id="kill-scope"
                value={scope}
                onChange={(event) => {
                  setScope(event.target.value);
                  setId('');
                }}
              >
                {['firm', 'client', 'account', 'session', 'broker', 'instrument'].map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
            {scope !== 'firm' && (
              <label htmlFor="kill-id">
                Which
                <select id="kill-id" required value={id} onChange={(event) => setId(event.target.value)}>
                  <option value="">choose</option>
                  {ids.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              </label>
            )}
          </div>
          <fieldset>
            <legend>State</legend>
            {kStates.map(([each, what]) => (
              <label key={each} className="choice">
                <input type="radio" name="state" value={each} checked={wanted === each} onChange={() => setWanted(each)} />
                <strong>{words(each)}</strong> <span>{what}</span>
              </label>
            ))}
          </fieldset>
          <label htmlFor="kill-reason">Reason</label>
          <input id="kill-reason" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
          <div className="buttons">
            <button type="submit" className="danger" disabled={name === '' || reason.trim() === ''}>
              Continue
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
