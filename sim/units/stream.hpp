// SPDX-License-Identifier: Apache-2.0
// How units ask memories for data: TLM-2.0 transactions as large as a tile or a stripe, not a beat, with the time that
// the memory needs annotated; the kernel wakes only where units hand work to each other.
//
//   DRAM            non-blocking: BEGIN_REQ with the delay until the request is out; BEGIN_RESP, with the delay until
//   the
//                   last byte, once that is known
//   on-chip memory  blocking transport: the delay grows by what the stream takes in its slots
#pragma once

#include <cstdint>
#include <tlm>

#include "core/mapping/tile_plan.hpp"
#include "sim/units/ticks.hpp"

namespace lanewise::sim {

enum class Region { kActivations, kWeights };
inline constexpr int kRegionCount = 2;

struct Stream : tlm::tlm_extension<Stream> {
  std::size_t job = 0;
  // Between DRAM and on-chip memory.
  std::size_t turn = 0, step = 0;  // places in the DMA programs of all subgraphs, and in the tile plan
  Ticks enabled = 0;               // its subgraph may load
  Ticks wanted = 0;                // since when its buffer is free
  std::int64_t bytes = 0;          // as stored: what moves on chip
  std::int64_t dram_bytes = 0;     // bursts rounded up: what DRAM moves
  mapping::TransferKind kind = mapping::TransferKind::kInput;
  Ticks row_misses = 0;  // that DRAM stands still meanwhile
  bool write = false;    // to DRAM
  Region region = Region::kActivations;
  Ticks requested = 0;               // when the request is out
  Ticks moving_from = 0, ended = 0;  // answered by DRAM: data moves between the two
  // Between the on-chip memory and a computing unit: how long the unit takes at full rate, and what it moves meanwhile.
  Ticks pace = 0;
  Ticks activations_take = 0;  // answered: how long the activation banks take for it in the unit's slots
  bool shares_port = false;    // array and post-processor take turns at the compute port
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
