#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

// What `portcullis bench` does: the gateway from socket to socket, against a byte relay and a textbook gateway in its
// place. Load generator, subject and bare broker are processes of their own on the loopback. The order of the subjects
// is shuffled in each repetition; ratios are of one repetition.

namespace portcullis::bench {

struct ComparisonOptions {
  int repetitions = 5;
  bool smoke = false;                 // a few hundred orders of each: whether it works, not how fast
  std::vector<std::string> subjects;  // of all_subject_names(); empty: subject_names()
  std::vector<std::string> loads;     // of load_names(); empty: all
  std::string json;                   // a file for one JSON document with every run; empty: none
};

// relay, textbook-memory, textbook-file, process, process-tls, disk.
const std::vector<std::string>& subject_names();
// And relay-spin, process-spin, disk-spin.
std::vector<std::string> all_subject_names();

// As the table names them: "1,000/s", "1,024 in flight" …
std::vector<std::string> load_names();

// Runs it and prints a table in Markdown on standard output. An error says what did not work.
Status compare(const ComparisonOptions& options);

// A peer of a comparison: its own program with these arguments, which compare() starts. The exit code.
int run_peer(const std::vector<std::string>& arguments);

}  // namespace portcullis::bench
