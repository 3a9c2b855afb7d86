// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <memory>
#include <vector>

#include "sim/units/sequence.hpp"
#include "sim/units/stream.hpp"

namespace lanewise::sim {

// One channel of a DMA: sets transfers up one after the other and has a few under way.
class DmaChannel : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaChannel> dram, memory;

  // `answered` is called with each transfer's stream as soon as the moment of its last byte is known.
  DmaChannel(const sc_core::sc_module_name& name, std::function<void(const Stream&)> answered);

  void begin(const Sequence& sequence);
  // Since when another transfer may be set up; null while that is not known.
  const Moment* free_from();
  // Sets a transfer up, at `at` or once the one before is set up.
  void start(const Stream& what, const Moment& at);

 private:
  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  std::function<void(const Stream&)> answered_;
  Moment setup_;
  Moment free_from_;  // no set-up under way
  std::size_t limit_ = 1;
  std::size_t started_ = 0, ended_ = 0;  // transfers so far
  std::vector<Moment> ends_;             // of the last `limit_` transfers, in turn
  std::vector<std::unique_ptr<StreamPayload>> payloads_;
};

}  // namespace lanewise::sim
