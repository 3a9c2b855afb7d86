// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/read_port.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Streams the weights group by group, as far ahead as the weight banks have room, over the bounds of subgraphs.
class WeightLoader : public sc_core::sc_module, public EngineUnit, public FetchListener {
 public:
  sc_core::sc_port<ReadService> port;
  TokenIn subgraphs;      // the loader may turn to a subgraph
  TokenIn weights_freed;  // a group's weights are in the array
  TokenOut weights_ready, weights_loaded;

  SC_HAS_PROCESS(WeightLoader);
  explicit WeightLoader(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || answered_ == groups_; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  void fetched(Reader reader, std::size_t tag, const Arrival& arrival) override;

 private:
  static constexpr std::size_t kPart = static_cast<std::size_t>(-1);  // tag of a fetch that ends inside a group

  void step();
  bool turn_to_subgraph();
  bool fetch();
  void free_group();

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::vector<std::vector<std::int64_t>> ends_;  // by subgraph and group: beats up to the end of its weights
  std::vector<std::int64_t> needed_;             // by subgraph: beats without padding
  std::size_t job_ = 0, group_ = 0;              // the next to be asked for
  bool open_ = false;                            // the subgraph may be fetched
  Moment open_at_, freed_at_;                    // since when; the last room that was waited for
  std::int64_t asked_ = 0;                       // beats of the subgraph asked for
  std::int64_t before_ = 0;                      // beats of the subgraphs before it
  std::size_t freed_job_ = 0, freed_group_ = 0;  // the next to be freed
  std::int64_t freed_ = 0;                       // beats whose room is free again, over all subgraphs
  std::int64_t freed_before_ = 0;                // the same when that subgraph began
  std::size_t groups_ = 0, answered_ = 0, answered_of_job_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kWeightLoader};
};

}  // namespace lanewise::sim
