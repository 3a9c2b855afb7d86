// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>

#include "sim/dma_channel.hpp"
#include "sim/link.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Fetches tiles from DRAM into free buffers, in the order of the DMA program. With two channels the weights have one of
// their own; with three the element-wise operands too.
class LoadDma : public sc_core::sc_module {
 public:
  static constexpr int kChannels = 3;
  static constexpr int kKinds = 3;  // weights, inputs, operands: each has its buffers on chip
  std::array<std::unique_ptr<DmaChannel>, kChannels> channels;
  LinkIn commands;                                                          // the program may run
  LinkIn input_freed, input_freed_by_post, weights_freed, operand_freed;    // buffers
  LinkOut input_ready, input_ready_for_post, weights_ready, operand_ready;  // tiles on chip

  SC_HAS_PROCESS(LoadDma);
  explicit LoadDma(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done();
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  void step();
  void start_transfers(int channel);
  bool find_next(int channel);
  int channel_of(mapping::TransferKind kind) const;
  void complete(std::size_t turn);
  void note();

  const Pass* pass_ = nullptr;
  bool started_ = false;
  std::array<int, kKinds> free_{};                  // buffers by what they hold
  std::array<std::size_t, kChannels> next_turn_{};  // by channel: place in the DMA program
  sc_core::sc_event wake_;
  UnitLog log_{"load_dma"};
};

}  // namespace lanewise::sim
