-- The blotter, first version. For SQLite and PostgreSQL alike: BIGINT and TEXT only, and no NULL but where a price or
-- a time is absent. Times are nanoseconds since 1970-01-01 UTC. Decimals are exact scaled integers:
-- quantities 10^-3, prices 10^-8, amounts 10^-2. Rows are complete: nothing here is ever deleted. What stands in a
-- comment behind the name of an engine counts for that engine (BlotterStore::in_own_words).

CREATE TABLE progress (
  id BIGINT PRIMARY KEY,            -- 1: there is one row
  journal_id TEXT NOT NULL,
  last_index BIGINT NOT NULL,       -- the last record whose rows are here, in the same transaction
  last_offset BIGINT NOT NULL,
  last_checksum TEXT NOT NULL,      -- of that record's frame: the journal must still have just this record
  epoch BIGINT NOT NULL             -- of the start whose records come last
);

CREATE TABLE names (
  kind BIGINT NOT NULL,             -- client, account, broker, session, instrument, currency: 0 to 5
  idx BIGINT NOT NULL,
  owner BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, idx)
);

CREATE TABLE orders (
  order_number BIGINT PRIMARY KEY,
  order_id TEXT NOT NULL,           -- OrderID(37) towards the client
  client TEXT NOT NULL,
  account TEXT NOT NULL,
  session TEXT NOT NULL,
  cl_ord_id TEXT NOT NULL,          -- the newest accepted one of the chain
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  ord_type TEXT NOT NULL,
  time_in_force TEXT NOT NULL,
  ord_status TEXT NOT NULL,
  is_open BIGINT NOT NULL,          -- 1: something of it may still be executed
  order_qty BIGINT NOT NULL,
  cum_qty BIGINT NOT NULL,
  leaves_qty BIGINT NOT NULL,
  price BIGINT,
  stop_px BIGINT,
  avg_px BIGINT,
  broker TEXT NOT NULL,             -- empty: not routed
  broker_cl_ord_id TEXT NOT NULL,   -- the ClOrdID(11) that we gave
  broker_order_id TEXT NOT NULL,    -- the broker's OrderID(37)
  text TEXT NOT NULL,               -- Text(58) of the last report; from outside
  entered_ns BIGINT NOT NULL,
  updated_ns BIGINT NOT NULL,
  journal_index BIGINT NOT NULL     -- of the record that changed it last
);
-- Few indexes, since each costs every row: what filters by client or symbol walks the keys from the newest and soon has
-- its page, and an OrderID names its number.
CREATE INDEX orders_by_account ON orders (account, order_number);
CREATE INDEX orders_open ON orders (order_number) WHERE is_open = 1;
CREATE INDEX orders_by_change ON orders (journal_index);

CREATE TABLE requests (
  request_number BIGINT PRIMARY KEY,
  order_number BIGINT NOT NULL,
  kind TEXT NOT NULL,               -- new, replace, cancel
  origin TEXT NOT NULL,             -- client, operator, scope_state, disconnect
  cl_ord_id TEXT NOT NULL,
  orig_cl_ord_id TEXT NOT NULL,
  status TEXT NOT NULL,             -- pending, accepted, rejected
  order_qty BIGINT,
  price BIGINT,
  time_ns BIGINT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX requests_by_order ON requests (order_number, request_number);

-- Cancels and replaces that we refused ourselves; they have no request number.
CREATE TABLE refusals (
  journal_index BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  order_number BIGINT,
  kind TEXT NOT NULL,
  session TEXT NOT NULL,
  cl_ord_id TEXT NOT NULL,
  orig_cl_ord_id TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  time_ns BIGINT NOT NULL,
  PRIMARY KEY (journal_index, seq)
);
CREATE INDEX refusals_by_order ON refusals (order_number);

CREATE TABLE executions (
  execution_number BIGINT PRIMARY KEY,
  exec_id TEXT NOT NULL,            -- ExecID(17) towards the client
  order_number BIGINT,              -- absent: in suspense, a report for no order of ours
  order_id TEXT NOT NULL,
  client TEXT NOT NULL,
  account TEXT NOT NULL,
  cl_ord_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  exec_type TEXT NOT NULL,
  ord_status TEXT NOT NULL,
  last_qty BIGINT NOT NULL,
  last_px BIGINT,
  cum_qty BIGINT NOT NULL,
  leaves_qty BIGINT NOT NULL,
  refers_to BIGINT,                 -- the execution that is busted or corrected
  applied BIGINT NOT NULL,          -- 0: repeated, nothing changed
  late BIGINT NOT NULL,             -- 1: the order was over already
  broker TEXT NOT NULL,
  broker_exec_id TEXT NOT NULL,
  broker_order_id TEXT NOT NULL,
  text TEXT NOT NULL,
  time_ns BIGINT NOT NULL,
  journal_index BIGINT NOT NULL
);
CREATE INDEX executions_by_order ON executions (order_number, execution_number);
CREATE INDEX executions_by_account ON executions (account, execution_number);
CREATE INDEX executions_by_change ON executions (journal_index);

CREATE TABLE decisions (
  decision BIGINT PRIMARY KEY,
  journal_index BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  order_number BIGINT,
  order_id TEXT NOT NULL,
  client TEXT NOT NULL,
  account TEXT NOT NULL,
  symbol TEXT NOT NULL,
  cl_ord_id TEXT NOT NULL,
  msg_type TEXT NOT NULL,           -- D, G, F
  outcome TEXT NOT NULL,            -- accepted, rejected
  code TEXT NOT NULL,
  control TEXT NOT NULL,            -- the one that refused
  text TEXT NOT NULL,
  limits_version BIGINT NOT NULL,
  market_version BIGINT NOT NULL,
  checks TEXT NOT NULL              -- JSON: [[control, scope, id, usage, delta, limit, passed], …], figures raw
) /* PostgreSQL: WITH (toast_tuple_target = 8160) */;
CREATE INDEX decisions_by_order ON decisions (order_number);
CREATE INDEX decisions_by_account ON decisions (account, decision);

-- What was executed, by account and symbol; account '' is suspense.
CREATE TABLE positions (
  account TEXT NOT NULL,
  symbol TEXT NOT NULL,
  client TEXT NOT NULL,
  quantity BIGINT NOT NULL,         -- base units, signed
  term_amount BIGINT NOT NULL,      -- term currency, signed
  traded BIGINT NOT NULL,           -- risk currency
  journal_index BIGINT NOT NULL,
  PRIMARY KEY (account, symbol)
);

CREATE TABLE alerts (
  alert BIGINT PRIMARY KEY,
  severity TEXT NOT NULL,
  kind TEXT NOT NULL,
  order_number BIGINT,
  order_id TEXT NOT NULL,
  session TEXT NOT NULL,
  text TEXT NOT NULL,
  raised_ns BIGINT NOT NULL,
  acknowledged_by TEXT NOT NULL,
  acknowledged_ns BIGINT,
  journal_index BIGINT NOT NULL
);

-- What persons did, and what changed the conditions of trading.
CREATE TABLE audit (
  journal_index BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  actor TEXT NOT NULL,              -- the user; empty: the gateway itself
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (journal_index, seq)
);
