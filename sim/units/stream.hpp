// SPDX-License-Identifier: Apache-2.0
// The transactions between units and memories. They are TLM-2.0 transactions as large as a tile or a stripe instead of
// a beat, annotated with the time that the memory needs, so that the kernel wakes only where units hand work to each
// other.
//
// DRAM uses non-blocking transport: BEGIN_REQ carries the delay until the request is issued, BEGIN_RESP the delay until
// the last byte has moved, and is sent as soon as that is known. On-chip memory uses blocking transport, which adds to
// the delay what the stream takes in the time slots of its unit.
#pragma once

#include <cstdint>
#include <tlm>

#include "core/mapping/tile_plan.hpp"
#include "sim/units/what_if.hpp"

namespace lanewise::sim {

enum class Region { kActivations, kWeights };
inline constexpr int kRegionCount = 2;

struct Stream : tlm::tlm_extension<Stream> {
  std::size_t job = 0;
  // Between DRAM and on-chip memory.
  std::size_t turn = 0, step = 0;  // positions in the joined DMA program and in the subgraph's tile plan
  Ticks enabled = 0;               // from when on its subgraph may load
  Moment wanted;                   // from when on it could be requested: enabled, and its buffer is free
  std::int64_t bytes = 0;          // as stored: what moves on chip
  std::int64_t dram_bytes = 0;     // bursts rounded up: what DRAM moves
  mapping::TransferKind kind = mapping::TransferKind::kInput;
  Ticks row_misses = 0;  // how long DRAM stands still to open rows
  bool write = false;    // true: from on-chip memory to DRAM
  Region region = Region::kActivations;
  Moment requested;                // when the request is issued
  const Shares* shares = nullptr;  // of the transfer, with each resource doubled
  Ticks moving_from = 0;           // set by DRAM: when the data moves
  Moment moving;                   // the same, with what it rests on
  Moment ended;                    // the same: until when
  // Between on-chip memory and a computing unit: how long the unit takes at full rate (0 for a DMA transfer), and the
  // bytes that it reads and writes meanwhile.
  Ticks pace = 0;
  Ticks activations_take = 0;  // set by the memory: how long the activation banks take in the unit's slots
  bool shares_port = false;    // array and post-processor take turns at the compute port
  double read_bytes[kRegionCount] = {0, 0};
  double write_bytes = 0;  // activations

  tlm::tlm_extension_base* clone() const override { return new Stream(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const Stream&>(other); }
};

// A payload with its Stream; both live as long as this object.
class StreamPayload {
 public:
  StreamPayload() { payload_.set_extension(&stream_); }
  ~StreamPayload() { payload_.clear_extension(&stream_); }
  StreamPayload(const StreamPayload&) = delete;
  StreamPayload& operator=(const StreamPayload&) = delete;
  Stream& stream() { return stream_; }
  const Stream& stream() const { return stream_; }
  tlm::tlm_generic_payload& payload() { return payload_; }

 private:
  Stream stream_;
  tlm::tlm_generic_payload payload_;
};

inline Stream& stream_of(tlm::tlm_generic_payload& payload) { return *payload.get_extension<Stream>(); }

}  // namespace lanewise::sim
