#include "bench/measurement.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

#include "persistence/file.h"
#include "sim/inbox.h"

namespace portcullis::bench {
namespace {

// A load generator or a broker that was idle for less of the time than this was the bottleneck itself, and its throughput
// says nothing about the subject.
constexpr double kLeastIdleShare = 0.05;
// A thread that takes less of an order is left out of the table.
constexpr double kLeastShownNs = 50;

std::string digits(double value, int decimals) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string grouped = text;
  std::size_t point = grouped.find('.');
  if (point == std::string::npos) point = grouped.size();
  for (std::size_t at = point; at > 3 && grouped[at - 4] != '-'; at -= 3) grouped.insert(at - 3, ",");
  return grouped;
}

// "minimum / median / maximum"; a dash where there is nothing to say.
std::string spread(std::vector<double> values, int decimals) {
  if (values.empty()) return "–";
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return digits(values.front(), decimals) + " / " + digits(median, decimals) + " / " + digits(values.back(), decimals);
}

using Runs = std::vector<const Measurement*>;

std::vector<double> each(const Runs& runs, const std::function<double(const Measurement&)>& value) {
  std::vector<double> values;
  for (const Measurement* run : runs) values.push_back(value(*run));
  return values;
}

bool bound_by_peers(const Measurement& run) {
  return std::min(run.result.idle_share, run.broker_idle_share) < kLeastIdleShare;
}

// Of a run and the run of `reference` under the same load in the same repetition.
std::vector<double> ratios(const Runs& runs, const std::vector<Measurement>& all, const std::string& reference,
                           const std::function<double(const Measurement&)>& value, bool unbound) {
  std::vector<double> found;
  for (const Measurement* run : runs) {
    for (const Measurement& other : all) {
      if (other.subject != reference || other.load != run->load || other.repetition != run->repetition) continue;
      if (unbound && (bound_by_peers(*run) || bound_by_peers(other))) continue;
      if (value(other) > 0) found.push_back(value(*run) / value(other));
    }
  }
  return found;
}

// What an order does not cost and a session does, at the load's both ends.
std::string logons(const std::vector<Measurement>& measurements, const std::string& load) {
  std::vector<double> micros;
  for (const Measurement& m : measurements) {
    if (m.load == load) micros.push_back(static_cast<double>(m.cpu_ns_a_logon) / 1000);
  }
  return spread(micros, 0);
}

// What an order costs among many sessions, against one: of the closed loops of `process` in the same repetition.
std::string scale_table(const std::vector<Measurement>& measurements) {
  constexpr const char* kOne = "1,024 in flight";
  std::string text;
  std::vector<std::string> seen;
  for (const Measurement& first : measurements) {
    if (first.load.find("sessions") == std::string::npos) continue;
    if (std::find(seen.begin(), seen.end(), first.load) != seen.end()) continue;
    seen.push_back(first.load);
    const auto compared = [&](const std::function<std::int64_t(const Measurement&)>& cost) {
      std::vector<double> found;
      for (const Measurement& run : measurements) {
        if (run.load != first.load) continue;
        for (const Measurement& one : measurements) {
          if (one.subject != run.subject || one.load != kOne || one.repetition != run.repetition) continue;
          if (cost(one) > 0) found.push_back(static_cast<double>(cost(run)) / static_cast<double>(cost(one)));
        }
      }
      return spread(found, 2);
    };
    if (text.empty()) {
      text =
          "\n| load, `process` | CPU an order, one session = 1 | of the main thread, one session = 1 | CPU µs of a "
          "logon and a logout, a session |\n|---|---|---|---|\n";
    }
    text += "| " + first.load + " | " + compared([](const Measurement& m) { return m.cpu_ns; }) + " | " +
            compared([](const Measurement& m) {
              const auto main = m.cpu_ns_by_thread.find(kMainThread);
              return main == m.cpu_ns_by_thread.end() ? 0 : main->second;
            }) +
            " | " + logons(measurements, first.load) + " |\n";
  }
  return text;
}

bool spins(const std::string& subject) {
  return subject.ends_with("-spin");
}

std::string relay_of(const std::string& subject) {
  return spins(subject) ? "relay-spin" : "relay";
}

double throughput_of(const Measurement& m) {
  return static_cast<double>(m.result.answered) * 1e9 /
         static_cast<double>(std::max<std::int64_t>(m.result.elapsed_ns, 1));
}

// One that falls behind the rate that it is sent has no latency to compare: what it shows is the queue before it.
bool keeps_up(const Runs& runs) {
  constexpr double kCarried = 0.99;
  return std::all_of(runs.begin(), runs.end(),
                     [](const Measurement* m) { return throughput_of(*m) >= kCarried * static_cast<double>(m->rate); });
}

// Latency in the open loops against the relay's of the same repetition; at level disk also in syncs of its disk.
std::string latency_table(const std::vector<Measurement>& measurements,
                          const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string text;
  for (const auto& [load, subject] : rows) {
    Runs runs;
    for (const Measurement& m : measurements) {
      if (m.load == load && m.subject == subject && m.rate != 0) runs.push_back(&m);
    }
    const std::string relay = relay_of(subject);
    if (runs.empty() || subject == relay) continue;
    if (text.empty()) {
      text =
          "\n| load | subject | p50, relay = 1 | p99, relay = 1 | fdatasync p50 µs | p50 less the relay's, fdatasync = "
          "1 |\n"
          "|---|---|---|---|---|---|\n";
    }
    const auto p50 = [](const Measurement& m) { return static_cast<double>(m.result.p50_ns); };
    const auto p99 = [](const Measurement& m) { return static_cast<double>(m.result.p99_ns); };
    std::vector<double> syncs;
    std::vector<double> above;
    for (const Measurement* run : runs) {
      if (run->sync_p50_ns == 0) continue;
      syncs.push_back(static_cast<double>(run->sync_p50_ns) / 1000);
      for (const Measurement& other : measurements) {
        if (other.subject != relay || other.load != load || other.repetition != run->repetition) continue;
        above.push_back((p50(*run) - p50(other)) / static_cast<double>(run->sync_p50_ns));
      }
    }
    const bool kept_up = keeps_up(runs);
    if (!kept_up) above.clear();
    text += "| " + load + " | " + subject + " | " +
            (kept_up ? spread(ratios(runs, measurements, relay, p50, false), 2) : "does not keep up") + " | " +
            (kept_up ? spread(ratios(runs, measurements, relay, p99, false), 2) : "–") + " | " + spread(syncs, 0) +
            " | " + spread(above, 1) + " |\n";
  }
  return text;
}

}  // namespace

