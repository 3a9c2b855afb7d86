// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sim/units/buffers.hpp"
#include "sim/units/dma_channel.hpp"
#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"
#include "sim/units/weight_decoder.hpp"

namespace lanewise::sim {

// Fetches tiles from DRAM into free buffers, in the order of the DMA program. With two channels the weights have one of
// their own; with three the element-wise operands too.
class LoadDma : public sc_core::sc_module, public EngineUnit {
 public:
  static constexpr int kChannels = 3;
  static constexpr int kKinds = 3;  // weights, inputs, operands: each has its buffers on chip
  std::array<std::unique_ptr<DmaChannel>, kChannels> channels;
  sc_core::sc_port<DecodeService> decoder;
  TokenIn commands;           // a subgraph's program may run
  TokenIn weight_commands;    // the same for its weights
  TokenIn subgraph_computed;  // the array has done its last MAC of a subgraph
  TokenIn input_freed, input_freed_by_post, weights_freed, operand_freed;    // buffers
  TokenOut input_ready, input_ready_for_post, weights_ready, operand_ready;  // tiles on chip

  SC_HAS_PROCESS(LoadDma);
  explicit LoadDma(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return answered_ == transfers_; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }

 private:
  // Place of a channel in the programs.
  struct Cursor {
    std::size_t job = 0, turn = 0;
  };

  void step();
  void start_transfers(int channel);
  bool find_next(int channel);
  void begin_subgraph(int channel);
  const Moment* enabled(const Cursor& cursor, mapping::TransferKind kind);
  const Moment* weight_buffer(const Cursor& cursor);
  int channel_of(mapping::TransferKind kind) const;
  TokenIn& freed(mapping::TransferKind kind);
  void answered(const Stream& stream);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::vector<Moment> enabled_, weights_enabled_;  // of the subgraphs programmed so far
  std::array<FreeBuffers, kKinds> buffers_;
  std::array<std::int64_t, kKinds> loads_{};  // of the subgraph that the kind's channel is at
  std::int64_t operand_slots_ = 0;            // of that subgraph
  std::size_t weights_asked_ = 0;             // of that subgraph
  std::size_t computed_ = 0;                  // array subgraphs whose end is known
  Moment computed_at_;                        // of the last of them
  Moment start_;                              // of the sequence
  std::array<Cursor, kChannels> cursors_;
  std::size_t transfers_ = 0, answered_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kLoadDma};
};

}  // namespace lanewise::sim
