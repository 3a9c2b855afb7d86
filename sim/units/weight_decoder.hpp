// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/stream.hpp"

namespace lanewise::sim {

// The interface that the decoder offers to what loads weights.
class DecodeService : public virtual sc_core::sc_interface {
 public:
  // When the weights that a transfer has brought are in their banks. Transfers are decoded in the order of the calls.
  virtual Moment unpacked(const Stream& stream) = 0;
};

// Unpacks compressed weights. Behind DRAM it takes a transfer while that comes in, one after the other; plain ones wait
// for those before them and pass. Behind the banks (`compression.on_chip`) its pace is a part of loading weights into
// the array, and its work is counted here.
class WeightDecoder : public sc_core::sc_module, public EngineUnit, public DecodeService {
 public:
  explicit WeightDecoder(const sc_core::sc_module_name& name) : sc_module(name) {}

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool present(const engine::EngineConfig& engine) const override { return engine.decodes_weights(); }
  std::vector<const UnitLog*> logs() const override;
  std::vector<record::UnitTime> counted(const Counters& counters, Cycles latency) const override;
  Moment unpacked(const Stream& stream) override;

 private:
  Ticks work_of(double weights) const;

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  bool behind_banks_ = false;
  Moment free_;  // the transfers so far are unpacked
  UnitLog log_{record::Unit::kWeightDecoder};
};

}  // namespace lanewise::sim
