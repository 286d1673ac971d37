-- The blotter. For SQLite and PostgreSQL alike: BIGINT and TEXT only, and no NULL but where a price or
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
  journal_index BIGINT NOT NULL,    -- of the record that changed it last
  decision BIGINT,                  -- the one that accepted or refused it
  last_execution BIGINT,            -- the newest; each names the one before it
  request_number BIGINT,            -- of its NewOrderSingle; absent where `requests` has a row of that
  request_status TEXT NOT NULL      -- of the same: pending, accepted, rejected
);
-- Few indexes, since each costs every row. What filters by client or symbol walks the keys from the newest and soon has
-- its page; by account or time it finds the blocks below; an OrderID names its number; an order's executions and decisions
-- are found from its row.
CREATE INDEX orders_open ON orders (order_number) WHERE is_open = 1;

-- What was asked for under an order, where the order's own row does not tell: cancels and replaces, and the order itself
-- once there was one of them, once its terms have changed, or when we refused it. All of them: all_requests.
CREATE TABLE requests (
  order_number BIGINT NOT NULL,
  request_number BIGINT NOT NULL,   -- counts through all orders
  kind TEXT NOT NULL,               -- new, replace, cancel
  origin TEXT NOT NULL,             -- client, operator, scope_state, disconnect
  cl_ord_id TEXT NOT NULL,
  orig_cl_ord_id TEXT NOT NULL,
  status TEXT NOT NULL,             -- pending, accepted, rejected
  order_qty BIGINT,
  price BIGINT,
  time_ns BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (order_number, request_number)
) /* SQLite: WITHOUT ROWID */;

CREATE VIEW all_requests AS
SELECT order_number, request_number, kind, origin, cl_ord_id, orig_cl_ord_id, status, order_qty, price, time_ns, text
FROM requests
UNION ALL
SELECT order_number, request_number, 'new', 'client', cl_ord_id, '', request_status, order_qty, price, entered_ns, ''
FROM orders WHERE request_number IS NOT NULL;

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

-- Read as `executions`. An ordinary execution is one of the order's own broker that moved the order as it came, before any
-- cancel or replace: what the order's row tells for good, its first ClOrdID and what is the same for all of them is NULL.
CREATE TABLE execution_rows (
  execution_number BIGINT PRIMARY KEY,
  exec_id TEXT NOT NULL,            -- ExecID(17) towards the client
  order_number BIGINT,              -- absent: in suspense, a report for no order of ours
  account TEXT NOT NULL,            -- also of an ordinary one, since pages are asked for by it
  exec_type TEXT NOT NULL,
  ord_status TEXT NOT NULL,
  last_qty BIGINT NOT NULL,
  last_px BIGINT,
  cum_qty BIGINT NOT NULL,
  leaves_qty BIGINT NOT NULL,
  broker_exec_id TEXT NOT NULL,
  broker_order_id TEXT NOT NULL,
  text TEXT,                        -- NULL: none
  time_ns BIGINT NOT NULL,
  journal_index BIGINT NOT NULL,
  journal_offset BIGINT NOT NULL,   -- global, of the record's frame
  previous_execution BIGINT,        -- of the same order
  -- NULL in an ordinary row.
  cl_ord_id TEXT,                   -- NULL: that of the NewOrderSingle
  order_id TEXT,                    -- NULL: an ordinary one; empty: of no order
  client TEXT,
  symbol TEXT,
  side TEXT,
  refers_to BIGINT,                 -- the execution that is busted or corrected
  applied BIGINT,                   -- 0: repeated, nothing changed; of an ordinary one 1
  late BIGINT,                      -- 1: the order was over already; of an ordinary one 0
  broker TEXT
);

