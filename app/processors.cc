#include "app/processors.h"

#include <sched.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace portcullis::app {
namespace {

Error not_allowed(const char* key, std::uint16_t cpu, const std::set<std::uint16_t>& allowed) {
  std::string list;
  for (const std::uint16_t one : allowed) list += (list.empty() ? "" : ", ") + std::to_string(one);
  return Error{"gateway." + std::string(key) + " names processor " + std::to_string(cpu) +
               ", which this process may not use; expected one of " + list};
}

}  // namespace

Result<Processors> Processors::of(const config::GatewaySection& section, const std::set<std::uint16_t>& allowed) {
  Processors processors;
  for (const std::uint16_t cpu : section.other_cpus) {
    if (!allowed.contains(cpu)) return not_allowed("other_cpus", cpu, allowed);
    processors.others.insert(cpu);
  }
  if (!section.core_cpu) return processors;
  if (!allowed.contains(*section.core_cpu)) return not_allowed("core_cpu", *section.core_cpu, allowed);
  processors.core.insert(*section.core_cpu);
  if (processors.others.empty()) {
    processors.others = allowed;
    processors.others.erase(*section.core_cpu);
    if (processors.others.empty()) {
      return Error{"gateway.core_cpu takes the only processor that this process may use; leave it out"};
    }
  }
  return processors;
}

Result<std::set<std::uint16_t>> allowed_processors() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
    return Error{std::string("the processors of this process cannot be read: ") + std::strerror(errno)};
  }
  std::set<std::uint16_t> allowed;
  for (std::uint16_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) allowed.insert(cpu);
  }
  return allowed;
}

Status place_thread(const std::set<std::uint16_t>& processors) {
  if (processors.empty()) return {};
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (const std::uint16_t cpu : processors) CPU_SET(cpu, &mask);
  if (sched_setaffinity(0, sizeof mask, &mask) != 0) {
    return Error{std::string("a thread cannot be placed on its processors: ") + std::strerror(errno)};
  }
  return {};
}

}  // namespace portcullis::app
