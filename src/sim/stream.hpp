// SPDX-License-Identifier: Apache-2.0
// How units ask memories for data: TLM-2.0 transactions as large as a tile or a stripe, not a beat, with the time that
// the memory needs annotated. Memories serve in a fixed order or in fixed slots, so what one initiator gets never
// depends on when another asks, and the kernel wakes only where units hand work to each other.
//
//   DRAM            non-blocking: BEGIN_REQ now; BEGIN_RESP, with the delay until the last byte, once its turn is known
//   on-chip memory  blocking transport: the delay grows by what the stream takes in its slots
#pragma once

#include <tlm>

#include <cstdint>

#include "sim/ticks.hpp"

namespace lanewise::sim {

enum class Region { kActivations, kWeights };
inline constexpr int kRegionCount = 2;

struct Stream : tlm::tlm_extension<Stream> {
  // Between DRAM and on-chip memory.
  std::size_t turn = 0;         // place in the DMA program
  std::int64_t bytes = 0;       // as stored: what moves on chip
  std::int64_t dram_bytes = 0;  // bursts rounded up: what DRAM moves
  bool write = false;           // to DRAM
  Region region = Region::kActivations;
  // Between the on-chip memory and a computing unit: how long the unit takes at full rate, and what it moves meanwhile.
  Ticks pace = 0;
  double read_bytes[kRegionCount] = {0, 0};
  double write_bytes = 0;  // activations

  tlm::tlm_extension_base* clone() const override { return new Stream(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const Stream&>(other); }
};

// A payload that carries one Stream for as long as its owner lives.
class StreamPayload {
 public:
  StreamPayload() { payload_.set_extension(&stream_); }
  ~StreamPayload() { payload_.clear_extension(&stream_); }
  StreamPayload(const StreamPayload&) = delete;
  StreamPayload& operator=(const StreamPayload&) = delete;
  Stream& stream() { return stream_; }
  tlm::tlm_generic_payload& payload() { return payload_; }

 private:
  Stream stream_;
  tlm::tlm_generic_payload payload_;
};

inline Stream& stream_of(tlm::tlm_generic_payload& payload) { return *payload.get_extension<Stream>(); }

}  // namespace lanewise::sim
