// SPDX-License-Identifier: Apache-2.0
// Timelines made by hand and by lot, and files to write them to.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/record/file.hpp"
#include "core/record/timeline.hpp"
#include "report/trace.hpp"

namespace lanewise::report::testing {

// What two_subgraphs() is of.
inline const TimedRun kRun{"net \"quoted\"", "engine x", "1.2.3", {{"conv\\a \"1\"", 31}, {"conv b", 29}}};

using Cause = record::StallCause;

inline std::string state_of(const record::Slice& slice) {
  return slice.stall ? record::to_string(*slice.stall) : "busy";
}

// Two subgraphs on three units; the second is prefetched for while the first still runs.
inline record::Timeline two_subgraphs() {
  record::Timeline t;
  t.units = {"load_dma", "dot_product_array", "store_dma"};
  t.subgraphs = {"conv\\a \"1\"", "conv b"};
  t.counters = {"dram_read_bytes_per_cycle"};
  t.clock_hz = 800e6;
  t.cycles = 60;
  t.slices = {{0, 0, 0, 0, 10, {}},
              {0, 0, 0, 10, 12.5, Cause::kDram},
              {1, 0, 0, 2, 12.5, Cause::kInput},
              {1, 0, 0, 12.5, 20, {}},
              {0, 1, 0, 15, 25.125, {}},
              {1, 0, 1, 20, 23, {}},
              {2, 0, 1, 23, 31, {}},
              {1, 1, 0, 25.125, 30, Cause::kWeights},
              {1, 1, 0, 30, 50, {}},
              {2, 1, -1, 50, 52, Cause::kUnpacking},
              {2, 1, -1, 52, 60, {}}};
  t.samples = {{0, 0, 4.5}, {0, 12.5, 0}, {0, 15, 4.5}, {0, 25.125, 0}};
  return t;
}

// Busy and stalled stretches of thousandths of cycles with gaps, in no order between units.
inline record::Timeline by_lot(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  record::Timeline t;
  t.clock_hz = 1e6 * (100 + below(3000));
  t.subgraphs = {"a", "b", "c"};
  const std::optional<Cause> causes[] = {{}, {}, Cause::kInput, Cause::kWeights, Cause::kDram, Cause::kUnpacking};
  for (std::int32_t unit = 0; unit < 4; ++unit) {
    t.units.push_back("unit" + std::to_string(unit));
    std::int64_t at = 0;
    for (std::int32_t subgraph = 0; subgraph < 3; ++subgraph) {
      for (std::uint32_t i = 0; i < 200; ++i) {
        if (below(3) == 0) at += below(2000);
        const std::int64_t begin = at;
        at += 1 + below(below(2) == 0 ? 5 : 5000);
        t.slices.push_back({unit, subgraph, static_cast<std::int32_t>(i), static_cast<double>(begin) / 1000,
                            static_cast<double>(at) / 1000, causes[below(6)]});
      }
    }
    t.cycles = std::max(t.cycles, static_cast<double>(at) / 1000);
  }
  std::stable_sort(t.slices.begin(), t.slices.end(),
                   [](const record::Slice& a, const record::Slice& b) { return a.end < b.end; });
  return t;
}

class WrittenFile {
 public:
  explicit WrittenFile(const std::string& name)
      : path_(::testing::TempDir() + "lanewise_" + name + "_" + std::to_string(::getpid())) {}
  ~WrittenFile() { std::filesystem::remove(path_); }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;
  const std::string& path() const { return path_; }
  std::string text() const { return record::read_file(path_); }

 private:
  std::string path_;
};

}  // namespace lanewise::report::testing
