// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>

#include "sim/dma_channel.hpp"
#include "sim/link.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Writes finished output tiles to DRAM, in order, on as many channels as the engine has (tiles take turns).
class StoreDma : public sc_core::sc_module {
 public:
  static constexpr int kChannels = 2;
  std::array<std::unique_ptr<DmaChannel>, kChannels> channels;
  LinkIn output_ready;   // tiles to store
  LinkOut output_freed;  // buffers

  SC_HAS_PROCESS(StoreDma);
  explicit StoreDma(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done();
  Ticks finished_at() const { return finished_at_; }
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  void step();
  bool find_next();
  bool quiet() const;
  void complete(std::size_t turn);

  const Pass* pass_ = nullptr;
  int ready_ = 0;              // tiles finished, not yet taken up
  std::size_t next_turn_ = 0;  // place in the DMA program
  std::size_t next_channel_ = 0;
  Ticks finished_at_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{"store_dma"};
};

}  // namespace lanewise::sim
