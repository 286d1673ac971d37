#pragma once

#include <cstddef>
#include <string_view>

#include "config/config.h"
#include "gateway/state.h"
#include "order/commands.h"

// A file of start-of-day positions, as `portcullis positions` sends it:
//
//   start-of-day positions,LDN1,2026-11-27      the gateway's id and the trade date
//   account,symbol,quantity,price
//   ALPHA-1,EUR/USD,-1500000,1.09985            base units, signed; the price at which what differs is booked
//   ALPHA-1,GBP/USD,0,                          none is held; a price where one was
//
// and its signature: HMAC-SHA256 over its bytes with admin.positions_key, in hexadecimal (docs/risk.md says how to make
// one with openssl). Whatever is wrong with either becomes the command's fault, so that the core refuses it in the
// journal.

namespace portcullis::app {

inline constexpr std::size_t kMaxStartPositions = 4'096;     // lines
inline constexpr std::size_t kMaxPositionsText = 256 << 10;  // bytes

// `signature`: its last word counts, as in `HMAC-SHA2-256(file)= 3f…`.
order::StartPositions read_start_positions(std::string_view text, std::string_view signature,
                                           const config::Config& configuration, const gateway::State& state);

}  // namespace portcullis::app
