// SPDX-License-Identifier: Apache-2.0
#include "sim/sequence.hpp"

namespace lanewise::sim {

void Tally::repeat_since(const Tally& before, std::int64_t times) {
  const auto repeat = [&](auto Tally::*count) {
    this->*count += static_cast<std::decay_t<decltype(this->*count)>>(times) * (this->*count - before.*count);
  };
  repeat(&Tally::mac_active);
  repeat(&Tally::macs);
  repeat(&Tally::accumulations);
  repeat(&Tally::post_elements);
  repeat(&Tally::sram_read);
  repeat(&Tally::sram_write);
  repeat(&Tally::activation_moved);
  repeat(&Tally::weight_moved);
  repeat(&Tally::write_beats);
}

}  // namespace lanewise::sim
