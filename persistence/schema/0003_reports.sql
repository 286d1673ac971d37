-- What the reports of docs/reports.md stand on: use of limits, changes of limits and states, sampled exposures, operators,
-- shadow decisions; and the reports themselves as views, with the same columns on both engines. Thousandths are of a
-- limit. Dates are UTC, YYYY-MM-DD.

ALTER TABLE decisions ADD COLUMN date TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN market TEXT NOT NULL DEFAULT '';   -- what was wrong with it: no_rate, stale_rate, no_quote

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

-- In which records of the journal each order stands: its dossier is read from there.
CREATE TABLE order_records (
  order_number BIGINT NOT NULL,
  journal_index BIGINT NOT NULL,
  journal_offset BIGINT NOT NULL,   -- global, of the record's frame
  PRIMARY KEY (order_number, journal_index)
) /* SQLite: WITHOUT ROWID */;

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

CREATE VIEW report_rejects_by_control_and_client AS
SELECT date, client, control, code, rejects, first_ns, last_ns, worst_percent, worst_scope, worst_node, worst_usage,
       worst_delta, worst_limit, worst_order_id, worst_cl_ord_id, worst_decision
FROM (
  SELECT date, client, control, code,
         COUNT(*) OVER (PARTITION BY date, client, control, code) AS rejects,
         MIN(time_ns) OVER (PARTITION BY date, client, control, code) AS first_ns,
         MAX(time_ns) OVER (PARTITION BY date, client, control, code) AS last_ns,
         ROW_NUMBER() OVER (PARTITION BY date, client, control, code
                            ORDER BY COALESCE(utilisation, -1) DESC, decision) AS place,
         utilisation AS worst_percent, scope AS worst_scope, node AS worst_node, usage_before AS worst_usage,
         delta AS worst_delta, limit_value AS worst_limit, order_id AS worst_order_id, cl_ord_id AS worst_cl_ord_id,
         decision AS worst_decision
  FROM decisions WHERE outcome = 'rejected') ranked
WHERE place = 1;

CREATE VIEW report_limit_usage AS
SELECT date, control, scope, node, checks, refused, use_peak AS peak_percent, use_sum / checks AS average_percent,
       peak_usage, peak_limit, peak_ns,
       CASE WHEN use_peak * 10 < 1000 THEN 'over 10 times the peak' ELSE '' END AS flag
FROM limit_use;

CREATE VIEW report_limit_changes AS
SELECT c.time_ns AS time_ns, c.scope AS scope, c.node AS node, c.limit_name AS limit_name,
       c.value_before AS value_before, c.value_after AS value_after, c.version AS version, c.maker AS maker,
       c.checker AS checker, c.reason AS reason, c.ticket AS ticket, c.until_ns AS until_ns,
       CASE WHEN c.reverted = 1 THEN 'reversion' WHEN c.until_ns IS NOT NULL THEN 'temporary' ELSE 'lasting' END AS kind,
       (SELECT MIN(r.time_ns) FROM limit_changes r
        WHERE c.until_ns IS NOT NULL AND c.reverted = 0 AND r.scope = c.scope AND r.node = c.node
          AND r.limit_name = c.limit_name AND r.journal_index > c.journal_index) AS ended_ns,
       c.journal_index AS journal_index, c.seq AS seq
FROM limit_changes c;

CREATE VIEW report_kill_timeline AS
SELECT time_ns, kind, scope, node, state, control, maker, checker, detail,
       CASE WHEN kind = 'state'
            THEN LEAD(time_ns) OVER (PARTITION BY kind, scope, node ORDER BY journal_index, seq) END AS until_ns,
       journal_index, seq
FROM state_changes;

CREATE VIEW report_exposure_peaks AS
SELECT date, scope, node, MAX(gross_open) AS peak_gross_open, MAX(net_open_position) AS peak_net_open_position,
       MAX(settlement) AS peak_settlement, MAX(traded) AS traded, MAX(open_orders) AS peak_open_orders,
       COUNT(*) AS samples