CREATE VIEW executions AS
SELECT e.execution_number AS execution_number, e.exec_id AS exec_id, e.order_number AS order_number,
       COALESCE(e.order_id, o.order_id) AS order_id, COALESCE(e.client, o.client) AS client,
       e.account AS account,
       COALESCE(e.cl_ord_id, CASE WHEN o.request_number IS NOT NULL THEN o.cl_ord_id
                                   ELSE (SELECT r.cl_ord_id FROM requests r
                                         WHERE r.order_number = e.order_number AND r.kind = 'new') END) AS cl_ord_id,
       COALESCE(e.symbol, o.symbol) AS symbol,
       COALESCE(e.side, o.side) AS side, e.exec_type AS exec_type, e.ord_status AS ord_status, e.last_qty AS last_qty,
       e.last_px AS last_px, e.cum_qty AS cum_qty, e.leaves_qty AS leaves_qty, e.refers_to AS refers_to,
       COALESCE(e.applied, 1) AS applied, COALESCE(e.late, 0) AS late, COALESCE(e.broker, o.broker) AS broker,
       e.broker_exec_id AS broker_exec_id, e.broker_order_id AS broker_order_id, COALESCE(e.text, '') AS text,
       e.time_ns AS time_ns, e.journal_index AS journal_index, e.journal_offset AS journal_offset,
       e.previous_execution AS previous_execution
FROM execution_rows e LEFT JOIN orders o ON o.order_number = e.order_number AND e.order_id IS NULL;

-- The whole decision record: what decided, on what, with which figures. Texts that the message does not say are NULL. Read
-- as `decisions`. The ordinary decision accepts a NewOrderSingle of whose market all is known: what its order's row tells for
-- good, its first ClOrdID and what is the same for all of them is NULL.
CREATE TABLE decision_rows (
  decision BIGINT PRIMARY KEY,
  journal_index BIGINT NOT NULL,
  journal_offset BIGINT NOT NULL,   -- global, of the record's frame
  time_ns BIGINT NOT NULL,
  order_number BIGINT,
  account TEXT NOT NULL,            -- also of an ordinary one, since pages are asked for by it
  trader TEXT,
  strategy TEXT,
  manual TEXT,                      -- ManualOrderIndicator(1028): Y, N
  currency TEXT,                    -- the dealt one
  order_qty BIGINT,                 -- of the dealt currency, as price and all terms: those asked for
  price BIGINT,
  stop_px BIGINT,
  ord_type TEXT,
  time_in_force TEXT,
  value_date TEXT,                  -- YYYY-MM-DD, or the SettlType(63)
  message_size BIGINT NOT NULL,     -- of the client's bytes, which begin the record behind its head
  message_hash BIGINT NOT NULL,     -- XXH3-64 of those bytes
  limits_version BIGINT NOT NULL,
  market_version BIGINT NOT NULL,
  quote_age_ns BIGINT,
  base_rate_age_ns BIGINT,
  term_rate_age_ns BIGINT,
  reserved_base BIGINT,             -- what the order holds from now on
  reserved_term BIGINT,
  reserved_notional BIGINT,
  configuration_index BIGINT NOT NULL,  -- a row of configurations: the program and what it was told
  check_plan BIGINT NOT NULL,       -- a row of check_plans: which checks, and their limits
  checks TEXT NOT NULL,             -- their figures, in that order: docs/blotter.md
  -- NULL in an ordinary row.
  cl_ord_id TEXT,                   -- NULL: that of the NewOrderSingle
  order_id TEXT,
  client TEXT,
  symbol TEXT,
  msg_type TEXT,                    -- D, G, F
  outcome TEXT,                     -- accepted, rejected; NULL: an ordinary one
  code TEXT,
  control TEXT,
  text TEXT,
  session TEXT,
  orig_cl_ord_id TEXT,
  side TEXT,                        -- of the dealt currency
  broker TEXT,                      -- the route; of a cancel, its order's
  market TEXT,                      -- what was wrong with it: no_rate, stale_rate, no_quote
  override_id TEXT,
  date TEXT,                        -- UTC
  scope TEXT,
  node TEXT,
  usage_before BIGINT,
  delta BIGINT,
  limit_value BIGINT,
  utilisation BIGINT                -- of that limit, in thousandths, rounded up
) /* PostgreSQL: WITH (toast_tuple_target = 8160) */;
-- A new order that was accepted is found from its row of orders.
CREATE INDEX decisions_of_requests ON decision_rows (order_number) WHERE msg_type <> 'D' OR outcome = 'rejected';
CREATE INDEX decisions_by_control ON decision_rows (control, decision) WHERE outcome = 'rejected';
CREATE INDEX decisions_of_prices ON decision_rows (time_ns) WHERE market IS NOT NULL OR code = 'no_price';
CREATE INDEX decisions_of_overrides ON decision_rows (time_ns) WHERE override_id IS NOT NULL;

