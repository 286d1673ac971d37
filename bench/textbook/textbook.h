#pragma once

#include <cstdint>
#include <string>

// The textbook gateway on QuickFIX, for comparison: a SocketAcceptor for the client, a SocketInitiator to the broker,
// an Application that sends each order on under a ClOrdID of its own and each report back under the client's. What
// anybody writes in an afternoon from QuickFIX's examples: no risk, no routing, no journal but QuickFIX's own store.
// This header must also compile as C++14, because QuickFIX's headers do not compile past it.

namespace portcullis {
namespace bench {

struct TextbookSettings {
  std::uint16_t listen = 0;   // for the client ALPHA, as PORTCULLIS
  std::uint16_t connect = 0;  // to the broker NORTHBANK, as PORTCULLIS
  std::string store;          // QuickFIX's FileStore in this directory; empty: its MemoryStore
  std::string dictionary;     // FIX 4.4, in QuickFIX's XML format
};

// The settings in QuickFIX's own format, as run_textbook gives them to its acceptor and to its initiator: QuickFIX's
// SocketAcceptor asks each session of its settings for a port, so the two cannot share a file.
enum class TextbookSide { kAcceptor, kInitiator };
std::string textbook_settings(const TextbookSettings& settings, TextbookSide side);

// Runs until the process is ended. The exit code, when it could not start.
int run_textbook(const TextbookSettings& settings);

}  // namespace bench
}  // namespace portcullis
