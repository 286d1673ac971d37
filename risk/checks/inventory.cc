#include "risk/checks/inventory.h"

namespace portcullis::risk {
namespace {

using enum order::Control;

// Rules: 15c3-5 is the SEC's market access rule, RTS 6 Commission Delegated Regulation (EU) 2017/589.
constexpr ControlText kInventory[] = {
    {.id = kA1,
     .name = "state",
     .what = "anything that takes risk when a scope of the order is block_new, cancel or killed; in reduce_only, what "
             "does not bring the account's position in the instrument nearer to zero, open orders included",
     .formula = "strongest state of all scopes <= what the order may pass",
     .scopes = "firm, group, client, account, session, trader, instrument, currency, broker",
     .limits = "-",
     .level = "latch",
     .codes = "16",
     .source = "15c3-5(c)(2), RTS 6 Art. 12",
     .test = "tests/risk/controls_test.cc: A1"},
    {.id = kA2,
     .name = "permissions",
     .what =
         "an unknown symbol; an account that is unknown or another client's (told in the same words); an instrument, "
         "or a side of it, that risk.clients, accounts, groups or traders do not permit; in an instrument of "
         "risk.restricted, what does not bring the account's position nearer to zero, open orders included",
     .formula = "each scope that states permissions has one for instrument and side, of a swap for both sides",
     .scopes = "group, client, account, trader, instrument",
     .limits = "-",
     .level = "hard",
     .codes = "9, 10, 8",
     .source = "15c3-5(c)(2), RTS 6 Art. 15(5)",
     .test = "tests/risk/controls_test.cc: A2"},
    {.id = kA3,
     .name = "types",
     .what =
         "an order type or time in force that some scope does not allow; a limit order without Price(44), a stop "
         "without StopPx(99), a swap without Price2(640); a swap of what does not deliver two currencies; a value of "
         "ExecInst(18) or OrderCapacity(528) that clients[].exec_inst or order_capacity does not list",
     .formula = "type in the set of every scope",
     .scopes = "all",
     .limits = "order_types, times_in_force",
     .level = "hard",
     .codes = "11, 6",
     .source = "FIX risk guidelines",
     .test = "tests/risk/controls_test.cc: A3"},
    {.id = kA6,
     .name = "value date",
     .what =
         "an order without a value date (a currency without a calendar, a SettlType(63) that is no tenor), on a day "
         "on which the pair does not settle, before the trade date or too far away; a broken date where the "
         "instrument takes none; a swap whose far leg has no date or does not settle last; an NDF without a fixing "
         "date",
     .formula = "last value date - trade date <= limit, in days",
     .scopes = "all",
     .limits = "max_tenor_days",
     .level = "hard",
     .codes = "11",
     .source = "FX Global Code, principle 41",
     .test = "tests/risk/value_date_test.cc: A6"},
    {.id = kC3,
     .name = "repeated executions",
     .what = "everything of one session in one instrument and direction, once so many of its orders there have had an "
             "execution; until two persons re-arm it",
     .formula = "orders with an execution since it was armed + 1 <= limit",
     .scopes = "firm, client, account (of a session), trader",
     .limits = "repeated_executions",
     .level = "latch",
     .codes = "15",
     .source = "RTS 6 Art. 15(3)",
     .test = "tests/gateway/latches_test.cc: No41"},
    {.id = kC1,
     .name = "throttle",
     .what = "a D or G that finds no token; an F takes a token when there is one and is never refused",
     .formula = "messages <= rate over time, with a burst",
     .scopes = "session",
     .limits = "-",
     .level = "hard",
     .codes = "14",
     .source = "RTS 6 Art. 15(1)(d), RTS 7 Art. 18",
     .test = "tests/risk/controls_test.cc: C1"},
    {.id = kB2,
     .name = "order notional",
     .what = "a dealt amount above the limit, in the risk currency; before it, what cannot be valued: a quantity of "
             "zero or less, no current rate of both currencies, no current quote where one is needed, amounts past 64 "
             "bits",
     .formula = "dealt amount x rate <= limit",
     .scopes = "all",
     .limits = "max_order_notional",
     .level = "soft, hard",
     .codes = "1, 2, 3, 6",
     .source = "15c3-5(c)(1)(ii), RTS 6 Art. 15(1)(b)",
     .test = "tests/risk/examples_test.cc: No03"},
    {.id = kB1,
     .name = "order quantity",
     .what = "a price off the tick, a quantity off the step or below the minimum; more base units than allowed in one "
             "order",
     .formula = "base quantity <= limit",
     .scopes = "all",
     .limits = "max_order_quantity",
     .level = "soft, hard",
     .codes = "4, 1, 2",
     .source = "15c3-5(c)(1)(ii), RTS 6 Art. 15(1)(c)",
     .test = "tests/risk/controls_test.cc: B1"},
    {.id = kB3,
     .name = "price collar",
     .what =
         "a buy above, or a sell below, the middle of a fresh quote by more than the collar; Price(44) and "
         "StopPx(99) alike, of a swap the price of each leg; everything while there is no fresh quote, but for limit "
         "prices where the instrument's collar_without_data says so; a quote wider than max_spread_percent is as good "
         "as none; tells of a limit price that is further behind the market than passive_band_percent",
     .formula = "buy: price <= mid x (1 + c); sell: price >= mid x (1 - c); (ask - bid) / mid <= max spread; told: "
                "|price - mid| / mid > band on the passive side",
     .scopes = "all; of the spread firm, instrument; of the band all but currency",
     .limits = "price_collar_percent, max_spread_percent, passive_band_percent",
     .level = "soft, hard",
     .codes = "5, 6",
     .source = "15c3-5(c)(1)(ii), RTS 6 Art. 15(1)(a)",
     .test = "tests/risk/controls_test.cc: B3"},
    {.id = kA4,
     .name = "duplicate ClOrdID",
     .what = "a ClOrdID that the session has used on this trade date",
     .formula = "-",
     .scopes = "session",
     .limits = "-",
     .level = "hard",
     .codes = "12",
     .source = "FIX, ClOrdID(11)",
     .test = "tests/risk/controls_test.cc: A4"},
    {.id = kC2,
     .name = "duplicate orders",
     .what = "one order too many of the same account, instrument, side, type, quantity and price within a time; orders "
             "that were accepted count",
     .formula = "orders alike in the window + 1 <= count",
     .scopes = "firm, client, account, trader",
     .limits = "duplicate_orders",
     .level = "hard",
     .codes = "28",
     .source = "15c3-5(c)(1)(ii)",
     .test = "tests/risk/windows_test.cc: C2"},
    {.id = kD1,
     .name = "open orders",
     .what = "one open order too many",
     .formula = "open orders + 1 <= limit",
     .scopes = "all",
     .limits = "max_open_orders",
     .level = "hard",
     .codes = "7",
     .source = "Eurex working-order limit",
     .test = "tests/risk/controls_test.cc: D1"},
    {.id = kD3,
     .name = "worst-case position",
     .what = "a position above the limit if everything open on one side were filled, per instrument in base units",
     .formula = "position + open buys <= long limit; open sells - position <= short limit",
     .scopes = "all",
     .limits = "max_long_position, max_short_position",
     .level = "hard",
     .codes = "7",
     .source = "RTS 6 Art. 17(4), CME GC2",
     .test = "tests/risk/examples_test.cc: No07"},
    {.id = kD4,
     .name = "currency position",
     .what = "a net position in one currency above the limit if everything open on one side were filled; the risk "
             "currency is left out",
     .formula = "max(|position + in|, |position - out|) x rate <= limit",
     .scopes = "firm, group, client, account, session, trader, broker, currency",
     .limits = "max_currency_position",
     .level = "hard",
     .codes = "7, 6",
     .source = "MarketFactory's limit per currency",
     .test = "tests/risk/net_position_test.cc: D4"},
    {.id = kD5,
     .name = "net open position",
     .what = "an aggregate net open position above the limit, over all currencies but the risk currency",
     .formula = "max(sum of max(0, position + in) x rate, sum of max(0, out - position) x rate) <= limit",
     .scopes = "firm, group, client, account, session, trader, broker",
     .limits = "max_net_open_position",
     .level = "hard",
     .codes = "7, 6",
     .source = "BIS shorthand method",
     .test = "tests/risk/net_position_test.cc: D5"},
    {.id = kD6,
     .name = "daily settlement",
     .what = "more to be received on the order's value date than allowed; an order whose value date nobody knows",
     .formula = "sum over currencies of (max(0, net received) + open receivable) x rate <= limit",
     .scopes = "firm, group, client, account, broker",
     .limits = "max_daily_settlement",
     .level = "hard",
     .codes = "7, 6, 11",
     .source = "daily settlement limit of FX prime brokerage",
     .test = "tests/risk/value_date_test.cc: D6"},
    {.id = kD2,
     .name = "gross open",
     .what = "open orders of more value than allowed, without netting",
     .formula = "sum of reserved notionals + order's <= limit",
     .scopes = "all",
     .limits = "max_gross_open_notional",
     .level = "hard",
     .codes = "7",
     .source = "15c3-5(c)(1)(i)",
     .test = "tests/risk/controls_test.cc: D2"},
    {.id = kD7,
     .name = "daily volume",
     .what =
         "more traded on one day and open than allowed, without netting, a reducing order included; and its twin in "
         "base units of one instrument",
     .formula = "traded today + open + order's <= limit",
     .scopes = "all",
     .limits = "max_daily_volume, max_daily_quantity",
     .level = "hard",
     .codes = "7",
     .source = "Nasdaq's accumulated value",
     .test = "tests/risk/net_position_test.cc: D7"},
    {.id = kD8,
     .name = "credit",
     .what =
         "more than may be open and executed for one client, each instrument as if every open order of its worse side "
         "were filled, with an add-on for what settles late; clients do not net with each other; or at one broker, "
         "where all that is there nets",
     .formula = "sum of max(position + open buys, open sells - position) x rate + sum of settlement x percent of its "
                "tenor <= limit",
     .scopes = "firm, client, broker",
     .limits = "max_credit",
     .level = "hard",
     .codes = "7",
     .source = "15c3-5(c)(1)(i)",
     .test = "tests/scenarios/risk_credit_test.cc: D8"},
    {.id = kD10,
     .name = "self-cross",
     .what = "an order that could trade with a resting one of the same client, where clients[].self_cross says so; "
             "`warn` takes it and raises an alert",
     .formula = "buy: price < lowest own sell; sell: price > highest own buy",
     .scopes = "client",
     .limits = "-",
     .level = "hard, soft",
     .codes = "8",
     .source = "self-match prevention of exchanges",
     .test = "tests/scenarios/risk_credit_test.cc: D10"},
    {.id = kD9,
     .name = "broker's line",
     .what =
         "an order that the state or a limit of the broker which is to take it forbids; the next broker of the rule "
         "is tried",
     .formula = "that of A1, A3, A6, B1, B2, B3, D1 to D8 at the broker",
     .scopes = "broker",
     .limits = "-",
     .level = "hard",
     .codes = "that of the control",
     .source = "FX Global Code, principle 41",
     .test = "tests/risk/controls_test.cc: ABrokersFullLine"},
    {.id = kA5,
     .name = "stale order",
     .what = "an order that is older than its session allows, by TransactTime(60) or SendingTime(52); a possible "
             "duplicate of more than 30 seconds",
     .formula = "now - time of the order <= max_order_age_s",
     .scopes = "session",
     .limits = "-",
     .level = "hard",
     .codes = "13",
     .source = "FIX, SendingTime(52)",
     .test = "tests/scenarios/reliability_test.cc: AnHourOldPossDup"},
    {.id = kB4,
     .name = "price drift",
     .what = "everything new in an instrument whose market has moved too far since the first order of a window; off "
             "unless risk.breakers.price_drift gives a percentage",
     .formula = "|mid now - mid at the first order of the window| <= percent of it",
     .scopes = "instrument",
     .limits = "-",
     .level = "latch",
     .codes = "16",
     .source = "RTS 6 Art. 15(1)(a)",
     .test = "tests/gateway/breakers_test.cc: B4"},
    {.id = kC4,
     .name = "ratios",
     .what = "nothing: says when a session cancels too many of its orders, or sends too many messages for each "
             "execution; off unless risk.breakers.ratios gives a ratio",
     .formula = "cancels / orders, messages / executions of the day <= limit",
     .scopes = "session",
     .limits = "-",
     .level = "soft",
     .codes = "-",
     .source = "RTS 9",
     .test = "tests/gateway/breakers_test.cc: C4"},
    {.id = kE1,
     .name = "daily loss",
     .what =
         "what does not reduce a position, once the day's realised and unrealised loss has reached the limit, or what "
         "was lost since the day's peak (or everything new, by risk.breakers.daily_loss)",
     .formula = "-(cash of executions + positions at bid or ask), in the risk currency < limit; peak - profit < limit",
     .scopes = "firm, client, account, trader, broker",
     .limits = "max_daily_loss, max_drawdown",
     .level = "soft, latch",
     .codes = "16",
     .source = "15c3-5(c)(1)(i)",
     .test = "tests/gateway/breakers_test.cc: No39"},
    {.id = kF1,
     .name = "rejects and silence",
     .what =
         "says, or blocks the scope by risk.breakers: most of a session's messages refused by us, too many executions "
         "in a time, messages far above its throttle for seconds; a broker that rejects too much, leaves requests "
         "unanswered, or answers late",
     .formula = "share or count within the window <= limit",
     .scopes = "session, broker",
     .limits = "-",
     .level = "soft, latch",
     .codes = "16",
     .source = "FIA risk controls",
     .test = "tests/gateway/breakers_test.cc: F1"},
    {.id = kF2,
     .name = "infrastructure",
     .what = "says, or blocks the scope by risk.breakers: a journal that lags, a clock that was stepped, dead rates, a "
             "broker that does not tell its orders, a full disk",
     .formula = "-",
     .scopes = "firm, broker",
     .limits = "-",
     .level = "soft, latch",
     .codes = "16",
     .source = "RTS 6 Art. 17(3)",
     .test = "tests/gateway/breakers_test.cc: F2"},
};

}  // namespace

std::span<const ControlText> inventory() {
  return kInventory;
}

const ControlText* find_control_text(order::Control id) {
  for (const ControlText& text : kInventory) {
    if (text.id == id) return &text;
  }
  return nullptr;
}

std::string inventory_markdown() {
  std::string text =
      "| Control | Refuses | Passes when | Scopes | Limits | Level | Code | Source | Tests |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const ControlText& control : kInventory) {
    text.append("| ").append(to_string(control.id)).append(" ").append(control.name);
    for (const std::string_view column : {control.what, control.formula, control.scopes}) {
      text.append(" | ").append(column);
    }
    text.append(" | ");
    if (control.limits == "-") {
      text += '-';
    } else {
      text += '`';
      for (const char c : control.limits) c == ',' ? text.append("`,") : c == ' ' ? text.append(" `") : text += c;
      text += '`';
    }
    for (const std::string_view column : {control.level, control.codes, control.source}) {
      text.append(" | ").append(column);
    }
    const std::size_t colon = control.test.find(": ");
    text.append(" | `").append(control.test.substr(0, colon)).append("`: ").append(control.test.substr(colon + 2));
    text.append("… |\n");
  }
  return text;
}

}  // namespace portcullis::risk