CREATE VIEW decisions AS
SELECT d.decision AS decision, d.journal_index AS journal_index, d.journal_offset AS journal_offset,
       d.time_ns AS time_ns, d.order_number AS order_number, COALESCE(d.order_id, o.order_id) AS order_id,
       COALESCE(d.client, o.client) AS client, d.account AS account,
       COALESCE(d.symbol, o.symbol) AS symbol,
       COALESCE(d.cl_ord_id, CASE WHEN o.request_number IS NOT NULL THEN o.cl_ord_id
                                   ELSE (SELECT r.cl_ord_id FROM requests r
                                         WHERE r.order_number = d.order_number AND r.kind = 'new') END) AS cl_ord_id,
       COALESCE(d.msg_type, 'D') AS msg_type,
       COALESCE(d.outcome, 'accepted') AS outcome, COALESCE(d.code, 'none') AS code,
       COALESCE(d.control, 'core') AS control, d.text AS text, COALESCE(d.session, o.session) AS session,
       d.trader AS trader, d.strategy AS strategy, d.manual AS manual, d.orig_cl_ord_id AS orig_cl_ord_id,
       COALESCE(d.side, o.side) AS side, d.currency AS currency, d.order_qty AS order_qty, d.price AS price,
       d.stop_px AS stop_px, d.ord_type AS ord_type, d.time_in_force AS time_in_force, d.value_date AS value_date,
       COALESCE(d.broker, o.broker) AS broker, d.message_size AS message_size, d.message_hash AS message_hash,
       d.limits_version AS limits_version, d.market_version AS market_version, d.quote_age_ns AS quote_age_ns,
       d.base_rate_age_ns AS base_rate_age_ns, d.term_rate_age_ns AS term_rate_age_ns,
       d.reserved_base AS reserved_base, d.reserved_term AS reserved_term, d.reserved_notional AS reserved_notional,
       d.configuration_index AS configuration_index, d.check_plan AS check_plan, d.checks AS checks,
       d.market AS market, d.override_id AS override_id, d.date AS date, d.scope AS scope, d.node AS node,
       d.usage_before AS usage_before, d.delta AS delta, d.limit_value AS limit_value, d.utilisation AS utilisation
FROM decision_rows d LEFT JOIN orders o ON o.order_number = d.order_number AND d.outcome IS NULL;

-- Which checks decisions made: many decisions have the same ones.
CREATE TABLE check_plans (
  plan BIGINT PRIMARY KEY,          -- follows from the controls, scopes and ids
  checks TEXT NOT NULL              -- JSON: [[control, scope, id, limit, counts as use of a limit], …]
);

-- A coarse index, one row for many: executions and decisions are numbered as they come, so a run of 512 of them holds a
-- stretch of the journal and of time.
CREATE TABLE blocks (
  kind BIGINT NOT NULL,             -- 1: executions, 2: decisions
  block BIGINT NOT NULL,            -- number / 512
  last_index BIGINT NOT NULL,       -- the journal's
  first_ns BIGINT NOT NULL,         -- the least and the greatest time_ns
  last_ns BIGINT NOT NULL,
  PRIMARY KEY (kind, block)
);
CREATE INDEX blocks_by_change ON blocks (kind, last_index);

-- And which accounts stand in a block: one row for all of them, since a row for each cost as much as the block's own rows
-- where a thousand accounts trade.
CREATE TABLE block_accounts (
  kind BIGINT NOT NULL,             -- 0: orders, 1: executions, 2: decisions
  block BIGINT NOT NULL,
  accounts TEXT NOT NULL,           -- the character 1 (SOH, which FIX has between fields) before the first and behind each
  PRIMARY KEY (kind, block)
) /* PostgreSQL: WITH (toast_tuple_target = 8160) */;

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

-- Each configuration that a start or a reload took, and the program that took it.
CREATE TABLE configurations (
  journal_index BIGINT PRIMARY KEY,
  time_ns BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  version TEXT NOT NULL,
  build_id TEXT NOT NULL,
  configuration TEXT NOT NULL,      -- XXH3-64 of the content
  content TEXT NOT NULL             -- as the journal has it: what decides about orders, without secrets
);

