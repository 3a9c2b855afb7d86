// SPDX-License-Identifier: Apache-2.0
// What a network costs on an engine, as plain data. docs/cli.md explains every
// field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/placement.hpp"
#include "core/record/measurement.hpp"
#include "estimator/adaptation.hpp"
#include "study/evaluation/roofline.hpp"

namespace lanewise::study {

struct Totals {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double inferences_per_second = 0;  // images of the batch over the latency
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
  std::int64_t parameter_bytes = 0;
  double utilization = 0;  // MACs over latency x peak int8 MACs a cycle, 0-1
  double energy_uj = 0;
  double average_power_mw = 0;
  double area_mm2 = 0;
  std::int64_t dram_bytes = 0;
  std::int64_t peak_sram_bytes = 0;        // on chip, as planned: the largest subgraph
  std::int64_t peak_activation_bytes = 0;  // live tensors, untiled
  std::string bound_by;                    // the bound with the largest share of the latency
  double host_share_percent = 0;           // of the latency: operators that the engine lacks
};

// The whole network's cost less the sum of its subgraphs': what overlap saves (negative) or hand-over costs.
struct Between {
  std::int64_t latency_cycles = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0;
};

// Where a measured latency lies, with the probability `level`.
struct LatencyInterval {
  double level = 0;
  std::int64_t low_cycles = 0, high_cycles = 0;
};
// How far an estimated latency can be trusted.
struct Reliability {
  std::optional<LatencyInterval> interval;  // absent where the estimator has none
  bool in_range = true;                     // engine and subgraph are like those that it was trained on
  std::vector<std::string> out_of_range;    // what is not: "dram.bandwidth 0.8 GB/s < 1.6 GB/s"
};
// What was simulated in an estimated answer.
struct Fallback {
  std::int64_t subgraphs = 0;
  double latency_share_percent = 0;  // of the network's
};

struct SubgraphAnswer {
  std::string name;
  std::vector<std::string> operators;
  std::string block;   // "" if in none
  std::string family;  // mapping::to_string of the subgraph family
  std::int64_t macs = 0;
  std::int64_t latency_cycles = 0;     // of the subgraph by itself, from a quiet engine
  std::int64_t in_network_cycles = 0;  // since its predecessor was done: adds up to the network's latency
  double utilization = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0;
  std::int64_t peak_sram_bytes = 0;
  // Simulated: the unit that the latency is made of. Estimated: the unit of the largest closed-form bound.
  std::string bound_by;
  std::vector<record::UnitTime> units;  // empty when estimated
  record::Source source = record::Source::kSimulated;
  std::optional<Reliability> reliability;  // estimated answers only; of what was simulated there, a single value
};

// How wrong the estimator was about single subgraphs on engines that were held out when it was trained.
struct ExpectedError {
  std::int64_t rows = 0;
  double mape_percent = 0, within_10_percent = 0;
};

// How far the simulator was checked against RTL of the engine's family.
struct RtlStanding {
  std::string family;
  std::int64_t rows = 0;  // 0: not checked
  double mape_percent = 0, worst_percent = 0;
  std::string source;           // of the rows
  bool engine_differs = false;  // from the members of the family that were checked
};

struct NetworkAnswer {
  std::string network;
  std::string engine;
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  std::optional<ExpectedError> error;                // of the latency; estimated answers only
  std::optional<RtlStanding> rtl;                    // simulated answers only
  std::optional<estimator::AdaptationNote> adapted;  // of an estimator that is adapted to measured hardware
  std::optional<Reliability> reliability;            // of the total: estimated answers only
  std::optional<Fallback> fallback;                  // where it was asked for
  Totals total;
  Between between;
  mapping::MemoryMap memory;  // what stays on chip between the subgraphs, and what does not
  std::vector<SubgraphAnswer> subgraphs;
  std::optional<Profile> profile;  // where asked for; its subgraphs are the subgraphs
};

}  // namespace lanewise::study
