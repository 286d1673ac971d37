import {type FormEvent, useState} from 'react';
import {Mark} from './mark';

export function SignIn({refusal, onSignIn}: {refusal: string | null; onSignIn: (token: string) => void}) {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') onSignIn(token.trim());
  };
  return (
    <div className="sign-in">
      <form onSubmit={submit}>
        <h1>
          <Mark /> Portcullis
        </h1>
        <label htmlFor="token">Access token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby="token-note"
        />
        {refusal !== null && (
          <p role="alert" className="fault">
            Not signed in: {refusal}.
          </p>
        )}
        <button type="submit" className="primary" disabled={token.trim() === ''}>
          Sign in
        </button>
        <p id="token-note" className="note">
          The token stays in this tab and is forgotten when it closes.
        </p>
      </form>
    </div>
  );
}
