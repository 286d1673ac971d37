#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/outbound_index.h"
#include "app/release_queue.h"
#include "config/config.h"
#include "gateway/core.h"
#include "persistence/journal.h"
#include "persistence/start_file.h"
#include "session/session.h"
#include "tests/persistence/fault_file_system.h"

// One life of the gateway's process, from a start to a crash: the core, the real session layer with QuickFIX as its
// control plane, the real journal, over a disk and a clock of the simulator's. What app/core_loop does with threads and
// sockets is done here in steps, so that a crash can come between any two of them.

namespace portcullis::simulation {

class Process final : public session::CorePort {
 public:
  // Starts on what the disk holds. Fails the test's expectations through `fault()`, never throws.
  Process(persistence::testing::FaultFileSystem& disk, const config::Config& configuration,
          session::quickfix::ControlPlane& plane, const std::string& dictionaries, session::Now now);
  ~Process() override;

  // Why it stopped by itself, or could not start; empty: it runs.
  const std::string& fault() const { return fault_; }
  bool stopped_by_disk() const { return disk_failed_; }

  session::Session& session_of(const std::string& id, bool broker);
  gateway::Core& core() { return core_; }

  // Steps of the loop. `sync` writes one group to the disk; `release` gives what is durable to the sessions.
  void timers(session::Now now);
  void sync();
  void release(session::Now now);
  gateway::CommandOutcome command(const gateway::OperatorCommand& command, session::Now now);

  // session::CorePort
  std::uint64_t submit(const gateway::Input& input) override;
  gateway::SessionNumbers numbers(order::SessionId session) const override { return core_.numbers(session); }
  std::optional<gateway::OwedReports> owed_reports(order::SessionId session) const override;
  bool must_drain(order::SessionId session) const override;
  gateway::ResendDecision resend_decision(order::SessionId session, std::uint64_t msg_seq_num, std::string_view bytes,
                                          UtcTime now) override;
  Status read_outbound(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t first, std::uint64_t last,
                       std::size_t limit, const Visitor& visit) override;

 private:
  class Rules;
  struct Line {
    std::string id;
    bool broker = false;
    std::unique_ptr<Rules> rules;
    std::unique_ptr<session::Session> session;
  };

  void recover(session::Now now);
  gateway::CommandOutcome commit(const gateway::Input& input);
  void add_line(std::string id, bool broker, session::SessionConfig settings, session::quickfix::ControlPlane& plane,
                const std::string& dictionaries);

  persistence::testing::FaultFileSystem& disk_;
  std::string fault_;
  bool disk_failed_ = false;
  gateway::Core core_;
  std::unique_ptr<persistence::StartFile> start_file_;
  std::unique_ptr<persistence::Journal> journal_;
  app::OutboundIndex outbound_;
  app::ReleaseQueue release_;
  std::vector<std::uint64_t> unreleased_;  // by session
  std::vector<Line> lines_;
  std::vector<std::byte> scratch_;
  std::uint64_t released_record_ = 0;
};

}  // namespace portcullis::simulation
