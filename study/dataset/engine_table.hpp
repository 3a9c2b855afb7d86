// SPDX-License-Identifier: Apache-2.0
// A table of what every network of a space costs on every engine of a list, beside the accuracy that somebody measured:
// its exact Pareto fronts, its splits for those who learn from it, and what its engines have in common.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::study {

struct TableNetwork {
  std::string encoding;
  double accuracy_percent = 0;
  std::int64_t parameters = 0, macs = 0;
  std::size_t structure = 0;  // networks with the same number are the same graph but for names
};

// What one network costs on one engine.
struct TableCell {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0, energy_uj = 0;
  std::int64_t dram_bytes = 0, peak_sram_bytes = 0;
  bool operator==(const TableCell& other) const;
};

struct TableEngine {
  std::string name, family, hash;
  std::string origin;  // "shipped", "grid" or "sampled"
  // Every key of the hwconfig with its value as text.
  std::vector<std::pair<std::string, std::string>> values;
  // Engines of one group are so alike that one says much of another: equal array and on-chip memory.
  std::string group;
  double area_mm2 = 0;
  std::vector<TableCell> cells;  // one per network, in order
};

struct EngineTable {
  std::string space, simulator_version;
  std::vector<TableNetwork> networks;
  std::vector<TableEngine> engines;
};

// What a front is over.
enum class FrontKind {
  kLatency,      // accuracy against latency in cycles, of one engine
  kEnergy,       // accuracy against energy, of one engine
  kLatencyArea,  // accuracy against latency in ms and area, of all engines together
};
const char* to_string(FrontKind kind);  // "latency", "energy", "latency_area"

// Indices of the points that no other dominates, ascending. All objectives are minimised. A point dominates another
// where it is no worse in any objective and better in one, so of equal points all are on the front or none is. Exact;
// O(n log n).
std::vector<std::size_t> exact_front(const std::vector<std::array<double, 2>>& points);
std::vector<std::size_t> exact_front(const std::vector<std::array<double, 3>>& points);

// A design: indices of engine and network.
struct TableDesign {
  std::size_t engine = 0, network = 0;
  bool operator==(const TableDesign& other) const { return engine == other.engine && network == other.network; }
};
// The networks on the front of one engine, in the order of the table; kLatency or kEnergy.
std::vector<std::size_t> front_of_engine(const EngineTable& table, std::size_t engine, FrontKind kind);
// The designs on the front of all engines together, by engine and then by network.
std::vector<TableDesign> front_of_all(const EngineTable& table);

// Sides of a split. "unused" has no meaning for one network or engine alone: a row is unused where the two have
// different sides.
enum class SplitSide { kTrain, kValidation, kTest };
const char* to_string(SplitSide side);  // "train", "validation", "test"

// Follows from what a network or an engine is, never from what was simulated: stable_hash of a prefix and of what falls
// on one side together, modulo 10,000, is below 2,000 for "test" and below 3,000 for "validation". Networks that are
// the same graph fall on one side together (the key is the encoding of the first of them), as do engines of one group.
std::vector<SplitSide> network_sides(const EngineTable& table);
std::vector<SplitSide> engine_sides(const EngineTable& table);

// The tau-b of Kendall (1945), which counts ties in neither: 1 where both order alike, -1 where they order the other
// way round, 0 where one of them does not order at all. O(n log n), after Knight (1966). Throws InternalError where the
// two differ in length.
double kendall_tau(const std::vector<double>& a, const std::vector<double>& b);

// The hypervolume that points of (cost, accuracy) make below a cost and above an accuracy.
double front_volume(std::vector<std::array<double, 2>> cost_and_accuracy, double most_cost, double least_accuracy);

}  // namespace lanewise::study
