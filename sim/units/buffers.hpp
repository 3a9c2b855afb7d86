// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// The buffers of one kind from the side that fills them: at first all are free, then each must be freed before it is
// filled again. A subgraph has buffers of its own; tokens that free the last ones of an earlier subgraph mean nothing
// any more.
class FreeBuffers {
 public:
  void reset() { fresh_ = stale_ = 0; }
  // `stale`: tokens that the subgraphs so far will still send, or have sent, without anyone waiting for them.
  void begin_subgraph(std::int64_t slots, std::int64_t stale) {
    fresh_ = slots;
    stale_ += stale;
  }
  // Since when the next buffer is free; null while that is not known.
  const Ticks* front(TokenIn& freed) {
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
  const Ticks always_ = 0;
  std::int64_t fresh_ = 0, stale_ = 0;
};

}  // namespace lanewise::sim
