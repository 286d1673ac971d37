#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Finds whole FIX messages in a stream of bytes.
//
// A frame is BeginString(8), BodyLength(9), a body whose first field is MsgType(35), and CheckSum(10),
// in that order, with the body exactly as long as BodyLength says and the checksum right (FIX 4.4,
// volume 2, "Message Integrity"). BodyLength may carry leading zeros (9=000124). Everything else is
// garbled: it is ignored, uses no MsgSeqNum, and the search goes on at the next "8=FIX".
//
// Nothing is copied: a frame is a view into the caller's buffer. No I/O, no allocation; one Framer for
// each connection, used by one thread.

namespace portcullis::fix {

inline constexpr char kSoh = '\x01';

// A message longer than this, or this much that is no message, ends the connection.
inline constexpr std::size_t kMaxFrameBytes = 64 * 1024;

struct Frame {
  std::string_view bytes;         // from "8=" through the SOH after CheckSum(10)
  std::uint32_t body_offset = 0;  // of "35=" in `bytes`
  std::uint32_t body_size = 0;    // BodyLength(9): through the SOH before "10="
};

// The sum of all bytes modulo 256: what CheckSum(10) says of the bytes before "10=".
std::uint8_t checksum(std::string_view bytes);

class Framer {
 public:
  enum class Found : std::uint8_t {
    kFrame,     // `frame` is set
    kGarbled,   // the consumed bytes were no valid message; call again with what follows
    kNeedMore,  // nothing whole; keep what is not consumed and call again with more
    kTooLarge,  // over kMaxFrameBytes: disconnect; nothing more is found on this stream
  };
  struct Step {
    Found found = Found::kNeedMore;
    std::size_t consumed = 0;  // bytes at the front that are done with
    Frame frame;               // valid with kFrame, while the caller's buffer stands
    const char* why = "";      // of kGarbled and kTooLarge, for the log
  };

  // `unread` starts where the last step's consumed bytes ended. Each byte is looked at a bounded number
  // of times: a partial frame costs its header only.
  Step next(std::string_view unread);

  std::uint64_t frames() const { return frames_; }
  std::uint64_t garbled_messages() const { return garbled_messages_; }
  std::uint64_t garbage_bytes() const { return garbage_bytes_; }

 private:
  Step examine(std::string_view unread);
  Step frame(std::string_view unread, std::size_t header_size, std::size_t body_size);
  Step garbled(std::string_view unread, std::size_t skip_at_least, const char* why);
  Step too_large(const char* why);

  std::uint64_t frames_ = 0;
  std::uint64_t garbled_messages_ = 0;
  std::uint64_t garbage_bytes_ = 0;
  std::size_t garbage_run_ = 0;  // bytes ignored since the last valid frame
  bool dead_ = false;
};

}  // namespace portcullis::fix
