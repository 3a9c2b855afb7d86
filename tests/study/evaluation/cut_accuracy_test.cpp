// SPDX-License-Identifier: Apache-2.0
// The closed form of layers that have to be cut: it counts what the planner writes, and comes near the simulator.
#include <gtest/gtest.h>

#include <cmath>

#include "core/mapping/plan_tiles.hpp"
#include "estimator/analytical_model.hpp"
#include "sim/simulate.hpp"

namespace lanewise {
namespace {

constexpr double kNear = 0.15;  // of the simulated latency

const char* const kLayers[] = {
    "family=convolution b=1 in=512x1x1601 out=256x1x1599 w=1x3/1x1/1x1/0,0,0,0 g=1 bias=1",
    "family=convolution b=1 in=8192x1x256 out=512x1x256 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=1",
    "family=convolution b=1 in=100000x1x1 out=64x1x1 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=0",
    "family=convolution b=1 in=64x12x4000 out=32x12x4000 w=3x3/1x1/1x1/1,1,1,1 g=1 bias=0",
    "family=matmul b=1 in=1024x1x512 out=4096x1x512 w=1x1/1x1/1x1/0,0,0,0 g=8 bias=0",
    "family=matmul b=1 in=4096x1x512 out=1024x1x512 w=1x1/1x1/1x1/0,0,0,0 g=8 bias=0",
    "family=grouped b=1 in=1024x4x300 out=512x4x300 w=3x3/1x1/1x1/1,1,1,1 g=2 bias=1",
};

mapping::Subgraph layer(const std::string& shape) {
  return mapping::parse_subgraph_key(
      shape + " act=none operand=none pool=- n=1 prec=int8/int8/int8 at=dram/dram/dram resident=0");
}

void expect_near(const mapping::Subgraph& s, const engine::EngineConfig& e, const mapping::TilePlan& plan,
                 const estimator::Analytic& analytic) {
  const record::Measurement m = sim::simulate(plan, s, e);
  const std::string what = e.name + ": " + mapping::shape_key(s.shape);
  const auto latency = static_cast<double>(m.latency.count()), bytes = static_cast<double>(m.dram_bytes().count());
  EXPECT_NEAR(analytic.latency_cycles / latency, 1, kNear) << what;
  EXPECT_NEAR(analytic.dram_bytes / bytes, 1, kNear) << what;
}

TEST(CutAccuracy, the_closed_form_has_as_many_cubes_as_the_plan) {
  for (const char* name : {"nvdla-large", "nvdla-medium-512", "nvdla-small-256", "nvdla-small"}) {
    const engine::EngineConfig e = engine::load_engine("hwconfigs/" + std::string(name) + ".yaml").config;
    for (const char* shape : kLayers) {
      const mapping::Subgraph s = layer(shape);
      const mapping::TilePlan plan = mapping::plan_tiles(s, e);
      const estimator::Analytic analytic = estimator::analyse(s, e);
      EXPECT_EQ(analytic.tile.pixel_tiles * analytic.tile.reduction_tiles, static_cast<double>(plan.cubes.size()))
          << name << ": " << shape;
      expect_near(s, e, plan, analytic);
    }
  }
}

TEST(CutAccuracy, the_closed_form_has_as_many_patches_as_the_plan) {
  for (const char* name : {"neureka", "neureka-4x4"}) {
    const engine::EngineConfig e = engine::load_engine("hwconfigs/" + std::string(name) + ".yaml").config;
    for (const char* shape : {"family=matmul b=1 in=512x72x1 out=288x72x1 w=1x1/1x1/1x1/0,0,0,0 g=4 bias=0",
                              "family=matmul b=1 in=2048x1x100 out=64x1x100 w=1x1/1x1/1x1/0,0,0,0 g=2 bias=0",
                              "family=grouped b=1 in=192x13x13 out=160x13x13 w=3x3/1x1/1x1/1,1,1,1 g=2 bias=1",
                              "family=depthwise b=1 in=80x20x20 out=80x20x20 w=3x3/1x1/1x1/1,1,1,1 g=80 bias=0",
                              "family=fully_connected b=50 in=300x1x1 out=100x1x1 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=1"}) {
      const mapping::Subgraph s = layer(shape);
      const mapping::TilePlan plan = mapping::plan_tiles(s, e);
      const estimator::Analytic analytic = estimator::analyse(s, e);
      EXPECT_EQ(analytic.tile.steps(), static_cast<double>(plan.steps.size())) << name << ": " << shape;
      expect_near(s, e, plan, analytic);
    }
  }
}

}  // namespace
}  // namespace lanewise
