#include "app/what_if.h"

#include <boost/json.hpp>
#include <optional>

#include "app/control_figure.h"
#include "app/recorded_input.h"
#include "gateway/core.h"
#include "persistence/blotter/tables.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

std::string name_of(const gateway::NameTable& names, std::uint32_t id) {
  return id < names.size() ? std::string(names[id].name.view()) : std::string();
}

std::string name_of(const gateway::State& state, order::Scope scope, std::uint32_t id) {
  switch (scope) {
    case order::Scope::kFirm:
      return "firm";
    case order::Scope::kClient:
      return name_of(state.clients, id);
    case order::Scope::kAccount:
      return name_of(state.accounts, id);
    case order::Scope::kSession:
      return name_of(state.session_names, id);
    case order::Scope::kBroker:
      return name_of(state.brokers, id);
    case order::Scope::kInstrument:
      return name_of(state.instruments, id);
    case order::Scope::kCurrency:
      return name_of(state.currencies, id);
    case order::Scope::kGroup:
      return name_of(state.groups, id);
    case order::Scope::kTrader:
      return name_of(state.traders, id);
    default:
      return std::to_string(id);
  }
}

WhatIfDifference difference_of(const gateway::State& state, const gateway::Input& input,
                               const gateway::Shadow::Decision& live, const gateway::Shadow::Decision& shadow) {
  WhatIfDifference d;
  const fix::ScannedMessage& message = *input.deliver;
  d.time_ns = input.now.ns();
  d.msg_type = message.header().msg_type.empty() ? '?' : message.header().msg_type.front();
  d.client = name_of(state.clients, state.sessions[input.session.value()].client.value());
  d.account = persistence::clean_text(message.find(1));
  d.symbol = persistence::clean_text(message.find(55));
  d.cl_ord_id = persistence::clean_text(message.find(11));
  d.live_accepts = live.code == order::RejectCode::kNone;
  const gateway::Shadow::Decision& refusal = d.live_accepts ? shadow : live;
  d.control = to_string(refusal.control);
  d.code = to_string(refusal.code);
  if (refusal.check.control == refusal.control) {
    d.scope = to_string(refusal.check.scope);
    d.id = name_of(state, refusal.check.scope, refusal.check.node);
    d.usage = control_figure(d.control, refusal.check.usage);
    d.delta = control_figure(d.control, refusal.check.delta);
    d.limit = control_figure(d.control, refusal.check.limit);
  }
  return d;
}

bool accepts(const gateway::Shadow::Decision& decision) {
  return decision.code == order::RejectCode::kNone;
}

}  // namespace

Result<WhatIfReport> replay_with_limits(const std::string& journal_directory, const config::RiskSection& limits,
                                        const std::function<void(const WhatIfDifference&)>& tell) {
  auto opened = persistence::JournalReader::open_whole(persistence::posix_file_system(), journal_directory);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  gateway::Core core;
  RecordedInput recorded;
  WhatIfReport report;
  while (true) {
    auto next = reader.next();
    if (!next) return next.error();
    if (!*next) return report;
    const auto record = gateway::read_record((*next)->content_version, (*next)->payload);
    if (!record) return Error{reader.place_of(**next) + ": " + record.error().what};
    ++report.records;
    const gateway::InputKind kind = record->header().kind;
    const bool asked = kind == gateway::InputKind::kMessage && (record->header().flags & gateway::kDelivered) != 0;
    const bool whole = (asked || kind == gateway::InputKind::kConfigure) && recorded.read(*record);
    if (kind == gateway::InputKind::kConfigure && !whole) {
      return Error{reader.place_of(**next) + ": its configuration cannot be read by this version"};
    }
    if (asked && whole) {
      const auto happened = gateway::decision_in(record->events());
      const auto would = core.what_if(recorded.input().session, *recorded.input().deliver, recorded.input().now);
      if (happened && would.live && would.shadow) {
        ++report.decided;
        if (would.live->code != happened->code) {
          ++report.passed_over;
        } else if (accepts(*would.live) != accepts(*would.shadow)) {
          ++(accepts(*would.live) ? report.would_refuse : report.would_accept);
          WhatIfDifference told = difference_of(core.state(), recorded.input(), *would.live, *would.shadow);
          told.journal_index = (*next)->position.index;
          tell(told);
        }
      }
    }
    if (auto applied = core.replay(*record); !applied) {
      return Error{reader.place_of(**next) + ": " + applied.error().what};
    }
    if (kind == gateway::InputKind::kConfigure) core.set_up_folded(recorded.configuration(), limits);
  }
}

std::string to_text(const WhatIfDifference& d) {
  std::string text = std::to_string(d.journal_index) + "  " + to_iso(UtcTime::from_ns(d.time_ns)) + "  " + d.client +
                     " " + std::string(1, d.msg_type) + " " + d.cl_ord_id + " " + d.symbol;
  if (!d.account.empty()) text += " for " + d.account;
  text += d.live_accepts ? ": was accepted, would be refused by " : ": would be accepted, was refused by ";
  text += d.control + " (" + d.code + ")";
  if (!d.scope.empty()) {
    text += " at " + d.scope + " " + d.id + ": usage " + d.usage + ", delta " + d.delta + ", limit " + d.limit;
  }
  return text;
}

std::string to_json(const WhatIfDifference& d) {
  boost::json::object json{{"journal_index", d.journal_index},
                           {"time", to_iso(UtcTime::from_ns(d.time_ns))},
                           {"msg_type", std::string(1, d.msg_type)},
                           {"client", d.client},
                           {"account", d.account},
                           {"symbol", d.symbol},
                           {"cl_ord_id", d.cl_ord_id},
                           {"live", d.live_accepts ? "accepted" : "rejected"},
                           {"shadow", d.live_accepts ? "rejected" : "accepted"},
                           {"control", d.control},
                           {"code", d.code}};
  if (!d.scope.empty()) {
    json["scope"] = d.scope;
    json["id"] = d.id;
    json["usage"] = d.usage;
    json["delta"] = d.delta;
    json["limit"] = d.limit;
  }
  return boost::json::serialize(json);
}

}  // namespace portcullis::app
