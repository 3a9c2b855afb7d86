// SPDX-License-Identifier: Apache-2.0
// How units ask memories for data: TLM-2.0 non-blocking transport, one transaction a tile or stripe instead of one a
// beat. A memory shares its bandwidth among the streams under way and settles anew whenever one starts or ends, so the
// kernel wakes only where units meet.
//
//   BEGIN_REQ    initiator -> memory: the stream in the payload's extension starts
//   rate_change  DRAM -> DMA: the stream now moves at `rate`; DMA -> on-chip memory: the same, passed on
//   BEGIN_RESP   memory -> initiator: all of it has moved
#pragma once

#include <tlm>

#include <cstdint>

#include "sim/ticks.hpp"

namespace lanewise::sim {

DECLARE_EXTENDED_PHASE(rate_change);

enum class Region { kActivations, kWeights };
inline constexpr int kRegionCount = 2;

struct Stream : tlm::tlm_extension<Stream> {
  // To and from DRAM.
  std::int64_t bytes = 0;       // as stored: what arrives on chip
  std::int64_t dram_bytes = 0;  // bursts rounded up: what DRAM moves
  bool write = false;           // to DRAM
  Region region = Region::kActivations;
  double rate = 0;  // bytes a tick on chip, as the DRAM grants
  // Paced streams between the on-chip memory and a computing unit: how long they last at full rate, and what they take.
  Ticks pace = 0;
  double demand[kRegionCount] = {0, 0};  // bytes over the whole stream
  double read_bytes = 0, write_bytes = 0;

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
