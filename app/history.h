#pragma once

#include <optional>
#include <string>
#include <utility>

#include "admin/port.h"
#include "persistence/blotter/queries.h"

// The blotter's rows as the admin server's worker thread asks for them: cursors, exact decimals, checks by name.

namespace portcullis::app {

class History final : public admin::History {
 public:
  History(std::string url, std::string gateway_id) : queries_(std::move(url), std::move(gateway_id)) {}

  admin::HistoryResult<admin::Page<admin::OrderRow>> orders(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<std::optional<admin::OrderDetail>> order(const std::string& order_id) override;
  admin::HistoryResult<admin::Page<admin::ExecutionRow>> executions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Page<admin::DecisionRow>> decisions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Changes> changes(std::uint64_t after, std::uint32_t limit) override;

 private:
  persistence::BlotterQueries queries_;
};

}  // namespace portcullis::app
