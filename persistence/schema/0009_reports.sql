-- The reports of docs/reports.md as views, with the same columns on both engines. Thousandths are of a limit. Dates are
-- UTC, YYYY-MM-DD. What is asked of decisions that no ordinary one has is asked of their table, whose indexes have it.

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
         utilisation AS worst_percent, COALESCE(scope, '') AS worst_scope, COALESCE(node, '') AS worst_node, usage_before AS worst_usage,
         delta AS worst_delta, limit_value AS worst_limit,
         COALESCE(order_id, '') AS worst_order_id, cl_ord_id AS worst_cl_ord_id,
         decision AS worst_decision
  FROM decision_rows WHERE outcome = 'rejected') ranked
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
SELECT time_ns, client, account, symbol, cl_ord_id, COALESCE(order_id, '') AS order_id, msg_type, outcome, code, control, COALESCE(market, '') AS market, quote_age_ns,
       base_rate_age_ns, term_rate_age_ns, COALESCE(text, '') AS text, decision
FROM decision_rows WHERE market IS NOT NULL OR code = 'no_price';

CREATE VIEW report_throttle_and_repeated_executions AS
SELECT time_ns, client, COALESCE(session, '') AS session, account, COALESCE(trader, '') AS trader, symbol, cl_ord_id, COALESCE(order_id, '') AS order_id, msg_type, control, code, COALESCE(scope, '') AS scope, COALESCE(node, '') AS node,
       usage_before, limit_value, COALESCE(text, '') AS text, decision
FROM decision_rows WHERE outcome = 'rejected' AND (control IN ('C1', 'C2', 'C3') OR code = 'throttled');

CREATE VIEW report_restricted_hits AS
SELECT time_ns, client, COALESCE(session, '') AS session, account, COALESCE(trader, '') AS trader, symbol, COALESCE(side, '') AS side, order_qty, price, cl_ord_id, COALESCE(order_id, '') AS order_id, control, code, COALESCE(text, '') AS text,
       decision
FROM decision_rows WHERE outcome = 'rejected' AND (control = 'A2' OR code = 'not_permitted');

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
SELECT time_ns, override_id, client, account, symbol, COALESCE(side, '') AS side, order_qty, price, cl_ord_id, COALESCE(order_id, '') AS order_id, control, decision
FROM decision_rows WHERE override_id IS NOT NULL;

CREATE VIEW report_soft_breaches AS
SELECT raised_ns AS time_ns, kind, severity, session AS subject, text, acknowledged_by, acknowledged_ns,
       acknowledged_ns - raised_ns AS until_acknowledged_ns, alert
FROM alerts WHERE kind IN ('limit_level', 'breaker', 'control_latched');

CREATE VIEW report_shadow AS
SELECT s.time_ns AS time_ns, d.client AS client, d.account AS account, d.symbol AS symbol, COALESCE(d.side, '') AS side,
       d.order_qty AS order_qty, d.price AS price, d.cl_ord_id AS cl_ord_id, COALESCE(d.order_id, '') AS order_id,
       d.msg_type AS msg_type, s.live AS live, s.shadow AS shadow, s.control AS control, s.scope AS scope,
       s.node AS node, s.usage_before AS usage_before, s.delta AS delta, s.limit_value AS limit_value,
       s.decision AS decision
FROM shadow_decisions s JOIN decisions d ON d.decision = s.decision;
