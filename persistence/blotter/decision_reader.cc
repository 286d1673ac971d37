#include "persistence/blotter/decision_reader.h"

#include "gateway/record.h"
#include "persistence/blotter/evidence.h"
#include "persistence/frame.h"

namespace portcullis::persistence {

StoreResult<> DecisionReader::complete(BlotterStore& store, std::span<DecisionRow> rows) {
  if (plans_.size() > kMostKept) plans_.clear();
  if (configurations_.size() > kMostKept) configurations_.clear();
  for (DecisionRow& row : rows) {
    auto plan = plans_.find(row.check_plan);
    if (plan == plans_.end()) {
      constexpr ColumnType kTypes[] = {ColumnType::kText};
      const Value number[] = {row.check_plan};
      auto found = store.query("SELECT checks FROM check_plans WHERE plan = $1", number, kTypes);
      if (!found) return found.error();
      if (found->empty()) return StoreError{"check_plans has no row " + std::to_string(row.check_plan)};
      plan = plans_.emplace(row.check_plan, std::get<std::string>(found->front().front())).first;
    }
    if (const Status shown = show_checks(plan->second, row); !shown) return StoreError{shown.error().what};
    auto configuration = configurations_.find(row.configuration_index);
    if (configuration == configurations_.end()) {
      constexpr ColumnType kTypes[] = {ColumnType::kText, ColumnType::kText};
      const Value index[] = {row.configuration_index};
      auto found =
          store.query("SELECT build_id, configuration FROM configurations WHERE journal_index = $1", index, kTypes);
      if (!found) return found.error();
      Configuration made;  // empty where nothing was configured yet
      if (!found->empty()) {
        made = {std::get<std::string>(found->front()[0]), std::get<std::string>(found->front()[1])};
      }
      configuration = configurations_.emplace(row.configuration_index, std::move(made)).first;
    }
    row.build_id = configuration->second.build_id;
    row.configuration = configuration->second.hash;
    row.message_offset =
        row.journal_offset + static_cast<std::int64_t>(kFrameHeaderBytes + sizeof(gateway::RecordHeader));
    row.message_hash = hexadecimal(static_cast<std::uint64_t>(row.message_hash_bits));
  }
  return std::monostate{};
}

}  // namespace portcullis::persistence
