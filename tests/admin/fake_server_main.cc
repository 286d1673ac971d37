#include <cstdio>
#include <iostream>
#include <string>

#include "admin/server.h"
#include "tests/admin/fake_gateway.h"

// The admin server over the gateway made of tables, for the browser test. Prints its address, then
// obeys lines of standard input and answers each with "ok"; ends with the input.
//
//   order ID TEXT…             a new order whose Text(58) is TEXT
//   fill ID QUANTITY PRICE     an execution
//   session ID STATE REASON…   a session changes its state
//   decide FAST SLOW           so many decisions in 2 to 4 µs, and in 0.5 to 1 ms
//   random COUNT               orders with fills, for a full page

namespace {

using portcullis::Price;
using portcullis::Quantity;
using portcullis::admin::FakeGateway;

std::string word(std::string& line) {
  const std::size_t end = line.find(' ');
  std::string first = line.substr(0, end);
  line.erase(0, end == std::string::npos ? end : end + 1);
  return first;
}

void obey(FakeGateway& gateway, std::string line) {
  const std::string verb = word(line);
  if (verb == "order") {
    const std::string id = word(line);
    gateway.add_order(id, line);
  } else if (verb == "fill") {
    const std::string id = word(line);
    const auto quantity = Quantity::parse(word(line));
    const auto price = Price::parse(word(line));
    if (quantity && price) gateway.fill_order(id, *quantity, *price);
  } else if (verb == "session") {
    const std::string id = word(line);
    const std::string state = word(line);
    gateway.set_session_state(id, state, line);
  } else if (verb == "decide") {
    const std::uint64_t fast = std::stoull(word(line));
    gateway.decide(fast, std::stoull(word(line)));
  } else if (verb == "random") {
    const int count = std::stoi(word(line));
    static int i = 0;
    for (const int end = i + count; i < end; ++i) {
      const std::string id = "LDN1-R-" + std::to_string(i);
      gateway.add_order(id, "");
      const auto quantity = Quantity::of((i * 37 % 10 + 1) * 100'000);
      if (i % 3 != 0) gateway.fill_order(id, quantity, *Price::parse("1.0998" + std::to_string(i % 10)));
    }
  }
}

}  // namespace

int main() {
  FakeGateway gateway;
  auto options = portcullis::admin::test_options();
  options.stream_period_ms = 100;
  auto server = portcullis::admin::Server::start(std::move(options), gateway, gateway, gateway, gateway);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().what.c_str());
    return 1;
  }
  std::cout << (*server)->url() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    obey(gateway, line);
    std::cout << "ok" << std::endl;
  }
  return 0;
}
