#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "order/types.h"

// The ids that we give, unique for ever: gateway id, epoch of the start that gave it, counter. A
// restored backup counts again from an older number, but under a new epoch (I4).
//   OrderID(37)   LDN1-O<epoch>-<number>      ExecID(17)  LDN1-E<epoch>-<number>
//   ClOrdID(11)   LDN1R<epoch, 7 digits><number>  to a broker: letters and digits only
// Epochs and numbers are written in base 36, upper case.

namespace portcullis::gateway {

inline constexpr std::size_t kMaxGivenId = 56;

struct GivenId {
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
};

// Text of a given id in a buffer of its own.
class IdBuffer {
 public:
  std::string_view view() const { return {bytes_, size_}; }

  static IdBuffer order_id(std::string_view gateway, std::uint64_t epoch, order::OrderNumber number);
  static IdBuffer exec_id(std::string_view gateway, std::uint64_t epoch, order::ExecutionNumber number);
  // A report that no broker has caused (our own refusals and answers), by the number that it has on its
  // session: LDN1-S<session>-<sequence epoch>-<MsgSeqNum>, with the epoch in front.
  static IdBuffer own_exec_id(std::string_view gateway, std::uint64_t epoch, order::SessionId session,
                              std::uint32_t sequence_epoch, std::uint64_t msg_seq_num);
  static IdBuffer cl_ord_id(std::string_view gateway, std::uint64_t epoch, order::RequestNumber number);

 private:
  static constexpr std::size_t kPiece = 16;  // so many bytes are copied of each number, more than it has

  // As far as the dash behind the epoch.
  void begin(std::string_view gateway, std::uint64_t epoch, char letter);
  void put(char c) { bytes_[size_++] = c; }
  void put_piece(const char* from, std::size_t size);
  void put_base36(std::uint64_t value);

  char bytes_[kMaxGivenId + kPiece];
  std::size_t size_ = 0;
};

// Reads back what the functions above wrote for this gateway; nothing for any other text.
std::optional<GivenId> parse_order_id(std::string_view gateway, std::string_view text);
std::optional<GivenId> parse_cl_ord_id(std::string_view gateway, std::string_view text);

}  // namespace portcullis::gateway
