import {useCallback, useEffect, useMemo, useState} from 'react';
import {Header} from './panels/header';
import {KillSwitch} from './panels/kill_switch';
import {LatencyStrip} from './panels/latency';
import {Overview} from './panels/overview';
import {Sessions} from './panels/sessions';
import {Exposures} from './panels/exposures';
import {Orders} from './panels/orders';
import {Executions} from './panels/executions';
import {OrderDetailPanel} from './panels/order_detail';
import {Notices} from './panels/notices';
import {SignIn} from './panels/sign_in';
import {Store, useStore} from './store';

const kTokenKey = 'portcullis-token';

/** The token lives in this tab only: in memory and in sessionStorage, never in a URL or a cookie. */
export function App() {
  const [token, setToken] = useState(() => sessionStorage.getItem(kTokenKey));
  const [refusal, setRefusal] = useState<string | null>(null);

  const signIn = (entered: string) => {
    sessionStorage.setItem(kTokenKey, entered);
    setRefusal(null);
    setToken(entered);
  };
  const signOut = useCallback((why: string | null) => {
    sessionStorage.removeItem(kTokenKey);
    setRefusal(why);
    setToken(null);
  }, []);

  if (token === null) return <SignIn refusal={refusal} onSignIn={signIn} />;
  return <Console token={token} onSignOut={signOut} />;
}

function Console({token, onSignOut}: {token: string; onSignOut: (why: string | null) => void}) {
  const store = useMemo(() => new Store(token), [token]);
  const state = useStore(store);
  const [killing, setKilling] = useState(false);
  const [orderId, setOrderId] = useState<string | null>(null);
  const closeOrder = useCallback(() => setOrderId(null), []);

  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);

  useEffect(() => {
    if (state.refused !== null) onSignOut(state.refused);
  }, [state.refused, onSignOut]);

  return (
    <div className="console">
      <Header state={state} onKill={() => setKilling(true)} onSignOut={() => onSignOut(null)} />
      <Notices state={state} />
      <Overview state={state} />
      <LatencyStrip latencies={state.latencies} />
      <main className="panels">
        <Sessions sessions={state.sessions} />
        <Exposures exposures={state.exposures} currency={state.gateway?.currency ?? ''} />
        <Orders orders={state.orders} onOpen={setOrderId} />
        <Executions executions={state.executions} onOpen={setOrderId} />
      </main>
      {killing && <KillSwitch state={state} token={token} onClose={() => setKilling(false)} />}
      {orderId !== null && <OrderDetailPanel token={token} orderId={orderId} orders={state.orders} onClose={closeOrder} />}
    </div>
  );
}
