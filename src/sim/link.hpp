// SPDX-License-Identifier: Apache-2.0
// Handshakes between units: a link carries counts ("so many more"), an sc_fifo that its reader empties whenever it
// wakes.
#pragma once

#include <systemc>

#include "base/error.hpp"

namespace lanewise::sim {

using Link = sc_core::sc_fifo<int>;
// Readers empty a link in the delta cycle after a write, so a few entries are room enough.
inline constexpr int kLinkDepth = 16;

class LinkOut : public sc_core::sc_fifo_out<int> {
 public:
  void send(int count) {
    if (!(*this)->nb_write(count)) throw InternalError("simulator: a handshake link is full");
  }
};

class LinkIn : public sc_core::sc_fifo_in<int> {
 public:
  // Everything that has come in, summed up.
  int receive() {
    int total = 0;
    for (int count = 0; (*this)->nb_read(count);) total += count;
    return total;
  }
};

}  // namespace lanewise::sim
