#include "tests/acceptance/rig.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include "persistence/blotter/queries.h"
#include "sim/inbox.h"
#include "sim/ledger_books.h"

namespace portcullis::acceptance {
namespace {

template <typename T>
std::unique_ptr<T> started(Result<std::unique_ptr<T>> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}

std::string dictionary(const std::string& directory, const std::string& version) {
  const Result<std::string> path = sim::write_dictionary(directory, version);
  if (!path) throw std::runtime_error(path.error().what);
  return *path;
}

std::unique_ptr<sim::Broker> start_broker(const char* comp_id, const char* version, std::uint16_t port,
                                          const std::string& directory, const std::string& name) {
  sim::BrokerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(port);
  options.version = version;
  options.comp_id = comp_id;
  options.peer_comp_id = "PORTCULLIS";
  options.dictionary = dictionary(directory, version);
  options.log = directory + "/" + name + ".log";
  return started(sim::Broker::start(options));
}

}  // namespace

std::string program() {
  if (const char* path = std::getenv("PORTCULLIS_PROGRAM")) return path;
#ifdef PORTCULLIS_PROGRAM
  return PORTCULLIS_PROGRAM;
#else
  throw std::runtime_error("PORTCULLIS_PROGRAM does not name the program under test");
#endif
}

Rig::Rig(const std::string& durability, std::int64_t rate, std::int64_t orders, std::uint64_t seed, std::string blotter)
    : directory_("portcullis-acceptance"), blotter_(std::move(blotter)), tokens_(sim::demo_tokens()) {
  const auto ports = sim::free_ports(4);
  if (!ports) throw std::runtime_error(ports.error().what);
  ports_ = {(*ports)[0], (*ports)[1], (*ports)[2], (*ports)[3]};
  std::string text = sim::demo_configuration(ports_, durability);
  const std::string embedded = "sqlite:./data/blotter.db";
  if (!blotter_.empty()) text.replace(text.find(embedded), embedded.size(), "\"" + blotter_ + "\"");
  if (blotter_.empty()) blotter_ = "sqlite:" + data_dir() + "/blotter.db";
  std::ofstream(configuration()) << text;
  north_ = start_broker("NORTHBANK", "FIX.4.4", ports_.northbank, directory_.path(), "northbank");
  south_ = start_broker("SOUTHBANK", "FIX.4.2", ports_.southbank, directory_.path(), "southbank");

  sim::ClientOptions options;
  options.connect = "127.0.0.1:" + std::to_string(ports_.clients);
  options.peer_comp_id = "PORTCULLIS";
  options.rate = rate;
  options.orders = orders;
  options.patience_ms = 500;
  options.quiet_ms = 300;
  options.drain_s = 60;
  options.version = "FIX.4.4";
  options.dictionary = dictionary(directory_.path(), options.version);
  options.comp_id = "ALPHA";
  options.accounts = {"ALPHA-1", "ALPHA-2"};
  options.log = directory_ / "alpha.log";
  options.seed = seed;
  alpha_ = started(sim::Client::start(options));
  options.version = "FIX.4.2";
  options.dictionary = dictionary(directory_.path(), options.version);
  options.comp_id = "BETA";
  options.accounts = {"BETA-1"};
  options.log = directory_ / "beta.log";
  options.seed = seed + 1;
  beta_ = started(sim::Client::start(options));
}

Rig::~Rig() {
  stop_ = true;
  join();
  gateway_.reset();
}

void Rig::start_gateway() {
  sim::Process::Spec spec;
  spec.command = {program(), "run", "--config", configuration()};
  spec.environment = tokens_;
  spec.errors = gateway_log();
  gateway_.reset();
  gateway_ = std::make_unique<TracedProcess>(std::move(spec));
}

bool Rig::wait_for_sessions(Duration time) {
  const SteadyTime deadline = sim::steady_now() + time;
  while (!(north_->logged_on() && south_->logged_on() && alpha_->logged_on() && beta_->logged_on())) {
    if (sim::steady_now() > deadline || gateway_->wait(Duration::milliseconds(20))) return false;
  }
  return true;
}

void Rig::begin_trading() {
  trading_ = 2;
  for (int i = 0; i < 2; ++i) {
    traders_.emplace_back([this, i] {
      sim::Client& client = i == 0 ? *alpha_ : *beta_;
      const auto stopped = [this] { return stop_.load(); };
      client.trade(stopped);
      --trading_;
      settled_[i] = client.settle(stopped);
    });
  }
}

void Rig::join() {
  for (std::thread& trader : traders_) trader.join();
  traders_.clear();
}

bool Rig::settle() {
  join();
  return settled_[0] && settled_[1];
}

sim::LedgerSummary Rig::judged() const {
  const auto summary = sim::judge_files({directory_ / "alpha.log", directory_ / "beta.log"},
                                        {directory_ / "northbank.log", directory_ / "southbank.log"});
  if (!summary) throw std::runtime_error(summary.error().what);
  return *summary;
}

std::string Rig::blotter_disagreement(Duration time) const {
  const SteadyTime deadline = sim::steady_now() + time;
  std::string difference = compare_blotter();
  while (!difference.empty() && sim::steady_now() < deadline) {
    gateway_->wait(Duration::milliseconds(50));
    difference = compare_blotter();
  }
  return difference;
}

// The first difference, or empty. An order that the gateway refused has no row that matters.
std::string Rig::compare_blotter() const {
  persistence::BlotterQueries queries(blotter_, "DEMO");
  std::map<std::string, persistence::OrderRow> rows;
  persistence::BlotterFilter filter;
  filter.limit = 1'000;
  do {
    const auto page = queries.orders(filter);
    if (!page.ok()) return "the blotter cannot be read: " + page.error().what;
    for (const persistence::OrderRow& row : page->rows) rows[row.order_id] = row;
    filter.before = page->next_before;
  } while (filter.before);
  for (const char* name : {"alpha.log", "beta.log"}) {
    const auto lines = sim::read_log(directory_ / name);
    if (!lines) throw std::runtime_error(lines.error().what);
    for (const sim::BookedOrder& order : sim::client_book(*lines).orders) {
      if (!order.acknowledged) continue;
      const auto row = rows.find(order.order_id);
      if (row == rows.end()) return "the blotter has no order " + order.order_id + " (" + order.root + ")";
      const std::string cum_qty = Quantity::from_raw(row->second.cum_qty).to_string();
      if (cum_qty != order.cum_qty) {
        return order.order_id + ": CumQty " + cum_qty + " in the blotter, " + order.cum_qty + " at the client";
      }
      if ((row->second.is_open != 0) == sim::is_over(order.status)) return order.order_id + ": open or over, they disagree";
    }
  }
  return {};
}

int Rig::run(const std::vector<std::string>& arguments, std::string& output) {
  sim::Process::Spec spec;
  spec.command = {program()};
  spec.command.insert(spec.command.end(), arguments.begin(), arguments.end());
  spec.environment = tokens_;
  spec.output = spec.errors = directory_ / "command.out";
  std::ofstream(spec.output, std::ios::trunc).close();
  auto process = sim::Process::start(spec);
  if (!process) throw std::runtime_error(process.error().what);
  const std::optional<int> code = process->wait(Duration::seconds(120));
  std::ifstream file(spec.output);
  output.assign(std::istreambuf_iterator<char>(file), {});
  return code.value_or(-1);
}

std::string Rig::last_words() const {
  std::ifstream file(gateway_log());
  std::string text(std::istreambuf_iterator<char>(file), {});
  return text.size() > 3000 ? text.substr(text.size() - 3000) : text;
}

}  // namespace portcullis::acceptance
