// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/read_port.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Streams each subgraph's whole input from memory and unpacks it into the banks; the next subgraph's follows while its
// predecessor computes, as far as there is room. It also decides when the weight loader may turn to a subgraph.
class InputLoader : public sc_core::sc_module, public EngineUnit, public FetchListener {
 public:
  sc_core::sc_port<ReadService> port;
  TokenIn commands;           // a subgraph is programmed
  TokenIn input_available;    // the same, and its input is in DRAM
  TokenIn weights_loaded;     // all weights of a subgraph are on chip
  TokenIn subgraph_computed;  // the array has done its last MAC of a subgraph
  TokenOut to_weights;        // the weight loader may turn to a subgraph
  TokenOut input_ready, input_ready_for_post;

  SC_HAS_PROCESS(InputLoader);
  explicit InputLoader(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || job_ == sequence_->jobs.size(); }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  void fetched(Reader reader, std::size_t tag, const Arrival& arrival) override;

 private:
  enum class State { kStarting, kOpening, kFetching, kComing, kUnpacking };

  void step();
  bool reached(Ticks when);
  const Moment* before_computed();
  const mapping::TilePlan* plan_before() const;
  bool start();
  void tell_weights();
  bool open();
  bool fetch();
  void finish();
  Moment generated(std::int64_t rows) const;
  void piece_has_come(const Arrival& arrival);
  double request_beats() const;
  double generator_cycles(std::int64_t all_rows) const;
  double unpack(double& work);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  State state_ = State::kStarting;
  std::size_t job_ = 0;
  std::size_t computed_ = 0;  // subgraphs whose `subgraph_computed` has come
  Moment computed_at_;        // of the last of them
  Moment started_;            // the subgraph's first request may go out
  Moment opens_;              // the same for its input
  Moment asks_;               // the same for its last rows, which may wait for room
  Moment loaded_;             // the input of the last subgraph counts as on chip
  bool weights_told_ = true;
  std::int64_t fetched_rows_ = 0;
  std::size_t piece_ = 0;        // of the input that is asked for
  std::deque<bool> ends_piece_;  // of the fetches under way
  std::size_t pieces_come_ = 0;  // of the input
  int under_way_ = 0;            // fetches
  bool waits_for_room_ = false;  // its last rows have
  Arrival last_arrival_;
  double unpacked_ = 0;  // the unpacker is free from then on, cycles
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kInputLoader};
};

}  // namespace lanewise::sim