FROM exposure_samples GROUP BY date, scope, node;

CREATE VIEW report_exceptions AS
SELECT raised_ns AS time_ns, kind, order_id, session AS subject, text, severity, acknowledged_by, acknowledged_ns,
       journal_index
FROM alerts
WHERE kind IN ('overfill', 'late_fill', 'duplicate_exec_id', 'exec_id_reused', 'unknown_order_report',
               'impossible_report', 'quantity_mismatch', 'order_unknown', 'unmatched_reject', 'reconciliation_break')
UNION ALL
SELECT time_ns, CASE WHEN exec_type = 'trade_cancel' THEN 'bust' ELSE 'correction' END, order_id, exec_id, text, 'info', '',
       NULL, journal_index
FROM executions WHERE applied = 1 AND exec_type IN ('trade_cancel', 'trade_correct');

CREATE VIEW report_stale_or_missing_prices AS
SELECT time_ns, client, account, symbol, cl_ord_id, order_id, msg_type, outcome, code, control, market, quote_age_ns,
       base_rate_age_ns, term_rate_age_ns, text, decision
FROM decisions WHERE market <> '' OR code = 'no_price';

CREATE VIEW report_throttle_and_repeated_executions AS
SELECT time_ns, client, session, account, trader, symbol, cl_ord_id, order_id, msg_type, control, code, scope, node,
       usage_before, limit_value, text, decision
FROM decisions WHERE outcome = 'rejected' AND (control IN ('C1', 'C2', 'C3') OR code = 'throttled');

CREATE VIEW report_restricted_hits AS
SELECT time_ns, client, session, account, trader, symbol, side, order_qty, price, cl_ord_id, order_id, control, code, text,
       decision
FROM decisions WHERE outcome = 'rejected' AND (control = 'A2' OR code = 'not_permitted');

CREATE VIEW report_access_review AS
SELECT o.name AS name, o.role AS role,
       (SELECT MIN(f.time_ns) FROM operators f WHERE f.name = o.name) AS first_ns,
       (SELECT MIN(f.time_ns) FROM operators f WHERE f.name = o.name AND f.role = o.role) AS role_first_ns,
       CASE WHEN o.journal_index = (SELECT MAX(n.journal_index) FROM operators n) THEN 'present' ELSE 'removed' END AS standing,
       (SELECT COUNT(*) FROM audit a WHERE a.actor = o.name) AS actions,
       (SELECT MAX(a.time_ns) FROM audit a WHERE a.actor = o.name) AS last_action_ns
FROM operators o
WHERE o.journal_index = (SELECT MAX(m.journal_index) FROM operators m WHERE m.name = o.name);

CREATE VIEW report_overrides AS
SELECT time_ns, override_id, client, account, symbol, side, order_qty, price, cl_ord_id, order_id, control, decision
FROM decisions WHERE override_id <> '';

CREATE VIEW report_soft_breaches AS
SELECT raised_ns AS time_ns, kind, severity, session AS subject, text, acknowledged_by, acknowledged_ns,
       acknowledged_ns - raised_ns AS until_acknowledged_ns, alert
FROM alerts WHERE kind IN ('limit_level', 'breaker', 'control_latched');

CREATE VIEW report_shadow AS
SELECT s.time_ns AS time_ns, d.client AS client, d.account AS account, d.symbol AS symbol, d.side AS side,
       d.order_qty AS order_qty, d.price AS price, d.cl_ord_id AS cl_ord_id, d.order_id AS order_id,
       d.msg_type AS msg_type, s.live AS live, s.shadow AS shadow, s.control AS control, s.scope AS scope,
       s.node AS node, s.usage_before AS usage_before, s.delta AS delta, s.limit_value AS limit_value,
       s.decision AS decision
FROM shadow_decisions s JOIN decisions d ON d.decision = s.decision;
