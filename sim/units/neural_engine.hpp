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
#include "sim/units/shared_dram.hpp"
#include "sim/units/store_dma.hpp"
#include "sim/units/tokens.hpp"
#include "sim/units/weight_decoder.hpp"
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
  sc_core::sc_port<DramShare> shared_dram;

  SC_HAS_PROCESS(NeuralEngine);
  explicit NeuralEngine(const sc_core::sc_module_name& name);

  // Runs the subgraphs, none of which may be running yet, and returns one measurement per subgraph; fills in `timeline`
  // unless it is null. Throws InternalError when nothing moves any more and a unit still has work left.
  std::vector<record::Measurement> run(Sequence& sequence, record::Timeline* timeline);

  // Beside other engines: begins a sequence of one job, which has to outlive it, at the kernel's time and returns at
  // once. The kernel is paused at the cycle at which it is done.
  void start(Sequence& sequence);
  // Whether the sequence that was started last is done at the kernel's time.
  bool finished() const;
  // What it took. Throws InternalError where a unit still has work left.
  record::Measurement finish();

 private:
  // Where subgraphs say that they are done; tells an engine beside others when that will be.
  class DoneTokens : public Tokens {
   public:
    explicit DoneTokens(const char* name) : Tokens(name) {}
    void watch(Ticks start) {
      start_ = start;
      done_ = -1;
      watched_ = true;
    }
    void unwatch() { watched_ = false; }
    void send(const Moment& at) override;
    Ticks done() const { return done_; }  // in whole cycles since the start; -1: not known
    const sc_core::sc_event& event() const { return event_; }

   private:
    bool watched_ = false;
    Ticks start_ = 0, done_ = -1;
    sc_core::sc_event event_;
  };

  enum class Path { kBoth, kTiles, kStreams };
  // A unit and the kind of path between DRAM and the banks that it belongs to.
  struct Member {
    EngineUnit* unit;
    Path path;
  };

  void begin(Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep);
  std::vector<const UnitLog*> present_logs(const Sequence& sequence);
  void pause() { sc_core::sc_pause(); }
  void check_finished(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs) const;
  record::Measurement measure(const Sequence& sequence, const Job& job, const Counters& counters, const Moment& before,
                              const std::vector<const UnitLog*>& logs) const;
  void draw(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs,
            const std::vector<const UnitLog*>& logs, record::Timeline& timeline) const;

  CommandProcessor command_;
  LoadDma load_;
  StoreDma store_;
  Dram dram_;
  WeightDecoder weight_decoder_;
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

  Tokens issue_load_, issue_load_weights_, issue_loader_, issue_input_, issue_operand_, issue_array_, issue_post_;
  DoneTokens subgraph_done_;
  Tokens input_to_array_, input_to_post_, weights_to_array_, operand_to_post_, output_to_store_;
  Tokens input_from_array_, input_from_post_, weights_from_array_, operand_from_post_, output_from_store_;
  Tokens subgraph_to_weights_, weights_loaded_, subgraph_computed_;
  std::vector<Tokens*> wires_;  // all of the above

  Sequence* started_ = nullptr;  // beside other engines
  std::vector<Counters> started_counters_;
};

}  // namespace lanewise::sim
