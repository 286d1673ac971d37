#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/config.h"
#include "persistence/journal.h"

// Who reads the journal behind the core, each on a thread of its own: the blotter's projector, the log
// of orders, and the maker of snapshots. Trading waits for none of them.

namespace portcullis::app {

// The blotter's place in the form that persistence/ opens.
std::string blotter_url(const config::BlotterSection& blotter);

class Followers {
 public:
  struct BlotterStatus {
    bool connected = false;
    std::uint64_t last_index = 0;
    std::string error;
  };

  static std::unique_ptr<Followers> start(const config::Config& configuration, persistence::Journal& journal);
  ~Followers();

  BlotterStatus blotter_status() const;
  // The last record that the log of orders, and the maker of snapshots, have seen.
  std::uint64_t logged_index() const;
  std::uint64_t folded_index() const;
  // At the end, with the journal closed: makes a last snapshot, and waits, within a limit, until everything up to
  // `last_index` is projected.
  void finish(std::uint64_t last_index);

 private:
  Followers() = default;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portcullis::app
