// SPDX-License-Identifier: Apache-2.0
// What an interrupted command says that has no store to go on from.
#pragma once

#include "core/base/progress.hpp"

namespace lanewise::cli {

class NothingKept : public Interrupted {
 public:
  const char* what() const noexcept override { return "interrupted; nothing was written"; }
};

// Does the work; where it is interrupted, throws NothingKept.
template <class Work>
auto or_nothing(const Work& work) {
  try {
    return work();
  } catch (const Interrupted&) {
    throw NothingKept();
  }
}

}  // namespace lanewise::cli
