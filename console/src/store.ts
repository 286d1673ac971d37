import {useSyncExternalStore} from 'react';
import {get} from './api';
import {type Latency, latencies} from './latency';
import type {Alert, Counters, Execution, Exposure, Gateway, Health, Kill, Order, Proposal, Role, Session, Stage} from './types';

// What the page knows, and the stream that keeps it true. On each connection the server sends the
// keyed topics whole and then their changes; orders and executions are read by REST when it says so,
// and changes that arrive meanwhile win by their journal index.

export interface Rates {
  seconds: number[];
  orders: number[];
  executions: number[];
}

export interface State {
  connection: 'connecting' | 'live' | 'lost';
  refused: string | null; // the token was not taken: back to the sign-in
  user: string;
  role: Role;
  gateway: Gateway | null;
  health: Health | null;
  counters: Counters | null;
  sessions: Session[];
  exposures: Exposure[];
  alerts: Alert[];
  kills: Kill[];
  proposals: Proposal[];
  orders: Order[];
  executions: Execution[];
  rates: Rates;
  stages: Stage[];
  latencies: Latency[]; // of the last kLatencySeconds
}

interface Message {
  topic: string;
  snapshot?: boolean;
  resync?: boolean;
  rows?: unknown[];
  removed?: string[];
  user?: string;
  role?: Role;
}

const kKeptRows = 400;
const kRateSeconds = 120;
export const kLatencySeconds = 30;
const kPolicyViolation = 1008;

const kKeys: Record<string, (row: never) => string> = {
  gateway: () => 'gateway',
  health: () => 'health',
  counters: () => 'counters',
  stages: (row: Stage) => row.stage,
  sessions: (row: Session) => row.id,
  exposures: (row: Exposure) => `${row.scope} ${row.id}`,
  alerts: (row: Alert) => row.id,
  kills: (row: Kill) => `${row.scope} ${row.id}`,
  proposals: (row: Proposal) => row.id,
};

function emptyRates(): Rates {
  const now = Math.floor(Date.now() / 1000);
  const seconds = Array.from({length: kRateSeconds}, (_, i) => now - kRateSeconds + 1 + i);
  return {seconds, orders: seconds.map(() => 0), executions: seconds.map(() => 0)};
}

/** Rows by key, newest first, an older version never over a newer one. */
function merge<T extends {journal_index: number}>(before: T[], rows: T[], key: (row: T) => string): T[] {
  const all = new Map(before.map((row) => [key(row), row]));
  for (const row of rows) {
    const known = all.get(key(row));
    if (!known || known.journal_index <= row.journal_index) all.set(key(row), row);
  }
  return [...all.values()].sort((a, b) => b.journal_index - a.journal_index).slice(0, kKeptRows);
}

export class Store {
  private state: State = {
    connection: 'connecting',
    refused: null,
    user: '',
    role: 'viewer',
    gateway: null,
    health: null,
    counters: null,
    sessions: [],
    exposures: [],
    alerts: [],
    kills: [],
    proposals: [],
    orders: [],
    executions: [],
    rates: emptyRates(),
    stages: [],
    latencies: [],
  };
  private listeners = new Set<() => void>();
  private topics = new Map<string, Map<string, unknown>>();
  private socket: WebSocket | null = null;
  private retry: number | undefined;
  private clock: number | undefined;
  private retries = 0;
  private counted: Counters | null = null;
  private earlier: Stage[][] = []; // by second, the oldest first
  private reading = false;
  private readAgain = false;
  private stopped = false;

  constructor(readonly token: string) {}

  start(): void {
    this.connect();
    this.clock = window.setInterval(() => this.tick(), 1000);
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.retry);
    window.clearInterval(this.clock);
    this.socket?.close();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): State => this.state;

  private set(change: Partial<State>): void {
    this.state = {...this.state, ...change};
    for (const listener of this.listeners) listener();
  }

  private connect(): void {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/stream`, 'portcullis.v1');
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({token: this.token}));
    socket.onmessage = (event) => this.receive(JSON.parse(event.data as string) as Message);
    socket.onclose = (event) => {
      if (this.stopped) return;
      if (event.code === kPolicyViolation && event.reason.includes('token')) {
        this.set({refused: event.reason});
        return;
      }
      this.set({connection: 'lost'});
      this.retries += 1;
      this.retry = window.setTimeout(() => this.connect(), Math.min(250 * 2 ** this.retries, 5000));
    };
  }

  private receive(message: Message): void {
    if (message.topic === 'hello') {
      this.retries = 0;
      this.set({connection: 'live', user: message.user ?? '', role: message.role ?? 'viewer'});
    } else if (message.resync) {
      void this.readHistory();
    } else if (message.topic === 'orders') {
      const rows = (message.rows ?? []) as Order[];
      this.set({orders: merge(this.state.orders, rows, (row) => row.order_id)});
    } else if (message.topic === 'executions') {
      const rows = (message.rows ?? []) as Execution[];
      this.set({executions: merge(this.state.executions, rows, (row) => row.exec_id)});
    } else if (message.topic in kKeys) {
      this.receiveTopic(message);
    }
  }

  private receiveTopic(message: Message): void {
    const key = kKeys[message.topic] as (row: unknown) => string;
    const rows = message.snapshot ? new Map<string, unknown>() : (this.topics.get(message.topic) ?? new Map());
    for (const row of message.rows ?? []) rows.set(key(row), row);
    for (const gone of message.removed ?? []) rows.delete(gone);
    this.topics.set(message.topic, rows);
    const list = [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    const single = ['gateway', 'health', 'counters'].includes(message.topic);
    this.set({[message.topic]: single ? (list[0] ?? null) : list} as Partial<State>);
  }

  /** At most one reading at a time; what is asked meanwhile makes one more. */
  private async readHistory(): Promise<void> {
    if (this.reading) {
      this.readAgain = true;
      return;
    }
    this.reading = true;
    try {
      const [orders, executions] = await Promise.all([
        get<Order[]>(this.token, '/orders?limit=200'),
        get<Execution[]>(this.token, '/executions?limit=200'),
      ]);
      this.set({
        orders: merge(this.state.orders, orders, (row) => row.order_id),
        executions: merge(this.state.executions, executions, (row) => row.exec_id),
      });
    } catch (error) {
      // The stream goes on; health tells why the blotter does not answer, and the next connection reads again.
      console.warn('reading orders failed:', error);
    } finally {
      this.reading = false;
    }
    if (this.readAgain && !this.stopped) {
      this.readAgain = false;
      window.setTimeout(() => void this.readHistory(), 1000);
    }
  }

  /** Once a second: what the counters gained. The first look, and a restart of the gateway, gain nothing. */
  private tick(): void {
    const next = (values: number[], value: number): number[] => [...values.slice(1), value];
    const [now, before] = [this.state.counters, this.counted];
    this.counted = now;
    const {seconds, orders, executions} = this.state.rates;
    const stages = this.state.stages;
    if (stages.length > 0) this.earlier = [...this.earlier, stages].slice(-kLatencySeconds - 1);
    this.set({
      latencies: latencies(stages, this.earlier[0] ?? []),
      rates: {
        seconds: next(seconds, Math.floor(Date.now() / 1000)),
        orders: next(orders, now && before ? Math.max(0, now.orders - before.orders) : 0),
        executions: next(executions, now && before ? Math.max(0, now.executions - before.executions) : 0),
      },
    });
  }
}

export function useStore(store: Store): State {
  return useSyncExternalStore(store.subscribe, store.snapshot);
}
