#include "sim/ledger_books.h"

#include <cstdlib>

#include "base/decimal.h"

namespace portcullis::sim {
namespace {

bool is_status_report(const Message& message) {
  return message.get(150) == "I" || message.get(20) == "3";
}

// "trade", "bust", "correction", or empty for a report that is no execution.
std::string execution_kind(const Message& message) {
  const std::string& type = message.get(150);
  const std::string& trans = message.get(20);
  if (type == "H" || trans == "1") return "bust";
  if (type == "G" || trans == "2") return "correction";
  if (type == "F" || ((type == "1" || type == "2") && trans == "0")) return "trade";
  return {};
}

// 1.10 and 1.1 are the same price, whoever wrote it.
std::string content_of(const Message& message, const std::string& kind) {
  if (kind == "bust") return kind;  // its LastQty and LastPx are free; what it refers to counts
  const auto quantity = Quantity::parse(message.get(32));
  const auto price = Price::parse(message.get(31));
  return kind + " " + (quantity ? quantity->to_string() : message.get(32)) + " @ " +
         (price ? price->to_string() : message.get(31));
}

// Builds a book from one direction of orders and the other of reports.
class Reader {
 public:
  explicit Reader(bool client) : client_(client) {}

  Book read(const std::vector<LogLine>& lines) {
    for (const LogLine& line : lines) {
      if (line.kind == "void") voided_.insert(line.message.seq);
    }
    for (const LogLine& line : lines) {
      if (line.kind == "start") party_ = line.comp_id;
      if (line.kind == "violation") ++book_.violations;
      if (line.kind == (client_ ? "out" : "in")) request(line.message);
      if (line.kind == (client_ ? "in" : "out")) report(line.message);
    }
    return std::move(book_);
  }

 private:
  void request(const Message& message) {
    const bool again = message.poss_dup || message.poss_resend;
    if (message.msg_type == "D") {
      const auto known = by_cl_ord_id_.find(message.get(11));
      if (known != by_cl_ord_id_.end()) {
        if (!again) ++book_.orders[known->second].sent_as_new;
        return;
      }
      BookedOrder& order = add(message.get(11));
      order.sent_as_new = 1;
      order.trace = message.has(526) ? message.get(526) : message.get(58);
      if (!again) by_seq_[message.seq] = book_.orders.size() - 1;
    } else if (message.msg_type == "F" || message.msg_type == "G") {
      const auto original = by_cl_ord_id_.find(message.get(41));
      if (original != by_cl_ord_id_.end()) by_cl_ord_id_.emplace(message.get(11), original->second);
    }
  }

  void report(const Message& message) {
    if (client_ && (message.msg_type == "3" || message.msg_type == "j")) return refused(message);
    if (!client_ && (message.poss_dup || voided_.count(message.seq) != 0)) return;
    if (message.msg_type != "8" || is_status_report(message)) return;
    BookedOrder& order = of(message);
    const std::string kind = execution_kind(message);
    if (!exec_ids_.insert(message.get(17)).second) {
      if (!message.poss_dup && !message.poss_resend) {
        book_.repeated.push_back("order " + order.root + ": ExecID " + message.get(17) + " was told to " + party_ +
                                 " twice as new");
      }
      return;
    }
    // A refused second use of a ClOrdID says nothing about the first.
    if (!client_ && message.get(37) == "NONE" && order.answered) return;
    order.answered = true;
    if (message.get(150) != "8") order.acknowledged = true;
    if (message.get(39).size() == 1) order.status = message.get(39)[0];
    if (message.has(14)) order.cum_qty = message.get(14);
    if (message.get(37) != "NONE") order.order_id = message.get(37);
    if (message.has(198)) order.broker_order_ids.insert(message.get(198));
    if (kind.empty()) return;
    const std::string& broker_id = client_ ? message.get(527) : message.get(17);
    if (client_ && !broker_id.empty() && !broker_exec_ids_.insert(broker_id).second) {
      book_.repeated.push_back("order " + order.root + ": the broker's execution " + broker_id + " was told to " +
                               party_ + " twice, as " + message.get(17) + " too");
      return;
    }
    order.executions.push_back({message.get(17), broker_id, content_of(message, kind)});
  }

  void refused(const Message& message) {
    const auto order = by_seq_.find(std::atol(message.get(45).c_str()));
    if (order == by_seq_.end()) return;
    book_.orders[order->second].answered = true;
    if (book_.orders[order->second].status == 0) book_.orders[order->second].status = '8';
  }

  BookedOrder& of(const Message& report) {
    for (const int tag : {11, 41}) {
      const auto known = by_cl_ord_id_.find(report.get(tag));
      if (known != by_cl_ord_id_.end()) return book_.orders[known->second];
    }
    return add(report.get(11));  // a report for what was never sent: sent_as_new stays 0
  }

  BookedOrder& add(const std::string& cl_ord_id) {
    by_cl_ord_id_[cl_ord_id] = book_.orders.size();
    BookedOrder order;
    order.party = party_;
    order.root = cl_ord_id;
    book_.orders.push_back(std::move(order));
    return book_.orders.back();
  }

  const bool client_;
  std::string party_;
  Book book_;
  std::set<long> voided_;
  std::map<std::string, std::size_t> by_cl_ord_id_;
  std::map<long, std::size_t> by_seq_;  // NewOrderSingles by MsgSeqNum
  std::set<std::string> exec_ids_, broker_exec_ids_;
};

}  // namespace

Book client_book(const std::vector<LogLine>& lines) {
  return Reader(true).read(lines);
}
Book broker_book(const std::vector<LogLine>& lines) {
  return Reader(false).read(lines);
}

}  // namespace portcullis::sim
