// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sim/pass.hpp"
#include "sim/stream.hpp"

namespace lanewise::sim {

// One channel of a DMA: sets transfers up one after the other and has a few under way.
class DmaChannel : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaChannel> dram, memory;

  SC_HAS_PROCESS(DmaChannel);
  // `complete` is called with the place in the DMA program of each transfer that has come to its end, `changed`
  // whenever the channel may have become free.
  DmaChannel(const sc_core::sc_module_name& name, std::function<void(std::size_t)> complete,
             std::function<void()> changed);

  void begin(const Pass& pass);
  // Whether another transfer may be started.
  bool free() const { return !setting_up_ && under_way_.size() < payloads_.size(); }
  // Starts the transfer at `turn` of the DMA program; `delay` before its set-up begins.
  void start(std::size_t turn, Cycles delay);
  bool quiet() const { return !setting_up_ && under_way_.empty(); }
  // Ticks that moving a transfer's data takes at the DRAM's full bandwidth.
  Ticks moving_time(std::size_t turn) const;

 private:
  static constexpr Ticks kUnknown = -1;
  struct UnderWay {
    std::size_t turn = 0;
    Ticks end = kUnknown;
  };

  void wake();
  void request();
  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  std::function<void(std::size_t)> complete_;
  std::function<void()> changed_;
  const Pass* pass_ = nullptr;
  bool setting_up_ = false;
  std::size_t next_turn_ = 0;
  Ticks set_up_at_ = 0;
  std::deque<UnderWay> under_way_;
  std::vector<std::unique_ptr<StreamPayload>> payloads_;  // one a transfer in flight
  std::size_t next_payload_ = 0;
  sc_core::sc_event wake_;
};

}  // namespace lanewise::sim
