// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// The buffers of one kind, seen by the unit that fills them. At first all are free; later each must be freed before it
// is filled again. Every subgraph has its own buffers, so tokens that free the last ones of an earlier subgraph are
// ignored.
class FreeBuffers {
 public:
  void reset() { fresh_ = stale_ = 0; }
  // `stale`: tokens of earlier subgraphs, sent or still to come, that free buffers nobody waits for.
  void begin_subgraph(std::int64_t slots, std::int64_t stale) {
    fresh_ = slots;
    stale_ += stale;
  }
  // The time from which the next buffer is free; null while it is not known.
  const Moment* front(TokenIn& freed) {
    if (fresh_ > 0) return &always_;
    while (stale_ > 0) {
      if (freed->front() == nullptr) return nullptr;
      freed->take();
      --stale_;
    }
    return freed->front();
  }
  void take(TokenIn& freed) {
    if (fresh_ > 0) {
      --fresh_;
    } else {
      freed->take();
    }
  }

 private:
  const Moment always_;
  std::int64_t fresh_ = 0, stale_ = 0;
};

}  // namespace lanewise::sim
