#pragma once

#include <optional>
#include <string>
#include <utility>

#include "admin/port.h"
#include "app/reports.h"
#include "persistence/blotter/queries.h"

// The blotter's rows as the admin server's worker thread asks for them: cursors, exact decimals, checks by name.

namespace portcullis::app {

class History final : public admin::History {
 public:
  History(std::string url, const std::string& gateway_id, std::string journal_directory)
      : queries_(std::move(url), gateway_id), reports_(queries_, gateway_id, std::move(journal_directory)) {}

  admin::HistoryResult<admin::Page<admin::OrderRow>> orders(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<std::optional<admin::OrderDetail>> order(const std::string& order_id) override;
  admin::HistoryResult<admin::Page<admin::ExecutionRow>> executions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Page<admin::DecisionRow>> decisions(const admin::HistoryFilter& filter) override;
  admin::HistoryResult<admin::Changes> changes(std::uint64_t after, std::uint32_t limit) override;
  std::vector<admin::ReportInfo> reports() override { return Reports::list(); }
  admin::HistoryResult<admin::ReportTable> report(const admin::ReportRequest& request) override {
    return reports_.read(request);
  }

 private:
  persistence::BlotterQueries queries_;
  Reports reports_;
};

}  // namespace portcullis::app
