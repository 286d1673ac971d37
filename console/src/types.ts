// The shapes of the API, as /api/v1/openapi.json describes them. Decimals stay strings.

export type Role = 'viewer' | 'operator' | 'risk' | 'admin';

export interface Gateway {
  id: string;
  version: string;
  durability: string;
  currency: string;
  started: string;
}

export interface Health {
  live: boolean;
  ready: boolean;
  reasons: string[];
}

export interface Counters {
  orders: number;
  executions: number;
}

export interface Session {
  id: string;
  role: 'client' | 'broker';
  version: string;
  state: string;
  reason: string | null;
  enabled: boolean;
  comp_id: string;
  gateway_comp_id: string;
  address: string | null;
  listen: string | null;
  next_sender_seq: number;
  next_target_seq: number;
  since: string | null;
}

export interface Order {
  order_id: string;
  client: string;
  account: string;
  cl_ord_id: string;
  symbol: string;
  side: string; // buy, sell, sell_short, sell_short_exempt
  ord_type: string;
  time_in_force: string;
  ord_status: string;
  open: boolean;
  order_qty: string;
  cum_qty: string;
  leaves_qty: string;
  price: string | null;
  stop_px: string | null;
  avg_px: string | null;
  broker: string | null;
  broker_cl_ord_id: string | null;
  text: string | null;
  entered: string;
  updated: string;
  journal_index: number;
}

export interface ChainLink {
  kind: string;
  cl_ord_id: string;
  orig_cl_ord_id: string | null;
  status: string;
  order_qty: string | null;
  price: string | null;
  time: string;
}

export interface Execution {
  exec_id: string;
  order_id: string;
  client: string;
  account: string;
  cl_ord_id: string;
  symbol: string;
  side: string; // buy, sell, sell_short, sell_short_exempt
  exec_type: string;
  ord_status: string;
  last_qty: string;
  last_px: string | null;
  cum_qty: string;
  leaves_qty: string;
  broker: string | null;
  broker_exec_id: string | null;
  text: string | null;
  time: string;
  journal_index: number;
}

export interface OrderDetail extends Order {
  chain: ChainLink[];
  executions: Execution[];
}

export interface Exposure {
  scope: string;
  id: string;
  state: string;
  open_orders: number;
  gross_open_notional: string;
  traded_notional: string;
  net_open_position: string;
  instruments: Record<string, {position: string; open_buy: string; open_sell: string}>;
  currencies: Record<string, {position: string; in: string; out: string}>;
  settlement: Record<string, string>;
}

/** A stage of a message on the core thread: its histogram since the gateway started. */
export interface Stage {
  stage: string;
  order: number; // in which a message comes to it
  bounds_s: number[]; // upper bounds; what is above the last is in the last count alone
  cumulative: number[];
}

export interface Alert {
  id: string;
  severity: 'info' | 'warning' | 'critical';
  kind: string;
  subject: string;
  text: string;
  raised: string;
  acknowledged_by: string | null;
  acknowledged: string | null;
}

export interface Kill {
  scope: string;
  id: string;
  state: string;
  reason: string;
  user: string;
  since: string | null;
}

export interface Proposal {
  id: string;
  state: string;
  action: string;
  explanation: string;
  reason: string | null;
  user: string;
  created: string;
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: string[];
}
