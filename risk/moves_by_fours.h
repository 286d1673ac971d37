#pragma once

#include <array>
#include <cstdint>

#include "risk/exposure.h"
#include "risk/scopes.h"

// The short way for what nearly every event moves in nearly every scope: sums that stand side by side, four to an
// addition, and marks that follow by what the change itself is worth, worked out once for all scopes. What needs care
// is left to Exposure::move(), which works out the same from the sums themselves: the two never differ by a bit.

namespace portcullis::risk {

// What one event moves in every scope alike: of a pair of currencies that is fixed on no date.
class MovesByFours {
 public:
  MovesByFours(const Moves& moves, bool buys_base, const PairRates& rates);

  // The processor has AVX2.
  static bool are_possible();

  // Moves what the event moves but for what settles, in the scopes that have cells of their own (Scopes::make_cells).
  // Returns the places where it did not, and where nothing has moved: there the marks are of older rates than
  // `rates_version`, sums are near the ends of the range, or more of a day was taken back than was traded in it.
  Places move(const Scopes& scopes, std::uint64_t rates_version) const;

 private:
  struct alignas(32) Four {
    std::array<std::int64_t, 4> of = {};
  };
  struct Currency {
    void set(std::int64_t position, std::int64_t in, std::int64_t out, Rate rate, bool is_marked);

    Four amounts;
    Four worth;           // zero where nothing is marked
    bool counts = false;  // it is marked
  };
  // Of which currencies are marked.
  template <bool kBaseCounts, bool kTermCounts>
  Places move_by_avx2(const Scopes& scopes, std::uint64_t rates_version) const;

  // As they stand in Exposure, InstrumentExposure and CurrencyExposure.
  Four held_;
  Four sums_;
  Four worst_;
  Four open_;
  Currency base_;
  Currency term_;
  bool is_small_ = false;  // no change is near the ends of the range
};

}  // namespace portcullis::risk
