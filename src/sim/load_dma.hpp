// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <deque>
#include <memory>

#include "sim/link.hpp"
#include "sim/pass.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// What a load brings; each has its buffers on chip.
enum class Load { kInput, kWeights, kOperand };
inline constexpr int kLoadCount = 3;

// Fetches tiles from DRAM into free buffers, in the order of the plan. With two channels the weights have one of their
// own; with three the element-wise operands too. A channel asks for its next tile while the last is still coming in.
class LoadDma : public sc_core::sc_module {
 public:
  static constexpr int kChannels = 3;
  using Socket = tlm_utils::simple_initiator_socket_tagged<LoadDma>;
  Socket dram0, dram1, dram2;  // one a channel
  Socket memory0, memory1, memory2;
  LinkIn commands;                                                          // tiles issued
  LinkIn input_freed, input_freed_by_post, weights_freed, operand_freed;    // buffers
  LinkOut input_ready, input_ready_for_post, weights_ready, operand_ready;  // tiles on chip

  SC_HAS_PROCESS(LoadDma);
  explicit LoadDma(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done();
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  static constexpr std::size_t kInFlight = 2;  // tiles a channel has asked for and not yet got
  struct Channel {
    std::deque<Load> order;  // of `in_flight`
    std::size_t next_step = 0;
    int next_part = 0;  // weights, input, operand of the step
    Ticks setup_until = 0;
    bool setting_up = false;
    bool moving = false;
    std::array<StreamPayload, kInFlight> payloads;
    std::size_t next_payload = 0;
  };

  void step();
  void start_transfers(Ticks at);
  void start_transfers(int channel, Ticks at);
  bool find_next(int channel, Load* load);
  void request(int channel, Load load);
  int channel_of(Load load) const;
  const mapping::Transfer& transfer(std::size_t step, Load load) const;
  tlm::tlm_sync_enum answer(int channel, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  tlm::tlm_sync_enum ignore(int, tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&);
  void note(Ticks at);
  void reserve(int channel, Stream& stream, double rate);

  const Pass* pass_ = nullptr;
  std::size_t issued_ = 0;
  std::array<int, kLoadCount> free_{};  // buffers by what they hold
  std::array<Channel, kChannels> channels_;
  std::array<StreamPayload, kChannels> reservations_;
  sc_core::sc_event wake_;
  UnitLog log_{"load_dma"};
};

}  // namespace lanewise::sim
