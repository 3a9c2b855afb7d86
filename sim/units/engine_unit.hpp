// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/record/measurement.hpp"
#include "sim/units/rate_log.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/unit_log.hpp"

namespace lanewise::sim {

// What the engine asks of each of its units, so that beginning a sequence, measuring it and drawing its timeline are
// walks over one list.
class EngineUnit {
 public:
  virtual ~EngineUnit() = default;

  // Forgets the sequence before and wakes up for the next one. `sequence` and `counters_of_jobs`, which has one entry
  // per job, outlive the run.
  virtual void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) = 0;
  // Whether the engine has such a unit at all.
  virtual bool present(const engine::EngineConfig&) const { return true; }
  // False while the unit has work left. What only serves other units is always done.
  virtual bool done() const { return true; }
  // How the unit spent its time; the first log names the unit. Empty for a unit whose work is counted instead.
  virtual std::vector<const UnitLog*> logs() const { return {}; }
  // Bytes per cycle over time, for timelines.
  virtual std::vector<const RateLog*> rates() const { return {}; }
  // Times derived from what was counted for one subgraph of this latency.
  virtual std::vector<record::UnitTime> counted(const Counters&, Cycles /*latency*/) const { return {}; }
};

}  // namespace lanewise::sim