std::int64_t sync_p50_ns(const std::string& directory, std::int64_t a_second) {
  constexpr std::size_t kBytes = 1024;
  constexpr std::size_t kTimes = 500;
  const auto must = [](const auto& result) {
    if (!result) throw std::runtime_error("measuring the disk: " + result.error().what);
  };
  persistence::FileSystem& files = persistence::posix_file_system();
  const std::string path = directory + "/sync";
  auto opened = files.open(path, persistence::OpenMode::kCreate);
  must(opened);
  persistence::File& file = **opened;
  must(persistence::write_all(file, 0, std::vector<std::byte>(kBytes * kTimes)));
  must(file.sync_data());
  const std::vector<std::byte> record(kBytes, std::byte{1});
  std::vector<std::int64_t> took;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kTimes; ++i) {
    std::this_thread::sleep_until(start +
                                  std::chrono::nanoseconds(1'000'000'000 / a_second * static_cast<std::int64_t>(i)));
    const SteadyTime begin = sim::steady_now();
    must(persistence::write_all(file, i * kBytes, record));
    must(file.sync_data());
    took.push_back((sim::steady_now() - begin).ns());
  }
  must(files.remove(path));
  std::nth_element(took.begin(), took.begin() + kTimes / 2, took.end());
  return took[kTimes / 2];
}

std::map<std::string, std::int64_t> cpu_ns_by_thread(pid_t process) {
  std::map<std::string, std::int64_t> spent;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
    std::string name;
    std::ifstream comm(entry.path() / "comm");
    std::getline(comm, name);
    if (entry.path().filename() == std::to_string(process)) name = kMainThread;
    std::int64_t on_cpu = 0;
    std::ifstream(entry.path() / "schedstat") >> on_cpu;
    spent[name] += on_cpu;
  }
  return spent;
}

bool has_work(pid_t process) {
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
    // proc(5): "tid (name) state ...", and a name may hold spaces and brackets.
    std::string line;
    std::ifstream stat(entry.path() / "stat");
    std::getline(stat, line);
    const std::size_t end = line.rfind(") ");
    if (end == std::string::npos || end + 2 >= line.size()) continue;
    const char state = line[end + 2];
    if (state == 'R' || state == 'D') return true;
  }
  return false;
}

