#pragma once

#include <cstdint>
#include <string>

namespace portcullis::bench {

// What a gateway is measured against: bytes from one socket to another and back, nothing else. Listens on
// 127.0.0.1:`listen`, connects to 127.0.0.1:`connect` for the one connection it takes at a time. Runs until killed.
// `spin`: asks the kernel again and again instead of sleeping.
int run_relay(std::uint16_t listen, std::uint16_t connect, bool spin);

}  // namespace portcullis::bench
