#include "sim/ledger.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "sim/ledger_books.h"

namespace portcullis::sim {
namespace {

class Judge {
 public:
  Judge(std::vector<Book> clients, std::vector<Book> brokers)
      : clients_(std::move(clients)), brokers_(std::move(brokers)) {}

  LedgerSummary run() {
    join();
    for (const Book& book : clients_) {
      summary_.violations += book.violations;
      for (const std::string& repeated : book.repeated) {
        ++summary_.executions_duplicated;
        duplicated(repeated);
      }
      for (const BookedOrder& order : book.orders) judge_order(order);
    }
    judge_unmatched();
    return std::move(summary_);
  }

 private:
  void join() {
    std::map<std::string, const BookedOrder*> by_root;
    std::map<std::string, const BookedOrder*> by_broker_order_id;
    for (const Book& book : clients_) {
      for (const BookedOrder& order : book.orders) {
        by_root[order.root] = &order;
        for (const std::string& id : order.broker_order_ids) by_broker_order_id[id] = &order;
      }
    }
    for (const Book& book : brokers_) {
      for (const BookedOrder& order : book.orders) {
        summary_.executions += static_cast<std::int64_t>(order.executions.size());
        const auto traced = by_root.find(order.trace);
        const auto named = by_broker_order_id.find(order.order_id);
        if (!order.trace.empty() && traced != by_root.end()) {
          at_brokers_[traced->second].push_back(&order);
        } else if (named != by_broker_order_id.end()) {
          at_brokers_[named->second].push_back(&order);
        } else {
          unmatched_.push_back(&order);
        }
      }
    }
  }

  void judge_order(const BookedOrder& order) {
    if (order.sent_as_new == 0) return duplicated("order " + order.root + ": reported to a client that never sent it");
    ++summary_.orders;
    summary_.acknowledged += order.acknowledged ? 1 : 0;
    summary_.rejected += order.status == '8' ? 1 : 0;
    summary_.filled += order.status == '2' ? 1 : 0;
    summary_.cancelled += order.status == '4' || order.status == 'C' ? 1 : 0;
    summary_.open += order.answered && !is_over(order.status) ? 1 : 0;

    const std::vector<const BookedOrder*>& at_brokers = at_brokers_[&order];
    judge_copies(order, at_brokers);
    const bool told_all = judge_executions(order, at_brokers);
    if (!order.answered || order.status == 'A') {
      ++unanswered_;
      lost("order " + order.root + " of " + order.party + " was never answered");
    } else if (told_all) {
      judge_last_word(order, at_brokers);
    }
  }

  // A second broker is right only after the first has refused the order.
  void judge_copies(const BookedOrder& order, const std::vector<const BookedOrder*>& at_brokers) {
    int alive = 0;
    for (const BookedOrder* copy : at_brokers) {
      if (copy->sent_as_new == 0) {
        lost("order " + order.root + ": " + copy->party + " reports " + copy->root + ", but never received it");
      }
      for (int i = 1; i < copy->sent_as_new; ++i) {
        duplicated("order " + order.root + ": " + copy->party + " got " + copy->root + " again as new");
      }
      if (copy->status != '8') ++alive;
    }
    for (int i = 1; i < alive; ++i) duplicated("order " + order.root + " is at brokers more than once");
  }

  bool judge_executions(const BookedOrder& order, const std::vector<const BookedOrder*>& at_brokers) {
    std::vector<const BookedExecution*> told;
    for (const BookedExecution& execution : order.executions) told.push_back(&execution);
    std::vector<const BookedExecution*> made;
    for (const BookedOrder* copy : at_brokers) {
      for (const BookedExecution& execution : copy->executions) made.push_back(&execution);
    }
    const auto match = [&](auto same) {
      made.erase(std::remove_if(made.begin(), made.end(),
                                [&](const BookedExecution* execution) {
                                  const auto found = std::find_if(
                                      told.begin(), told.end(),
                                      [&](const BookedExecution* candidate) { return same(*execution, *candidate); });
                                  if (found == told.end()) return false;
                                  told.erase(found);
                                  return true;
                                }),
                 made.end());
    };
    // Content is compared only where the client's report does not name the broker's execution.
    match([](const BookedExecution& a, const BookedExecution& b) { return a.broker_id == b.broker_id; });
    match([](const BookedExecution& a, const BookedExecution& b) {
      return b.broker_id.empty() && a.content == b.content;
    });
    for (const BookedExecution* execution : made) {
      ++summary_.executions_lost;
      lost("order " + order.root + ": " + order.party + " was never told of the broker's execution " +
           execution->exec_id + " (" + execution->content + ")");
    }
    for (const BookedExecution* execution : told) {
      ++summary_.executions_duplicated;
      duplicated("order " + order.root + ": " + order.party + " was told of " + execution->exec_id + " (" +
                 execution->content + "), which no broker made");
    }
    return made.empty() && told.empty();
  }

