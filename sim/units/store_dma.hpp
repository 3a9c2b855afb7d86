// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sim/units/dma_channel.hpp"
#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Writes finished output tiles to DRAM, in order, on as many channels as the engine has (tiles take turns).
class StoreDma : public sc_core::sc_module, public EngineUnit {
 public:
  static constexpr int kChannels = 2;
  std::array<std::unique_ptr<DmaChannel>, kChannels> channels;
  TokenIn output_ready;                  // tiles to store
  TokenOut output_freed, subgraph_done;  // buffers; the subgraph's last output is in DRAM

  SC_HAS_PROCESS(StoreDma);
  explicit StoreDma(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return answered_ == stores_; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }

 private:
  void step();
  bool find_next();
  void answered(const Stream& stream);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::size_t job_ = 0, turn_ = 0;  // place in the DMA programs
  std::size_t next_channel_ = 0;
  std::size_t stores_ = 0, answered_ = 0;
  std::int64_t answered_of_job_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kStoreDma};
};

}  // namespace lanewise::sim
