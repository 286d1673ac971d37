#include "app/order_log.h"

#include <algorithm>
#include <chrono>

#include "app/log.h"
#include "gateway/ids.h"
#include "persistence/background.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

constexpr auto kLookPeriod = std::chrono::milliseconds(20);
constexpr int kBatch = 256;
// Between two tries to read what could not be read.
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLastPause{10'000};

std::string_view name(const gateway::NameTable& table, std::uint64_t index) {
  return index < table.size() ? table[static_cast<std::uint32_t>(index)].name.view() : std::string_view();
}

}  // namespace

OrderLog::OrderLog(std::string journal_directory, std::string gateway_id, std::uint64_t from_index,
                   std::function<std::uint64_t()> durable_index)
    : journal_directory_(std::move(journal_directory)),
      gateway_id_(std::move(gateway_id)),
      from_index_(from_index),
      durable_index_(std::move(durable_index)),
      thread_([this] { run(); }) {}

OrderLog::~OrderLog() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void OrderLog::run() {
  persistence::work_in_background("order_log");
  std::string told;
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {
    const std::uint64_t before = taken_.index;
    const Status ended = follow();
    if (ended) return;
    log_.flush();
    last_index_.store(taken_.index, std::memory_order_relaxed);
    if (ended.error().what != told) log_error("order_log_waits", {{"why", ended.error().what}});
    told = ended.error().what;
    if (taken_.index != before) pause = kFirstPause;
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
    pause = std::min(pause * 2, kLastPause);
  }
}

// Behind what was taken already.
Status OrderLog::follow() {
  auto opened = persistence::JournalReader::open(persistence::posix_file_system(), journal_directory_);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  if (taken_.index > 0) {
    if (const Status sought = reader.seek_behind(taken_); !sought) return sought;
  }
  reader.trust_own_records_behind(from_index_);
  std::unique_lock lock(mutex_);
  while (true) {
    const bool last = stopping_;
    lock.unlock();
    for (bool more = true; more;) {
      const auto taken = take_batch(reader);
      if (!taken) return taken.error();
      more = *taken;
    }
    log_.flush();
    last_index_.store(reader.last_index(), std::memory_order_relaxed);
    lock.lock();
    if (last) return {};
    wake_.wait_for(lock, kLookPeriod, [this] { return stopping_; });
  }
}

Result<bool> OrderLog::take_batch(persistence::JournalReader& reader) {
  const std::uint64_t durable = durable_index_();
  persistence::set_behind(durable - std::min(durable, reader.last_index()));
  for (int i = 0; i < kBatch; ++i) {
    const auto next = reader.next(durable);
    if (!next) return next.error();
    if (!next->has_value()) return i > 0;
    const auto record = gateway::RecordView::parse((*next)->payload);
    if (record) take(*record, (*next)->position.index);
    taken_ = (*next)->position;
    persistence::give_way();
  }
  return true;
}

void OrderLog::take(const gateway::RecordView& record, std::uint64_t index) {
  record.for_each_event([&](const order::EventView& event) {
    if (event.type() == order::EventType::kNameAdded) {
      const auto added = event.as<order::NameAdded>();
      switch (added.kind) {
        case order::NameKind::kClient: return clients_.add(added);
        case order::NameKind::kAccount: return accounts_.add(added);
        case order::NameKind::kBroker: return brokers_.add(added);
        case order::NameKind::kSession: return sessions_.add(added);
        case order::NameKind::kInstrument: return instruments_.add(added);
        case order::NameKind::kCurrency:
        case order::NameKind::kGroup:
        case order::NameKind::kTrader: return;
      }
    }
    switch (event.type()) {
      case order::EventType::kEpochStarted:
        epochs_.push_back(Epoch{orders_, event.as<order::EpochStarted>().epoch});
        break;
      case order::EventType::kOrderAccepted:
      case order::EventType::kOrderRejected:
        ++orders_;
        break;
      default:
        break;
    }
    if (index > from_index_) write(event, index);
  });
}

// An order's id names the epoch in which it came.
gateway::IdBuffer OrderLog::order_id(order::OrderNumber number) const {
  std::uint64_t epoch = 0;
  for (const Epoch& e : epochs_) {
    if (e.first_order > number.value()) break;
    epoch = e.epoch;
  }
  return gateway::IdBuffer::order_id(gateway_id_, epoch, number);
}

