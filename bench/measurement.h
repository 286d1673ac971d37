#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/load/load.h"

namespace portcullis::bench {

// One subject under one load in one repetition.
struct Measurement {
  std::string subject;
  std::string load;
  int repetition = 0;
  std::int64_t rate = 0;  // orders a second of an open loop; 0: a closed one
  sim::LoadResult result;
  double broker_idle_share = 0;  // of the bare broker's process, from the first order to the last answer
  // CPU time of the process under test by order and its two reports, and of each of its threads by name.
  std::int64_t cpu_ns = 0;
  std::map<std::string, std::int64_t> cpu_ns_by_thread;
  // What a session costs that logs on and out, by session; not in the above.
  std::int64_t cpu_ns_a_logon = 0;
  // The median of a bare write and fdatasync on the subject's disk, directly before it was started, and as often as it
  // syncs under this load: twice an order. 0: not measured.
  std::int64_t sync_p50_ns = 0;
};

// How long a record's bytes take to the disk that holds `directory`: the median of some hundred times a write of 1 KiB
// into blocks that were written before, and its fdatasync, in nanoseconds. So many a second, since a disk and a
// processor that rest in between take longer than busy ones; where that is too many, one behind the other. Throws
// std::runtime_error.
std::int64_t sync_p50_ns(const std::string& directory, std::int64_t a_second);

// What the thread that a process began with is called here, whatever its program's file is called.
inline constexpr const char* kMainThread = "portcullis";

// The CPU time that a process has spent, by thread name, in nanoseconds.
std::map<std::string, std::int64_t> cpu_ns_by_thread(pid_t process);

// Whether one of its threads runs, waits for a processor or for the disk: it has work, though it may spend no time on
// it, since what follows the journal makes way for everybody else on a busy machine.
bool has_work(pid_t process);

// Markdown: a row for each load and subject, minimum, median and maximum of the repetitions.
std::string table(const std::vector<Measurement>& measurements);
// One document: the machine and every measurement.
std::string to_json(const std::vector<Measurement>& measurements);
// Processor, cores, date and load of the machine, one line.
std::string machine();

}  // namespace portcullis::bench
