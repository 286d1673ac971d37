import {useEffect, useRef, useState} from 'react';
import {get} from '../api';
import {grouped, timeOfDay, words} from '../format';
import type {Order, OrderDetail} from '../types';

interface Props {
  token: string;
  orderId: string;
  orders: Order[];
  onClose: () => void;
}

/** One order with its chain and executions, read again whenever the stream says it changed. */
export function OrderDetailPanel({token, orderId, orders, onClose}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [detail, setDetail] = useState<OrderDetail | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const version = orders.find((order) => order.order_id === orderId)?.journal_index;

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  useEffect(() => {
    let current = true;
    get<OrderDetail>(token, `/orders/${encodeURIComponent(orderId)}`)
      .then((order) => current && setDetail(order))
      .catch((error: Error) => current && setFault(error.message));
    return () => {
      current = false;
    };
  }, [token, orderId, version]);

  return (
    <dialog ref={dialog} className="drawer" onClose={onClose} aria-label={`Order ${orderId}`}>
      <header>
        <h2>Order {orderId}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      {fault !== null && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
      {detail && <Detail order={detail} />}
    </dialog>
  );
}

function Detail({order}: {order: OrderDetail}) {
  const facts: [string, string][] = [
    ['Status', words(order.ord_status)],
    ['Side', `${words(order.side)} ${grouped(order.order_qty)} ${order.symbol}`],
    ['Type', `${words(order.ord_type)} ${order.price ?? ''} ${order.time_in_force}`],
    ['Filled', `${grouped(order.cum_qty)} at ${order.avg_px ?? '–'}, leaves ${grouped(order.leaves_qty)}`],
    ['Client', `${order.client}, account ${order.account}, ClOrdID ${order.cl_ord_id}`],
    ['Broker', order.broker === null ? 'not routed' : `${order.broker}, ClOrdID ${order.broker_cl_ord_id ?? ''}`],
    ['Entered', order.entered],
    ['Journal', `record ${order.journal_index}`],
    ['Text', order.text ?? '–'],
  ];
  return (
    <>
      <dl className="facts-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>Chain</h3>
      <table>
        <tbody>
          {order.chain.map((link) => (
            <tr key={link.cl_ord_id}>
              <td>{timeOfDay(link.time)}</td>
              <td>{link.kind}</td>
              <td>{link.cl_ord_id}</td>
              <td>{link.status}</td>
              <td className="numeric">{grouped(link.order_qty)}</td>
              <td className="numeric">{link.price ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Executions</h3>
      <table>
        <tbody>
          {order.executions.map((execution) => (
            <tr key={execution.exec_id}>
              <td>{timeOfDay(execution.time)}</td>
              <td>{words(execution.exec_type)}</td>
              <td className="numeric">{grouped(execution.last_qty)}</td>
              <td className="numeric">{execution.last_px ?? ''}</td>
              <td>{execution.exec_id}</td>
              <td>{execution.broker_exec_id ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {order.executions.length === 0 && <p className="empty">No execution yet.</p>}
    </>
  );
}
