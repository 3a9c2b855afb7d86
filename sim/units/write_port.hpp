// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <systemc>
#include <utility>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/output_stream.hpp"
#include "sim/units/rate_log.hpp"
#include "sim/units/read_port.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// The port through which outputs leave atom by atom, with a small buffer in front of it.
class WritePort : public sc_core::sc_module, public EngineUnit, public OutputSink, public FetchListener {
 public:
  sc_core::sc_port<ReadService> memory;  // asked for turns where reads and writes share the memory
  TokenOut subgraph_done;

  explicit WritePort(const sc_core::sc_module_name& name) : sc_module(name) {}

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || turns_ == 0; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  std::vector<const RateLog*> rates() const override { return {&rate_}; }

  Moment write(std::size_t job, std::int64_t atoms, std::int64_t atom_beats, const Moment& from,
               const Moment& until) override;
  void note(StateNote& state, Ticks now) const override;
  void mark() override;
  void pass_over(const Run& run) override;
  void flush(std::size_t job) override;
  void fetched(Reader reader, std::size_t tag, const Arrival& arrival) override;

 private:
  void ask_for_turns(std::size_t job, std::int64_t beats);
  void end_job(std::size_t job);
  void write_if_doubled(std::int64_t atoms, Ticks interval, const Moment& from, const Moment& until, Moment& leaves);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  Ticks beat_ = 0;              // per beat while atoms are always there
  std::vector<Ticks> written_;  // when each of the last atoms was written, as many as the buffer holds
  std::size_t next_ = 0;
  Moment last_, marked_;  // the last beat written, now and when `mark` was called
  Moment granted_;        // the last turn that the memory gave
  int turns_ = 0;         // asked for, and not yet given
  std::int64_t beats_since_mark_ = 0;
  std::size_t marked_job_ = 0;
  std::deque<std::pair<std::size_t, int>> flushed_;  // jobs written to the end, with the turns still to be given then
  UnitLog log_{record::Unit::kWritePort};
  RateLog rate_{"write_port_bytes_per_cycle"};
};

}  // namespace lanewise::sim
