#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

// The order state matrices as data: tests/scenarios/order_states_44.tsv and order_states_42.tsv (FIX
// volume 4, appendix D; one line a message, as the client sees it), and left_out.tsv, which says what is
// not for a gateway to play, and why.

namespace portcullis::scenarios {

enum class Version { kFix42, kFix44 };

// One line. Cells by the header's names; an empty cell is no field, or a figure that is not given.
struct Row {
  std::map<std::string, std::string, std::less<>> cells;
  std::map<std::string, std::string, std::less<>> fields;  // column `fields`: other FIX fields by name
  std::map<std::string, std::string, std::less<>> also;    // column `also`: a second figure that is as good

  const std::string& operator[](std::string_view column) const;
  bool is_client() const { return (*this)["from"] == "client"; }
  bool is_sell() const { return (*this)["from"] == "sell"; }
  bool is_alternative() const { return (*this)["path"] == "alt"; }
  bool crosses() const { return (*this)["crossing"] == "Y"; }
  // Day and place in the day.
  std::pair<int, int> time() const;
};

// One conversation: the rows in the order in which they are played.
struct Play {
  std::string name;  // B_1_b_main, B_1_b_alt7, …_client_line, …_by_gateway
  std::vector<Row> rows;
  bool client_line = false;      // what crosses does so between client and gateway; else between gateway and broker
  bool gateway_refuses = false;  // the gateway refuses the order by itself: its client is blocked
};

// The rows of a table of this version, in the file's order.
std::vector<Row> load_table(Version version);

// Every conversation of this version's table that is played between these two sides.
std::vector<Play> plays(Version table, Version client, Version broker);

// The same row in the other version: ExecTransType(20), ExecType(150) and OrdStatus(39) as FIX volume 4
// has them on each side of 4.3. A row that is no ExecutionReport stays as it is.
Row translated(const Row& row, Version from, Version to);

}  // namespace portcullis::scenarios