-- How near to each limit the decisions of a day came; what a refused order would have used does not count.
CREATE TABLE limit_use (
  date TEXT NOT NULL,
  control TEXT NOT NULL,
  scope TEXT NOT NULL,
  node TEXT NOT NULL,
  checks BIGINT NOT NULL,           -- how often the limit was asked
  refused BIGINT NOT NULL,
  use_sum BIGINT NOT NULL,          -- of thousandths, over all checks
  use_peak BIGINT NOT NULL,         -- thousandths
  peak_usage BIGINT NOT NULL,       -- raw, in the limit's scale, as the limit beside it
  peak_limit BIGINT NOT NULL,
  peak_ns BIGINT NOT NULL,
  PRIMARY KEY (date, control, scope, node)
);

CREATE TABLE limit_changes (
  journal_index BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  scope TEXT NOT NULL,
  node TEXT NOT NULL,
  limit_name TEXT NOT NULL,
  value_before TEXT NOT NULL,       -- what held until then
  value_after TEXT NOT NULL,        -- empty: inherited, or as configured again
  version BIGINT NOT NULL,
  maker TEXT NOT NULL,
  checker TEXT NOT NULL,            -- empty: one person was enough, or time has taken it back
  reason TEXT NOT NULL,
  ticket TEXT NOT NULL,
  until_ns BIGINT,                  -- of a temporary change
  reverted BIGINT NOT NULL,         -- 1: time has taken back a temporary change
  PRIMARY KEY (journal_index, seq)
);

-- States of scopes, and what else belongs to the kill timeline.
CREATE TABLE state_changes (
  journal_index BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  kind TEXT NOT NULL,               -- state, mass_cancel, latched, rearmed, drill …
  scope TEXT NOT NULL,
  node TEXT NOT NULL,
  state TEXT NOT NULL,
  control TEXT NOT NULL,            -- of a breaker; empty: a person, or the gateway
  maker TEXT NOT NULL,
  checker TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (journal_index, seq)
);

-- What the core found in its own sums, from time to time.
CREATE TABLE exposure_samples (
  journal_index BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  date TEXT NOT NULL,
  scope TEXT NOT NULL,
  node TEXT NOT NULL,
  gross_open BIGINT NOT NULL,       -- amounts in the risk currency
  net_open_position BIGINT NOT NULL,
  settlement BIGINT NOT NULL,       -- of the value date with the most
  settlement_date TEXT NOT NULL,
  traded BIGINT NOT NULL,
  open_orders BIGINT NOT NULL,
  PRIMARY KEY (journal_index, seq)
);
CREATE INDEX exposure_samples_by_date ON exposure_samples (date, scope, node);

-- Who may act, as each start and reload was configured.
CREATE TABLE operators (
  journal_index BIGINT NOT NULL,
  name TEXT NOT NULL,
  time_ns BIGINT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (journal_index, name)
);

-- In which other records of the journal an order stands than those of its decisions and executions: its dossier is read
-- from all of them.
CREATE TABLE order_records (
  order_number BIGINT NOT NULL,
  journal_index BIGINT NOT NULL,
  journal_offset BIGINT NOT NULL,   -- global, of the record's frame
  PRIMARY KEY (order_number, journal_index)
) /* SQLite: WITHOUT ROWID */;
CREATE INDEX order_records_by_change ON order_records (journal_index);

-- Decisions that the shadow limits would have made otherwise.
CREATE TABLE shadow_decisions (
  decision BIGINT PRIMARY KEY,
  journal_index BIGINT NOT NULL,
  time_ns BIGINT NOT NULL,
  live TEXT NOT NULL,               -- accepted, rejected
  shadow TEXT NOT NULL,
  control TEXT NOT NULL,            -- that refuses, in the one or the other
  scope TEXT NOT NULL,
  node TEXT NOT NULL,
  usage_before BIGINT NOT NULL,     -- under the shadow limits, raw
  delta BIGINT NOT NULL,
  limit_value BIGINT NOT NULL
);