void OrderLog::write(const order::EventView& event, std::uint64_t index) {
  using order::EventType;
  switch (event.type()) {
    case EventType::kOrderAccepted: {
      const order::AcceptedView e(event);
      const gateway::IdBuffer id = order_id(e->order);
      return log_.add(LogLevel::kInfo, "order_accepted",
                      {{"order_id", id.view()},
                       {"client", name(clients_, e->client.value())}, {"cl_ord_id", e.cl_ord_id()},
                       {"account", name(accounts_, e->account.value())},
                       {"symbol", name(instruments_, e->instrument.value())},
                       {"side", order::to_string(e->side)}, {"order_qty", e->order_qty},
                       {"price", e->price}, {"record", index}});
    }
    case EventType::kOrderRejected: {
      const auto e = event.as<order::OrderRejected>();
      const gateway::IdBuffer id = order_id(e.identity.order);
      return log_.add(LogLevel::kInfo, "order_rejected",
                      {{"order_id", id.view()},
                       {"client", name(clients_, e.identity.client.value())}, {"cl_ord_id", e.cl_ord_id.view()},
                       {"symbol", e.symbol.view()}, {"code", order::to_string(e.reject.code)},
                       {"control", order::to_string(e.reject.control)}, {"why", e.reject.text.view()}, {"record", index}});
    }
    case EventType::kOrderRouted: {
      const auto e = event.as<order::OrderRouted>();
      const gateway::IdBuffer id = gateway::IdBuffer::cl_ord_id(gateway_id_, e.epoch, e.request);
      return log_.add(LogLevel::kInfo, "order_routed", {{"order_id", order_id(e.order).view()}, {"broker", name(brokers_, e.broker.value())},
                                       {"broker_cl_ord_id", id.view()}, {"msg_seq_num", e.msg_seq_num}, {"record", index}});
    }
    case EventType::kCancelRequested: {
      const auto e = event.as<order::CancelRequested>();
      return log_.add(LogLevel::kInfo, "cancel_requested", {{"order_id", order_id(e.order).view()}, {"cl_ord_id", e.cl_ord_id.view()},
                                           {"waits_for_broker", e.queued != 0}, {"record", index}});
    }
    case EventType::kReplaceRequested: {
      const auto e = event.as<order::ReplaceRequested>();
      return log_.add(LogLevel::kInfo, "replace_requested", {{"order_id", order_id(e.order).view()}, {"cl_ord_id", e.cl_ord_id.view()},
                                            {"order_qty", e.terms.order_qty}, {"price", e.terms.price}, {"record", index}});
    }
    case EventType::kRequestRefused: {
      const auto e = event.as<order::RequestRefused>();
      return log_.add(LogLevel::kInfo, "request_refused", {{"session", name(sessions_, e.session.value())}, {"cl_ord_id", e.cl_ord_id.view()},
                                          {"code", order::to_string(e.reject.code)}, {"why", e.reject.text.view()}, {"record", index}});
    }
    case EventType::kExecutionApplied: {
      const order::ExecutionView e(event);
      return log_.add(LogLevel::kInfo, "execution", {{"order_id", order_id(e->order).view()}, {"broker", name(brokers_, e->broker.value())},
                                    {"exec_type", order::to_string(e->exec_type)}, {"exec_id", e.exec_id()},
                                    {"ord_status", order::to_string(e->status_after)}, {"applied", e->applied()},
                                    {"last_qty", e.last_qty()}, {"last_px", e.last_px()}, {"cum_qty", e->cum_after},
                                    {"leaves_qty", e->leaves_after}, {"text", e.text()}, {"record", index}});
    }
    case EventType::kRequestRejected: {
      const auto e = event.as<order::RequestRejected>();
      return log_.add(LogLevel::kInfo, "request_rejected_by_broker", {{"order_id", order_id(e.order).view()}, {"broker", name(brokers_, e.broker.value())},
                                                     {"why", e.text.view()}, {"record", index}});
    }
    case EventType::kOrderUnknown: {
      const auto e = event.as<order::OrderUnknown>();
      return log_.add(LogLevel::kWarning, "order_unknown", {{"order_id", order_id(e.order).view()}, {"why", e.reason.view()}, {"record", index}});
    }
    case EventType::kReportSuspended: {
      const auto e = event.as<order::ReportSuspended>();
      return log_.add(LogLevel::kWarning, "report_suspended", {{"broker", name(brokers_, e.broker.value())}, {"cl_ord_id", e.cl_ord_id.view()},
                                              {"exec_id", e.exec_id.view()}, {"why", e.reason.view()}, {"record", index}});
    }
    case EventType::kAlertRaised: {
      const auto e = event.as<order::AlertRaised>();
      const LogLevel level = e.severity == order::Severity::kInfo ? LogLevel::kInfo : LogLevel::kWarning;
      return log_.add(level, "alert", {{"alert", e.alert}, {"code", order::to_string(e.code)},
                                  {"severity", order::to_string(e.severity)}, {"session", name(sessions_, e.session.value())},
                                  {"text", e.text.view()}, {"record", index}});
    }
    case EventType::kScopeStateSet: {
      const auto e = event.as<order::ScopeStateSet>();
      return log_.add(LogLevel::kWarning, "scope_state", {{"scope", order::to_string(e.scope)}, {"id", e.id}, {"state", order::to_string(e.state)},
                                         {"user", e.user.view()}, {"reason", e.reason.view()}, {"record", index}});
    }
    default:
      return;  // what is not about an order is logged where it happens, or stands in the journal alone
  }
}

}  // namespace portcullis::app
