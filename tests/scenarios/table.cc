#include "tests/scenarios/table.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/check.h"

namespace portcullis::scenarios {
namespace {

const std::string kFolder = PORTCULLIS_SCENARIOS;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  std::istringstream in(text);
  while (std::getline(in, part, separator)) parts.push_back(part);
  return parts;
}

std::map<std::string, std::string, std::less<>> pairs(const std::string& text) {
  std::map<std::string, std::string, std::less<>> found;
  for (const std::string& part : split(text, ';')) {
    const std::size_t start = part.find_first_not_of(' ');
    const std::size_t equals = part.find('=');
    PORTCULLIS_CHECK(equals != std::string::npos, "a table's pair without '='");
    found[part.substr(start, equals - start)] = part.substr(equals + 1);
  }
  return found;
}

std::vector<Row> load(const std::string& file) {
  std::ifstream in(kFolder + "/" + file);
  PORTCULLIS_CHECK(in.good(), "a scenario table cannot be read");
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = split(line, '\t');
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(line, '\t');
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row.cells[header[i]] = i < cells.size() ? cells[i] : "";
    row.fields = pairs(row["fields"]);
    row.also = pairs(row["also"]);
    rows.push_back(std::move(row));
  }
  return rows;
}

// Where a scenario's main course, and its alternatives, are left out; far behind its end when they are not.
struct Cut {
  int main_from = 1'000;
  int alternatives_from = 1'000;
};

Cut cut_of(const Row& first, Version client, Version broker) {
  static const std::vector<Row> list = load("left_out.tsv");
  const bool both_44 = client == Version::kFix44 && broker == Version::kFix44;
  Cut cut;
  for (const Row& entry : list) {
    if (entry["scenario"] != first["scenario"] && entry["scenario"] != first["same_as"]) continue;
    if (entry["sides"] == "with_42" && both_44) continue;
    cut = Cut{std::stoi(entry["main_from"]), std::stoi(entry["alternatives_from"])};
  }
  return cut;
}

std::string test_name(std::string scenario) {
  std::replace(scenario.begin(), scenario.end(), '.', '_');
  return scenario;
}

// A play, and where two rows cross, its twin: there the sell side's message is read first.
void add(std::vector<Play>& all, Play play) {
  all.push_back(play);
  const auto crosses = [](const Row& row) { return row.crosses(); };
  const auto client = std::find_if(play.rows.begin(), play.rows.end(), crosses);
  if (client == play.rows.end() || std::next(client) == play.rows.end() || !crosses(*std::next(client))) return;
  std::iter_swap(client, std::next(client));
  play.client_line = true;
  play.name += "_client_line";
  all.push_back(std::move(play));
}

}  // namespace

const std::string& Row::operator[](std::string_view column) const {
  static const std::string kEmpty;
  const auto found = cells.find(column);
  return found == cells.end() ? kEmpty : found->second;
}

std::pair<int, int> Row::time() const {
  const std::string& text = (*this)["time"];
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return {0, std::stoi(text)};
  return {std::stoi(text.substr(0, dot)), std::stoi(text.substr(dot + 1))};
}

std::vector<Row> load_table(Version version) {
  return load(version == Version::kFix44 ? "order_states_44.tsv" : "order_states_42.tsv");
}

std::vector<Play> plays(Version table, Version client, Version broker) {
  std::vector<Play> all;
  const std::vector<Row> rows = load_table(table);
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last =
        std::find_if(first, rows.end(), [&](const Row& row) { return row["scenario"] != (*first)["scenario"]; });
    const Cut cut = cut_of(*first, client, broker);
    const std::string name = test_name((*first)["scenario"]);
    Play main{name + "_main", {}};
    for (auto row = first; row != last; ++row) {
      if (!row->is_alternative() && row->time().second < cut.main_from) main.rows.push_back(*row);
    }
    if (!main.rows.empty()) add(all, main);
    for (auto alternative = first; alternative != last; ++alternative) {
      if (!alternative->is_alternative() || alternative->time().second >= cut.alternatives_from) continue;
      Play play{name + "_alt" + test_name((*alternative)["time"]), {}};
      for (auto row = first; row != last; ++row) {
        if (!row->is_alternative() && row->time() < alternative->time()) play.rows.push_back(*row);
      }
      play.rows.push_back(*alternative);
      add(all, play);
      if ((*alternative)["message"] == "8" && (*alternative)["gateway"] == "either" && play.rows.size() == 2) {
        play.name += "_by_gateway";
        play.gateway_refuses = true;
        all.push_back(play);
      }
    }
    first = last;
  }
  return all;
}

Row translated(const Row& row, Version from, Version to) {
  if (from == to || row["message"] != "8") return row;
  Row out = row;
  out.also.erase("exec_type");
  out.also.erase("exec_trans_type");
  std::string& type = out.cells["exec_type"];
  std::string& status = out.cells["ord_status"];
  std::string& trans = out.cells["exec_trans_type"];
  if (to == Version::kFix44) {
    if (const auto better = row.also.find("exec_type"); better != row.also.end()) type = better->second;
    if (trans == "1") type = "H";
    if (trans == "2") type = "G";
    if (trans == "3") type = "I";
    if (trans == "0" && (type == "1" || type == "2")) type = "F";
    if (status == "5") status = "0";
    trans.clear();
    return out;
  }
  const std::string fill = row["cum_qty"] == row["order_qty"] && row["cum_qty"] != "0" ? "2" : "1";
  trans = type == "H" ? "1" : type == "G" ? "2" : type == "I" ? "3" : "0";
  if (type == "5" && status == "0") status = "5";
  if (type == "F" || type == "G" || type == "H") type = fill;
  if (type == "I") type = status;
  return out;
}

}  // namespace portcullis::scenarios
