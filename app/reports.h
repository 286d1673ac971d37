#pragma once

#include <string>
#include <vector>

#include "admin/port.h"
#include "persistence/blotter/queries.h"

// The reports (docs/reports.md): the blotter's views with their figures in words; the control inventory, from the
// registry and the configuration of its time; the dossier of an order, from the journal.

namespace portcullis::app {

class Reports {
 public:
  // `queries` is borrowed. The journal's directory may be empty: then there are no dossiers.
  Reports(persistence::BlotterQueries& queries, std::string gateway_id, std::string journal_directory)
      : queries_(queries), gateway_id_(std::move(gateway_id)), journal_directory_(std::move(journal_directory)) {}

  static std::vector<admin::ReportInfo> list();
  admin::HistoryResult<admin::ReportTable> read(const admin::ReportRequest& request);

 private:
  admin::HistoryResult<admin::ReportTable> view(const persistence::Report& report, const admin::ReportRequest& request);
  admin::HistoryResult<admin::ReportTable> control_inventory(const admin::ReportRequest& request);
  admin::HistoryResult<admin::ReportTable> order_dossier(const admin::ReportRequest& request);

  persistence::BlotterQueries& queries_;
  const std::string gateway_id_;
  const std::string journal_directory_;
};

admin::ReportInfo control_inventory_info();
admin::ReportInfo order_dossier_info();

}  // namespace portcullis::app
