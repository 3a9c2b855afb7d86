// SPDX-License-Identifier: Apache-2.0
// What the engine lacks: the host's pace, between a load and a store.
#include <gtest/gtest.h>

#include "core/mapping/tile_plan.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

mapping::Subgraph host_subgraph(std::int64_t in, std::int64_t out) {
  mapping::Subgraph s;
  s.name = "host";
  s.shape.family = mapping::SubgraphFamily::kHost;
  s.shape.in_height = in;
  s.shape.out_height = out;
  return s;
}

TEST(HostSubgraph, takes_the_hosts_cycles_and_its_traffic) {
  engine::EngineConfig e = testing::small_engine();
  e.host.per_element = Cycles(20);
  e.host.per_pass = Cycles(5000);
  for (const auto& [in, out] : {std::pair<std::int64_t, std::int64_t>{400, 400}, {4000, 12}, {100, 2000}}) {
    const record::Measurement m = sim::simulate(host_subgraph(in, out), e);
    const std::int64_t host = 5000 + 20 * std::max(in, out);
    EXPECT_GE(m.latency.count(), host);
    // A load before and a store after, each at 4 B a cycle and some overhead a tile.
    EXPECT_LE(m.latency.count(), host + (in + out) / 4 + host / 20 + 200) << in << " to " << out;
    EXPECT_GE(m.dram_bytes().count(), in + out);
    EXPECT_EQ(m.macs, 0);
  }
}

TEST(HostSubgraph, a_slower_host_is_slower_by_as_much) {
  engine::EngineConfig e = testing::small_engine();
  const std::int64_t before = sim::simulate(host_subgraph(1000, 1000), e).latency.count();
  e.host.per_pass = Cycles(e.host.per_pass.count() + 3000);
  EXPECT_NEAR(static_cast<double>(sim::simulate(host_subgraph(1000, 1000), e).latency.count() - before), 3000, 150);
}

}  // namespace
}  // namespace lanewise
