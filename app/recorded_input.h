#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "fix/scanner.h"
#include "gateway/input.h"
#include "gateway/record.h"

namespace portcullis::app {

// A record's input, made again from the record where all of it stands there.
class RecordedInput {
 public:
  // False: it cannot be decided anew. What input() refers to is the record's and this object's until the next call.
  bool read(const gateway::RecordView& record);

  const gateway::Input& input() const { return input_; }
  // Of a configuration's record.
  const config::Config& configuration() const { return configuration_; }

 private:
  void read_start(const gateway::RecordView& record);
  bool read_configuration(const gateway::RecordView& record);
  void read_effects(const gateway::RecordView& record);

  gateway::Input input_;
  std::string hold_;
  std::string build_version_;
  std::string build_id_;
  std::string reason_;
  config::Config configuration_;
  fix::ScannedMessage message_;
  std::vector<gateway::StagedMessage> staged_;
  std::vector<std::string> alert_texts_;
  std::vector<gateway::SessionAlert> alerts_;
};

}  // namespace portcullis::app
