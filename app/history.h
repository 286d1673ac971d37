#pragma once

#include <memory>
#include <span>
#include <string>

#include "admin/port.h"
#include "persistence/blotter/store.h"

// What was written, read from the blotter, for the admin server's worker thread. A lost connection is made
// again at the next question.

namespace portcullis::app {

class History final : public admin::History {
 public:
  History(std::string url, std::string gateway_id) : url_(std::move(url)), gateway_id_(std::move(gateway_id)) {}

  admin::HistoryResult<admin::Page<admin::OrderRow>> orders(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<std::optional<admin::OrderDetail>> order(const std::string& order_id) override;
  admin::HistoryResult<admin::Page<admin::ExecutionRow>> executions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Page<admin::DecisionRow>> decisions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Changes> changes(std::uint64_t after, std::uint32_t limit) override;

 private:
  using Rows = std::vector<persistence::Row>;
  // `condition` with $1 … for `parameters`.
  admin::HistoryResult<Rows> select(const persistence::Table& table, const std::string& condition,
                                    std::span<const persistence::Value> parameters);
  admin::HistoryResult<Rows> page(const persistence::Table& table, const admin::HistoryFilter& filter, bool has_open);

  const std::string url_;
  const std::string gateway_id_;
  std::unique_ptr<persistence::BlotterStore> store_;
};

}  // namespace portcullis::app
