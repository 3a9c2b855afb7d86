// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/output_stream.hpp"
#include "sim/units/rate_log.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// The port through which outputs leave atom by atom, with a small buffer in front of it.
class WritePort : public sc_core::sc_module, public EngineUnit, public OutputSink {
 public:
  TokenOut subgraph_done;

  explicit WritePort(const sc_core::sc_module_name& name) : sc_module(name) {}

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  std::vector<const RateLog*> rates() const override { return {&rate_}; }

  Moment write(std::size_t job, std::int64_t atoms, std::int64_t atom_beats, const Moment& from,
               const Moment& until) override;
  void note(StateNote& state, Ticks now) const override;
  void mark() override;
  void pass_over(const Run& run) override;
  void flush(std::size_t job) override;

 private:
  void write_if_doubled(std::int64_t atoms, Ticks interval, const Moment& from, const Moment& until, Moment& leaves);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  Ticks beat_ = 0;              // per beat while atoms are always there
  std::vector<Ticks> written_;  // when each of the last atoms was written, as many as the buffer holds
  std::size_t next_ = 0;
  Moment last_, marked_;  // the last beat written, now and when `mark` was called
  UnitLog log_{record::Unit::kWritePort};
  RateLog rate_{"write_port_bytes_per_cycle"};
};

}  // namespace lanewise::sim
