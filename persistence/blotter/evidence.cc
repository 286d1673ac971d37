#include "persistence/blotter/evidence.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/decimal.h"
#include "persistence/blotter/fold_values.h"

namespace portcullis::persistence {
namespace {

namespace json = boost::json;

// More than a thousand times its limit is as bad as a limit of zero.
constexpr std::int64_t kMostThousandths = 1'000'000;

void append_number(std::string& text, std::int64_t number) {
  char digits[24];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// Most figures are a usage of zero, or a count.
char* put_number(char* at, std::int64_t number) {
  if (number >= 0 && number <= 9) {
    *at = static_cast<char>('0' + number);
    return at + 1;
  }
  return at + decimal_detail::format(number, 0, 0, at);
}

// What one check has left of `text`, from which it is taken.
struct Figures {
  std::int64_t usage = 0;
  std::int64_t delta = 0;
  std::int64_t limit = 0;
  bool passed = true;
};

bool take_number(std::string_view& text, std::int64_t& number) {
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_figures(std::string_view& text, std::int64_t limit_of_plan, Figures& figures) {
  figures.limit = limit_of_plan;
  if (!take_number(text, figures.usage) || !take(text, ' ') || !take_number(text, figures.delta)) return false;
  if (take(text, ' ') && !take_number(text, figures.limit)) return false;
  figures.passed = !take(text, '!');
  return take(text, ';');
}

// [[control, scope, id, limit, counts], …]
Result<json::array> entries_of(const std::string& plan) {
  boost::system::error_code error;
  json::value parsed = json::parse(plan, error);
  const auto is_entry = [](const json::value& entry) {
    return entry.is_array() && entry.get_array().size() == 5 && entry.get_array()[0].is_string() &&
           entry.get_array()[1].is_string() && entry.get_array()[2].is_string() && entry.get_array()[3].is_int64() &&
           entry.get_array()[4].is_bool();
  };
  if (error || !parsed.is_array() || !std::all_of(parsed.get_array().begin(), parsed.get_array().end(), is_entry)) {
    return Error{"a row of check_plans: expected JSON, [[control, scope, id, limit, counts], …], and found " +
                 plan.substr(0, 100)};
  }
  return std::move(parsed.get_array());
}

struct Shown {
  std::string head;  // ["C1","client","alpha",
  std::string scope;
  std::string node;
  Figures figures;
  std::int64_t use = -1;  // thousandths; -1: no use of a limit
};

}  // namespace

void read_checks(const order::EventView& event, std::size_t head, std::vector<order::CheckResult>& checks) {
  const auto tail = event.tail(head);
  checks.resize(tail.size() / sizeof(order::CheckResult));
  if (!checks.empty()) std::memcpy(checks.data(), tail.data(), checks.size() * sizeof(order::CheckResult));
}

bool counts_as_use(order::Control control) {
  return control >= order::Control::kB1 && control != order::Control::kB3 && control != order::Control::kB4;
}

std::int64_t thousandths_of(std::int64_t usage, std::int64_t delta, std::int64_t limit) {
  std::int64_t sum = 0;
  std::int64_t scaled = 0;
  // Figures of ordinary size need no wide division.
  if (!__builtin_add_overflow(usage, delta, &sum)) {
    if (sum <= 0) return 0;
    if (limit <= 0) return kMostThousandths;
    if (!__builtin_mul_overflow(sum, std::int64_t{1000}, &scaled) &&
        !__builtin_add_overflow(scaled, limit - 1, &scaled)) {
      return std::min(scaled / limit, kMostThousandths);
    }
  }
  const Wide wanted = Wide{usage} + Wide{delta};
  if (wanted <= 0) return 0;
  if (limit <= 0) return kMostThousandths;
  const Wide thousandths = (wanted * 1000 + limit - 1) / limit;
  return thousandths > kMostThousandths ? kMostThousandths : static_cast<std::int64_t>(thousandths);
}

char* put_check(char* at, const order::CheckResult& check, std::int64_t limit_of_plan) {
  at = put_number(at, check.usage);
  *at++ = ' ';
  at = put_number(at, check.delta);
  if (check.limit != limit_of_plan) {
    *at++ = ' ';
    at = put_number(at, check.limit);
  }
  if (check.passed == 0) *at++ = '!';
  *at++ = ';';
  return at;
}

Result<std::vector<std::int64_t>> limits_of(const std::string& plan, std::size_t checks) {
  auto entries = entries_of(plan);
  if (!entries) return entries.error();
  if (entries->size() != checks) {
    return Error{"a row of check_plans has " + std::to_string(entries->size()) + " checks; expected " +
                 std::to_string(checks)};
  }
  std::vector<std::int64_t> limits;
  for (const json::value& entry : *entries) limits.push_back(entry.get_array()[3].as_int64());
  return limits;
}

Status show_checks(const std::string& plan, DecisionRow& row) {
  auto entries = entries_of(plan);
  if (!entries) return entries.error();
  std::vector<Shown> shown;
  std::string_view rest = row.kept_checks;
  for (const json::value& entry : *entries) {
    const json::array& fields = entry.get_array();
    Shown& check = shown.emplace_back();
    if (!take_figures(rest, fields[3].as_int64(), check.figures)) {
      return Error{"decision " + std::to_string(row.decision) + ": the figures of its checks end at check " +
                   std::to_string(shown.size()) + " of " + std::to_string(entries->size())};
    }
    check.scope = fields[1].as_string();
    check.node = fields[2].as_string();
    check.head = "[";
    for (std::size_t i = 0; i < 3; ++i) {
      append_json(check.head, std::string_view(fields[i].as_string()));
      check.head += ',';
    }
    if (fields[4].as_bool()) {
      check.use = thousandths_of(check.figures.usage, check.figures.delta, check.figures.limit);
    }
  }
  row.checks = "[";
  for (const Shown& check : shown) {
    if (row.checks.size() > 1) row.checks += ',';
    row.checks += check.head;
    append_number(row.checks, check.figures.usage);
    row.checks += ',';
    append_number(row.checks, check.figures.delta);
    row.checks += ',';
    append_number(row.checks, check.figures.limit);
    row.checks += check.figures.passed ? ",true]" : ",false]";
  }
  row.checks += ']';
  // Those that came nearest to their limits, the first of equals first.
  std::vector<const Shown*> nearest;
  for (const Shown& check : shown) {
    if (check.use >= 0) nearest.push_back(&check);
  }
  std::stable_sort(nearest.begin(), nearest.end(), [](const Shown* a, const Shown* b) { return a->use > b->use; });
  if (nearest.size() > 3) nearest.resize(3);
  row.tightest = "[";
  for (const Shown* check : nearest) {
    if (row.tightest.size() > 1) row.tightest += ',';
    row.tightest += check->head;
    append_number(row.tightest, check->use);
    row.tightest += ']';
  }
  row.tightest += ']';
  if (row.outcome != "accepted" || nearest.empty()) return {};
  const Shown& decisive = *nearest.front();
  row.scope = decisive.scope;
  row.node = decisive.node;
  row.usage_before = decisive.figures.usage;
  row.delta = decisive.figures.delta;
  row.limit_value = decisive.figures.limit;
  row.utilisation = decisive.use;
  return {};
}

}  // namespace portcullis::persistence
