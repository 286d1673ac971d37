#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/byte_sink.h"
#include "base/byte_source.h"
#include "base/pages.h"
#include "base/result.h"
#include "gateway/archive.h"
#include "gateway/record.h"
#include "order/types.h"

// Where each numbered message that we sent stands in the journal: the message store of a ResendRequest is
// this view of it. Keyed by (session, sequence epoch, MsgSeqNum), so that a reset loses nothing.

namespace portcullis::app {

// The offsets of one epoch's messages, in pieces, of which none is moved once it is full, so that no message waits until all that
// were sent before it have been copied. What many messages need comes in huge pages that another thread keeps ready.
class Offsets {
 public:
  static constexpr std::uint64_t kPiece = 4096;
  static constexpr std::uint64_t kMany = 64 * kPiece;  // so many stand in pieces of that size, the rest in blocks
  static constexpr std::uint64_t kBlock = Pages::kBlock / sizeof(std::uint64_t);

  void push_back(std::uint64_t offset) {
    if (size_ < kMany) {
      if (size_ % kPiece == 0) add_piece();
      pieces_.back().push_back(offset);
    } else {
      if ((size_ - kMany) % kBlock == 0) blocks_.emplace_back(kBlock);
      blocks_.back()[(size_ - kMany) % kBlock] = offset;
    }
    ++size_;
  }
  std::uint64_t size() const { return size_; }
  std::uint64_t operator[](std::uint64_t i) const {
    if (i < kMany) return pieces_[i / kPiece][i % kPiece];
    return blocks_[(i - kMany) / kBlock][(i - kMany) % kBlock];
  }

  // As one list (gateway/archive.h).
  void save(gateway::Saving& ar) const {
    ar(size_);
    for (const std::vector<std::uint64_t>& piece : pieces_) ar.bytes(piece.data(), piece.size() * sizeof(std::uint64_t));
    std::uint64_t left = size_ - std::min(size_, kMany);
    for (const PageArray<std::uint64_t>& block : blocks_) {
      const std::uint64_t used = std::min(left, kBlock);
      ar.bytes(&block[0], used * sizeof(std::uint64_t));
      left -= used;
    }
  }
  void load(gateway::Loading& ar) {
    std::uint64_t size = 0;
    ar(size);
    if (size > ar.left() / sizeof(std::uint64_t)) return ar.fail("ends early");
    while (size_ < std::min(size, kMany) && ar.ok()) {
      add_piece();
      pieces_.back().resize(std::min(size - size_, kPiece));
      ar.bytes(pieces_.back().data(), pieces_.back().size() * sizeof(std::uint64_t));
      size_ += pieces_.back().size();
    }
    while (size_ < size && ar.ok()) {
      const std::uint64_t used = std::min(size - size_, kBlock);
      ar.bytes(&blocks_.emplace_back(kBlock)[0], used * sizeof(std::uint64_t));
      size_ += used;
    }
  }

 private:
  // The first grows with what there is, since many epochs have few messages.
  void add_piece() {
    pieces_.emplace_back();
    if (size_ != 0) pieces_.back().reserve(kPiece);
  }

  std::vector<std::vector<std::uint64_t>> pieces_;
  std::vector<PageArray<std::uint64_t>> blocks_;
  std::uint64_t size_ = 0;
};

class OutboundIndex {
 public:
  // The record at `offset` holds these messages. Called for each record, in the journal's order.
  void add(const gateway::RecordView& record, std::uint64_t offset) {
    record.for_each_outbound([&](const gateway::OutboundView& message) { add(message.header, offset); });
  }
  void add(const gateway::OutboundHeader& header, std::uint64_t offset) {
    if (sessions_.size() <= header.session.value()) sessions_.resize(header.session.value() + 1u);
    std::vector<Epoch>& epochs = sessions_[header.session.value()];
    if (epochs.empty() || epochs.back().number != header.sequence_epoch) {
      epochs.push_back(Epoch{header.sequence_epoch, header.msg_seq_num, {}});
    }
    epochs.back().offsets.push_back(offset);
  }

  // Brings near what the next message of this session will ask for.
  void look_ahead(order::SessionId session) const {
    if (session.value() < sessions_.size() && !sessions_[session.value()].empty()) {
      __builtin_prefetch(&sessions_[session.value()].back(), 1);
    }
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  // The offset of the record that holds the message, or kNone when that number was never used.
  std::uint64_t find(order::SessionId session, std::uint32_t sequence_epoch, std::uint64_t msg_seq_num) const {
    if (session.value() >= sessions_.size()) return kNone;
    for (const Epoch& epoch : sessions_[session.value()]) {
      if (epoch.number != sequence_epoch) continue;
      if (msg_seq_num < epoch.first || msg_seq_num - epoch.first >= epoch.offsets.size()) return kNone;
      return epoch.offsets[msg_seq_num - epoch.first];
    }
    return kNone;
  }

  // For a snapshot; equal indices give equal bytes.
  void save(ByteSink& out) const {
    gateway::Saving ar(out);
    ar(std::uint64_t{sessions_.size()});
    for (const std::vector<Epoch>& epochs : sessions_) {
      ar(std::uint64_t{epochs.size()});
      for (const Epoch& epoch : epochs) {
        ar(epoch.number);
        ar(epoch.first);
        epoch.offsets.save(ar);
      }
    }
  }
  // Takes its bytes from `in`; after an error the index is empty.
  Status load(ByteSource& in) {
    gateway::Loading ar(in);
    sessions_.clear();
    const auto count = [&ar] {
      std::uint64_t value = 0;
      ar(value);
      return value;
    };
    const std::uint64_t sessions = count();
    for (std::uint64_t s = 0; s < sessions && ar.ok(); ++s) {
      std::vector<Epoch>& epochs = sessions_.emplace_back();
      const std::uint64_t number_of_epochs = count();
      for (std::uint64_t e = 0; e < number_of_epochs && ar.ok(); ++e) {
        Epoch& epoch = epochs.emplace_back();
        ar(epoch.number);
        ar(epoch.first);
        epoch.offsets.load(ar);
      }
    }
    if (!ar.ok()) {
      sessions_.clear();
      return Error{"the index of outbound messages in the snapshot " + ar.why()};
    }
    ar.finish();
    return {};
  }

 private:
  struct Epoch {
    std::uint32_t number = 0;
    std::uint64_t first = 1;  // MsgSeqNum of offsets[0]; numbers of an epoch have no gaps
    Offsets offsets;
  };
  std::vector<std::vector<Epoch>> sessions_;
};

}  // namespace portcullis::app
