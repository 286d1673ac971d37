-- The whole decision record: what decided, on what, with which figures. Decisions that an older version has projected keep
-- the defaults; `portcullis blotter rebuild` makes their columns from the journal.

ALTER TABLE decisions ADD COLUMN session TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN trader TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN strategy TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN manual TEXT NOT NULL DEFAULT '';             -- ManualOrderIndicator(1028): Y, N
ALTER TABLE decisions ADD COLUMN orig_cl_ord_id TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN side TEXT NOT NULL DEFAULT '';               -- of the dealt currency
ALTER TABLE decisions ADD COLUMN currency TEXT NOT NULL DEFAULT '';           -- the dealt one
ALTER TABLE decisions ADD COLUMN order_qty BIGINT;                            -- of the dealt currency, as price and
ALTER TABLE decisions ADD COLUMN price BIGINT;                                -- all terms: those asked for
ALTER TABLE decisions ADD COLUMN stop_px BIGINT;
ALTER TABLE decisions ADD COLUMN ord_type TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN time_in_force TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN value_date TEXT NOT NULL DEFAULT '';         -- YYYY-MM-DD, or the SettlType(63)
ALTER TABLE decisions ADD COLUMN broker TEXT NOT NULL DEFAULT '';             -- the route; of a cancel, its order's
ALTER TABLE decisions ADD COLUMN message_offset BIGINT NOT NULL DEFAULT 0;    -- of the client's bytes in the journal
ALTER TABLE decisions ADD COLUMN message_size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN message_hash TEXT NOT NULL DEFAULT '';       -- XXH3-64 of those bytes
ALTER TABLE decisions ADD COLUMN scope TEXT NOT NULL DEFAULT '';              -- of the check that refused, else of the
ALTER TABLE decisions ADD COLUMN node TEXT NOT NULL DEFAULT '';               -- one that came nearest to its limit,
ALTER TABLE decisions ADD COLUMN usage_before BIGINT;                         -- and its figures
ALTER TABLE decisions ADD COLUMN delta BIGINT;
ALTER TABLE decisions ADD COLUMN limit_value BIGINT;
ALTER TABLE decisions ADD COLUMN utilisation BIGINT;                          -- of that limit, in thousandths, rounded up
ALTER TABLE decisions ADD COLUMN tightest TEXT NOT NULL DEFAULT '[]';         -- JSON: the three nearest to their limits,
                                                                              -- [[control, scope, id, thousandths], …]
ALTER TABLE decisions ADD COLUMN quote_age_ns BIGINT;
ALTER TABLE decisions ADD COLUMN base_rate_age_ns BIGINT;
ALTER TABLE decisions ADD COLUMN term_rate_age_ns BIGINT;
ALTER TABLE decisions ADD COLUMN reserved_base BIGINT;                        -- what the order holds from now on
ALTER TABLE decisions ADD COLUMN reserved_term BIGINT;
ALTER TABLE decisions ADD COLUMN reserved_notional BIGINT;
ALTER TABLE decisions ADD COLUMN override_id TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN build_id TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN configuration TEXT NOT NULL DEFAULT '';      -- its hash: a row of configurations
CREATE INDEX decisions_by_time ON decisions (time_ns);
CREATE INDEX decisions_by_control ON decisions (control, decision) WHERE control <> '';

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
