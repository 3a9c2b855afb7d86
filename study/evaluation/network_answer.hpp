// SPDX-License-Identifier: Apache-2.0
// What a network costs on an engine, as plain data. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/mapping/placement.hpp"
#include "core/record/measurement.hpp"
#include "estimator/accuracy.hpp"
#include "estimator/adaptation.hpp"
#include "estimator/network_report.hpp"
#include "study/evaluation/network_sizes.hpp"
#include "study/evaluation/roofline.hpp"
#include "study/evaluation/sensitivity_table.hpp"
#include "study/evaluation/weight_answer.hpp"

namespace lanewise::study {

// An energy by action and by unit; the parts of each add up to it. pJ, under the names that JSON shows.
struct EnergyShares {
  std::vector<record::EnergyPart> by_action, by_unit;
};

struct Totals {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double inferences_per_second = 0;  // images of the batch / latency
  std::int64_t macs = 0;
  std::int64_t input_pixels = 1;  // network::input_pixels
  std::int64_t parameters = 0;
  std::int64_t parameter_bytes = 0;
  double utilization = 0;  // MACs / (latency x peak int8 MACs per cycle), 0 to 1
  double energy_uj = 0;
  std::optional<EnergyShares> energy_breakdown;  // only where every subgraph was simulated
  double average_power_mw = 0;
  double area_mm2 = 0;
  engine::AreaBreakdown area_breakdown;
  std::int64_t dram_bytes = 0;
  std::int64_t peak_sram_bytes = 0;        // of the subgraph that needs the most on-chip memory
  std::int64_t peak_activation_bytes = 0;  // of the tensors live at once, without tiling or cascades
  std::string bound_by;                    // the resource that would save most if it were doubled
  engine::PerResource<double> gains;       // cycles that each resource would save: sums over the subgraphs alone
  std::vector<std::string> bound_by_keys;  // those that make that resource larger or faster
  double host_share_percent = 0;           // share of the latency in operators that the host runs
};

// The cost of the whole network minus the sum over its subgraphs simulated alone: negative where overlap saves time,
// positive where the transition between subgraphs costs some.
struct Between {
  std::int64_t latency_cycles = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0;
};

// An estimator::Interval with its level: a measured latency lies within with the probability `level`.
struct LatencyInterval {
  double level = 0;
  std::int64_t low_cycles = 0, high_cycles = 0;
};
// How far an estimated latency can be trusted.
struct Reliability {
  std::optional<LatencyInterval> interval;  // nullopt when the estimator has no intervals
  bool in_range = true;                     // engine and subgraph lie within the training data
  std::vector<std::string> out_of_range;    // what does not: "dram.bandwidth 0.8 GB/s < 1.6 GB/s"
};
// Who estimated.
struct EstimatorNote {
  std::string family;         // of the engines that it was trained on
  bool other_family = false;  // the engine is of another one: what is known of the estimator's error says nothing here
};
// The part of an estimated answer that was simulated instead.
struct Fallback {
  std::int64_t subgraphs = 0;
  double latency_share_percent = 0;  // of the network's
};

struct SubgraphAnswer {
  std::string name;
  std::vector<std::string> operators;
  std::string block;   // "" outside any block
  std::string family;  // mapping::to_string of the subgraph family
  std::int64_t macs = 0;
  std::int64_t latency_cycles = 0;     // of the subgraph alone, on an idle engine
  std::int64_t in_network_cycles = 0;  // since the end of its predecessor: the sum is the network's latency
  double utilization = 0;
  double energy_uj = 0;
  std::optional<EnergyShares> energy_breakdown;  // simulated only
  std::int64_t dram_bytes = 0;
  std::int64_t peak_sram_bytes = 0;
  // The resource that would save most if it were doubled, and the cycles that each would save: found in the run where
  // simulated, by the analytical model where estimated.
  std::string bound_by;
  engine::PerResource<double> gains;
  std::vector<record::UnitTime> units;  // empty when estimated
  int cascade = -1;                     // number of the cascade that it is part of; -1: none
  std::int64_t stripes = 1;  // in which it runs; costs are summed over them, but for the peak, which is the largest
  std::optional<WeightAnswer> weights;  // only where they are pruned or clustered
  record::Source source = record::Source::kSimulated;
  std::optional<Reliability> reliability;  // estimated answers only; of a simulated subgraph an interval of one value
};

// What the engine runs as one command: a subgraph, or one stripe of a subgraph in a cascade.
struct Command {
  std::string name;                    // of the subgraph
  std::int64_t latency_cycles = 0;     // alone, on an idle engine
  std::int64_t in_network_cycles = 0;  // since the end of its predecessor
};

// How far the simulator was checked against RTL of the engine's family.
struct RtlCheckSummary {
  std::string family;
  std::int64_t rows = 0;  // measured rows that were simulated; 0: the family was not checked
  double mape_percent = 0, worst_percent = 0;
  std::string source;           // where the rows come from
  bool engine_differs = false;  // from every member of the family that was checked
};

struct NetworkAnswer {
  std::string network;
  NetworkSizes sizes;  // that a person set; empty where the network is as its file says
  std::string engine;
  engine::EngineIdentity identity;  // of the engine
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  std::optional<EstimatorNote> estimator;  // estimated answers only
  // Estimated answers only: accuracy of the latency of single subgraphs on engines held out from training.
  std::optional<estimator::Accuracy> held_out_accuracy;
  // Estimated answers only: accuracy on whole networks like this one, or on others where it is like none.
  std::optional<estimator::NetworksLikeThis> networks_like_this;
  std::optional<RtlCheckSummary> rtl;                // simulated answers only
  std::optional<estimator::AdaptationNote> adapted;  // by an estimator that is adapted to measured hardware
  std::optional<Reliability> reliability;            // of the total; estimated answers only
  std::optional<Fallback> fallback;                  // only where it was asked for
  Totals total;
  Between between;
  mapping::MemoryMap memory;  // which tensors stay on chip between subgraphs
  std::vector<SubgraphAnswer> subgraphs;
  std::vector<Command> commands;   // in the order in which they run, one per entry of mapping::Partition::subgraphs
  std::optional<Profile> profile;  // only where asked for; one entry per entry of `subgraphs`
  std::optional<Sensitivity> sensitivity;  // only where asked for
  std::vector<std::string> warnings;       // of engine::scaling_warnings
};

}  // namespace lanewise::study
