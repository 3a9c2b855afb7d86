// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/record/timeline.hpp"
#include "sim/units/accumulators.hpp"
#include "sim/units/command_processor.hpp"
#include "sim/units/dot_product_array.hpp"
#include "sim/units/dram.hpp"
#include "sim/units/input_loader.hpp"
#include "sim/units/load_dma.hpp"
#include "sim/units/onchip_memory.hpp"
#include "sim/units/operand_loader.hpp"
#include "sim/units/post_processor.hpp"
#include "sim/units/read_port.hpp"
#include "sim/units/store_dma.hpp"
#include "sim/units/tokens.hpp"
#include "sim/units/weight_loader.hpp"
#include "sim/units/write_port.hpp"

namespace lanewise::sim {

// All units of the engine and every wire between them. Sizes and rates are set before each sequence, so that one
// elaboration serves every engine. Between DRAM and the banks an engine has either DMA channels that work through a
// program of tiles (`dma.kind: tiles`), or loaders that stream whole inputs and weights and a write port
// (`dma.kind: streams`); the units of the other kind have nothing to do.
//
// A new unit is one more member, its wires, and one more entry of `units_`.
class NeuralEngine : public sc_core::sc_module {
 public:
  explicit NeuralEngine(const sc_core::sc_module_name& name);

  // Runs the subgraphs, none of which may be running yet, and returns one measurement per subgraph; fills in `timeline`
  // unless it is null. Throws InternalError when nothing moves any more and a unit still has work left.
  std::vector<record::Measurement> run(Sequence& sequence, record::Timeline* timeline);

 private:
  enum class Path { kBoth, kTiles, kStreams };
  // A unit and the kind of path between DRAM and the banks that it belongs to.
  struct Member {
    EngineUnit* unit;
    Path path;
  };

  void check_finished(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs) const;
  record::Measurement measure(const Sequence& sequence, const Job& job, const Counters& counters, const Moment& before,
                              const std::vector<const UnitLog*>& logs) const;
  void draw(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs,
            const std::vector<const UnitLog*>& logs, record::Timeline& timeline) const;

  CommandProcessor command_;
  LoadDma load_;
  StoreDma store_;
  Dram dram_;
  InputLoader input_loader_;
  WeightLoader weight_loader_;
  OperandLoader operand_loader_;
  ReadPort read_port_;
  WritePort write_port_;
  OnChipMemory memory_;
  DotProductArray array_;
  Accumulators accumulators_;
  PostProcessor post_;
  // All of the above, in the order in which they begin a sequence: memories first, the command processor last.
  std::vector<Member> units_;
  std::vector<EngineUnit*> present_;  // those that the current engine has

  Tokens issue_load_, issue_load_weights_, issue_loader_, issue_input_, issue_operand_, issue_array_, issue_post_,
      subgraph_done_;
  Tokens input_to_array_, input_to_post_, weights_to_array_, operand_to_post_, output_to_store_;
  Tokens input_from_array_, input_from_post_, weights_from_array_, operand_from_post_, output_from_store_;
  Tokens subgraph_to_weights_, weights_loaded_, subgraph_computed_;
  std::vector<Tokens*> wires_;  // all of the above
};

}  // namespace lanewise::sim
