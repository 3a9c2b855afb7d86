// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>

#include "sim/link.hpp"
#include "sim/pass.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Writes finished output tiles to DRAM, in order, on as many channels as the engine has (tiles take turns).
class StoreDma : public sc_core::sc_module {
 public:
  static constexpr int kChannels = 2;
  using Socket = tlm_utils::simple_initiator_socket_tagged<StoreDma>;
  Socket dram0, dram1;
  Socket memory0, memory1;
  LinkIn output_ready;   // tiles to store
  LinkOut output_freed;  // buffers

  SC_HAS_PROCESS(StoreDma);
  explicit StoreDma(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done();
  Ticks finished_at() const { return finished_at_; }
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  enum class State { kFree, kSettingUp, kMoving };
  struct Channel {
    State state = State::kFree;
    std::size_t step = 0;
    Ticks setup_until = 0;
    StreamPayload payload, reservation;
  };

  void step();
  bool find_next();
  void request(int channel);
  void reserve(int channel, double rate);
  tlm::tlm_sync_enum answer(int channel, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  tlm::tlm_sync_enum ignore(int, tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&);
  void note(Ticks at);
  Socket& memory(int channel) { return channel == 0 ? memory0 : memory1; }

  const Pass* pass_ = nullptr;
  int ready_ = 0;  // tiles finished, not yet taken up
  std::size_t next_step_ = 0;
  std::array<Channel, kChannels> channels_;
  Ticks finished_at_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{"store_dma"};
};

}  // namespace lanewise::sim