  void judge_last_word(const BookedOrder& order, const std::vector<const BookedOrder*>& at_brokers) {
    const BookedOrder* last = nullptr;  // the copy that lives, or the last one that was refused
    for (const BookedOrder* copy : at_brokers) {
      if (last == nullptr || copy->status != '8') last = copy;
    }
    if (last == nullptr) {
      // Refused by the gateway, or cancelled before it was sent.
      if (order.status != '8' && order.status != '4') {
        lost("order " + order.root + " of " + order.party + " was acknowledged, but no broker has it");
      }
      return;
    }
    const bool both_alive = !is_over(order.status) && !is_over(last->status);
    if (!both_alive && order.status != last->status) {
      lost("order " + order.root + ": OrdStatus is " + text(order.status) + " at " + order.party + ", but " +
           text(last->status) + " at " + last->party);
    }
  }

  // Without a trace, an unanswered order cannot be joined with what the broker got of it: that is one order lost, not
  // another one doubled.
  void judge_unmatched() {
    std::int64_t explained = unanswered_;
    for (const BookedOrder* order : unmatched_) {
      if (order->trace.empty() && explained-- > 0) continue;
      duplicated("order " + order->root + " at " + order->party + " belongs to no order of a client");
    }
  }

  static std::string text(char status) { return status == 0 ? "unknown" : std::string(1, status); }
  void lost(const std::string& why) {
    ++summary_.lost;
    if (summary_.details.size() < kMaxLedgerDetails) summary_.details.push_back("lost: " + why);
  }
  void duplicated(const std::string& why) {
    ++summary_.duplicated;
    if (summary_.details.size() < kMaxLedgerDetails) summary_.details.push_back("duplicated: " + why);
  }

  const std::vector<Book> clients_;
  const std::vector<Book> brokers_;
  std::map<const BookedOrder*, std::vector<const BookedOrder*>> at_brokers_;
  std::vector<const BookedOrder*> unmatched_;
  std::int64_t unanswered_ = 0;
  LedgerSummary summary_;
};

}  // namespace

LedgerSummary judge(const std::vector<std::vector<LogLine>>& clients,
                    const std::vector<std::vector<LogLine>>& brokers) {
  std::vector<Book> client_books, broker_books;
  for (const auto& lines : clients) client_books.push_back(client_book(lines));
  for (const auto& lines : brokers) broker_books.push_back(broker_book(lines));
  return Judge(std::move(client_books), std::move(broker_books)).run();
}

Result<LedgerSummary> judge_files(const std::vector<std::string>& client_logs,
                                  const std::vector<std::string>& broker_logs) {
  std::vector<std::vector<LogLine>> sides[2];
  for (const bool broker : {false, true}) {
    for (const std::string& path : broker ? broker_logs : client_logs) {
      Result<std::vector<LogLine>> lines = read_log(path);
      if (!lines) return lines.error();
      sides[broker ? 1 : 0].push_back(std::move(*lines));
    }
  }
  return judge(sides[0], sides[1]);
}

std::string to_json(const LedgerSummary& summary) {
  boost::json::object object;
  object["orders"] = summary.orders;
  object["acknowledged"] = summary.acknowledged;
  object["rejected"] = summary.rejected;
  object["filled"] = summary.filled;
  object["cancelled"] = summary.cancelled;
  object["open"] = summary.open;
  object["executions"] = summary.executions;
  object["lost"] = summary.lost;
  object["duplicated"] = summary.duplicated;
  object["executions_lost"] = summary.executions_lost;
  object["executions_duplicated"] = summary.executions_duplicated;
  object["violations"] = summary.violations;
  boost::json::array details;
  for (const std::string& detail : summary.details) details.emplace_back(detail);
  object["details"] = std::move(details);
  return boost::json::serialize(object);
}

}  // namespace portcullis::sim