namespace {

// Where a gateway's CPU time goes, thread by thread, in the closed loops.
std::string thread_table(const std::vector<Measurement>& measurements,
                         const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string text;
  for (const auto& [load, subject] : rows) {
    std::map<std::string, std::vector<double>> by_thread;
    for (const Measurement& m : measurements) {
      if (m.load != load || m.subject != subject || m.rate != 0 || m.cpu_ns_by_thread.size() < 2) continue;
      for (const auto& [name, spent] : m.cpu_ns_by_thread) by_thread[name].push_back(static_cast<double>(spent));
    }
    std::vector<std::pair<double, std::string>> lines;  // the dearest first
    for (const auto& [name, spent] : by_thread) {
      const double most = *std::max_element(spent.begin(), spent.end());
      if (most < kLeastShownNs) continue;
      lines.emplace_back(-most, "| " + load + " | " + subject + " | " + name + " | " + spread(spent, 0) + " |\n");
    }
    std::sort(lines.begin(), lines.end());
    if (text.empty() && !lines.empty()) text = "\n| load | subject | thread | CPU ns an order |\n|---|---|---|---|\n";
    for (const auto& [order, line] : lines) text += line;
  }
  return text;
}

}  // namespace

std::string table(const std::vector<Measurement>& measurements) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Measurement& m : measurements) {
    const std::pair<std::string, std::string> row(m.load, m.subject);
    if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text =
      "| load | subject | orders/s | p50 µs | p99 µs | CPU ns an order | of them the main thread | CPU, relay = 1 | "
      "orders/s, relay = 1 | orders/s, textbook with FileStore = 1 | generator idle % | broker idle % |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [load, subject] : rows) {
    Runs runs;
    for (const Measurement& m : measurements) {
      if (m.load == load && m.subject == subject) runs.push_back(&m);
    }
    const auto cpu = [](const Measurement& m) { return static_cast<double>(m.cpu_ns); };
    const std::string relay = relay_of(subject);
    const bool open = runs.front()->rate != 0;
    const auto latency = [&](const std::function<double(const Measurement&)>& value) {
      return open ? spread(each(runs, value), 0) : std::string("–");
    };
    const bool kept_up =
        std::all_of(runs.begin(), runs.end(), [](const Measurement* m) { return m->result.rejected == 0; });
    const auto refused = [](const Measurement& m) {
      return 100.0 * static_cast<double>(m.result.rejected) /
             static_cast<double>(std::max<std::int64_t>(m.result.answered, 1));
    };
    const std::vector<std::string> cells = {
        load,
        subject,
        spread(each(runs, throughput_of), 0) + (kept_up ? "" : "; refused %: " + spread(each(runs, refused), 0)),
        latency([](const Measurement& m) { return static_cast<double>(m.result.p50_ns) / 1000; }),
        latency([](const Measurement& m) { return static_cast<double>(m.result.p99_ns) / 1000; }),
        spread(each(runs, cpu), 0),
        spread(each(runs,
                    [](const Measurement& m) {
                      const auto main = m.cpu_ns_by_thread.find(kMainThread);
                      return main == m.cpu_ns_by_thread.end() ? 0.0 : static_cast<double>(main->second);
                    }),
               0),
        spread(ratios(runs, measurements, relay, cpu, false), 1),
        open ? "–" : spread(ratios(runs, measurements, relay, throughput_of, true), 2),
        open ? "–" : spread(ratios(runs, measurements, "textbook-file", throughput_of, false), 1),
        spread(each(runs, [](const Measurement& m) { return m.result.idle_share * 100; }), 0),
        spread(each(runs, [](const Measurement& m) { return m.broker_idle_share * 100; }), 0)};
    for (const std::string& cell : cells) text += "| " + cell + " ";
    text += "|\n";
  }
  return text + latency_table(measurements, rows) + scale_table(measurements) + thread_table(measurements, rows);
}

std::string to_json(const std::vector<Measurement>& measurements) {
  boost::json::array runs;
  for (const Measurement& m : measurements) {
    boost::json::object run = boost::json::parse(sim::to_json(m.result)).as_object();
    run["subject"] = m.subject;
    run["load"] = m.load;
    run["repetition"] = m.repetition;
    run["broker_idle_share"] = m.broker_idle_share;
    run["cpu_ns_per_order"] = m.cpu_ns;
    run["cpu_ns_per_logon"] = m.cpu_ns_a_logon;
    boost::json::object threads;
    for (const auto& [name, spent] : m.cpu_ns_by_thread) threads[name] = spent;
    run["cpu_ns_per_order_by_thread"] = std::move(threads);
    if (m.sync_p50_ns != 0) run["fdatasync_p50_ns"] = m.sync_p50_ns;
    runs.push_back(std::move(run));
  }
  return boost::json::serialize(boost::json::object{{"machine", machine()}, {"runs", std::move(runs)}}) + "\n";
}

std::string machine() {
  std::string model = "unknown processor";
  std::ifstream processors("/proc/cpuinfo");
  for (std::string line; std::getline(processors, line);) {
    if (!line.starts_with("model name")) continue;
    model = line.substr(line.find(':') + 2);
    break;
  }
  double load = 0;
  if (getloadavg(&load, 1) != 1) load = 0;
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", &utc);
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, load average " +
         digits(load, 1) + ", " + date;
}

}  // namespace portcullis::bench
