// SPDX-License-Identifier: Apache-2.0
// Designs are priced without building their networks. The answers are held, bit by bit, against those of the long way:
// build the network, partition it, price its subgraphs, add up.
#include "nas/design_pricer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/network/import.hpp"
#include "core/network/input_pixels.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::nas {
namespace {

// Costs that differ wherever shape, context or engine do.
class Hashed : public CostOracle {
 public:
  record::Source source() const override { return record::Source::kEstimated; }
  bool prices_subgraphs() const override { return true; }
  std::vector<SubgraphCost> price_subgraphs(const std::vector<SubgraphOnEngine>& queries, const WantedCosts&) override {
    std::vector<SubgraphCost> costs;
    for (const SubgraphOnEngine& q : queries) costs.push_back(cost(*q.subgraph, *q.engine));
    return costs;
  }
  std::vector<Cost> price(const std::vector<CostQuery>& queries) override {
    std::vector<Cost> costs;
    for (const CostQuery& query : queries) {
      Cost sum;
      for (const mapping::Subgraph& subgraph : *query.subgraphs) {
        const SubgraphCost part = cost(subgraph, *query.engine);
        if (part.refused) sum.failure = "refused";
        sum.latency += part.latency;
        sum.energy_uj += part.energy.count() / 1e6;
        sum.dram += part.dram;
        sum.peak_sram = std::max(sum.peak_sram, part.peak_sram);
      }
      sum.latency_ms = query.engine->seconds(sum.latency).count() * 1e3;
      costs.push_back(sum.failure.empty() ? sum : Cost{sum.failure, Cycles(0), 0, 0, Bytes(0), Bytes(0)});
    }
    return costs;
  }

 private:
  static SubgraphCost cost(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
    std::uint64_t hash = mapping::identity_of(subgraph).hash();
    hash ^= static_cast<std::uint64_t>(engine.array.parallelism_factor * 7919 + engine.memory.activation_banks);
    SubgraphCost out;
    out.refused = hash % 4001 == 0;
    out.latency = Cycles(static_cast<std::int64_t>(hash % 1000003));
    out.energy = Picojoules(static_cast<double>(hash % 999983) * 1.1);
    out.dram = Bytes(static_cast<std::int64_t>(hash % 65521));
    out.peak_sram = Bytes(static_cast<std::int64_t>(hash % 131071));
    return out;
  }
};

struct World {
  World(const std::string& model, const std::string& hw, const std::string& space_file, bool every_move = false)
      : graph(network::import_network("models/" + model + ".onnx")),
        engine(engine::load_engine("hwconfigs/" + hw + ".yaml").config),
        description(with_moves(load_space("spaces/" + space_file + ".yaml"), every_move)),
        space(description, make_network_space(description, description.blocks ? nullptr : &graph), engine,
              engine::load_family("hwconfigs/" + hw + ".yaml")) {}

  static SpaceDescription with_moves(SpaceDescription description, bool every_move) {
    if (!every_move) return description;
    description.moves.kernels = {3, 5};
    description.moves.depthwise_groups = {network::Moves::kStandard};
    description.moves.drop_repeats = true;
    return description;
  }

  std::vector<Genotype> draw(std::size_t count, std::uint64_t seed) const {
    Random random(seed);
    std::vector<Genotype> out;
    while (out.size() < count) {
      Genotype genotype;
      for (const Gene& gene : space.genes()) {
        genotype.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(gene.values.size()))));
      }
      out.push_back(space.canonical(genotype));
    }
    return out;
  }

  network::Graph graph;
  engine::EngineConfig engine;
  SpaceDescription description;
  Space space;
};

PricedDesign the_long_way(DesignPricer& pricer, CostOracle& oracle, const Genotype& genotype) {
  const Candidate design = pricer.candidate(genotype);
  if (!design.failure.empty()) return {{}, design.failure};
  const Cost cost = oracle.price({{&design.engine, &design.partition.subgraphs}}).front();
  if (!cost.failure.empty()) return {{}, cost.failure};
  PricedDesign out;
  Metrics& m = out.metrics;
  m[Metric::kLatency] = cost.latency_ms;
  m[Metric::kEnergy] = cost.energy_uj;
  m[Metric::kEnergyDelayProduct] = cost.energy_uj * cost.latency_ms;
  m[Metric::kAveragePower] = cost.latency_ms > 0 ? cost.energy_uj / cost.latency_ms : 0;
  m[Metric::kArea] = design.engine.total_area().count();
  m[Metric::kParameters] = static_cast<double>(network::parameters(*design.graph));
  m[Metric::kParameterBytes] = static_cast<double>(network::parameter_bytes(*design.graph).count());
  m[Metric::kPeakActivationBytes] = static_cast<double>(network::peak_activation_bytes(*design.graph).count());
  m[Metric::kPeakSramBytes] = static_cast<double>(cost.peak_sram.count());
  m[Metric::kDramBytes] = static_cast<double>(cost.dram.count());
  m[Metric::kMacs] = static_cast<double>(network::macs(*design.graph));
  m[Metric::kMacsPerPixel] = m[Metric::kMacs] / static_cast<double>(network::input_pixels(*design.graph));
  return out;
}

void expect_same(const PricedDesign& a, const PricedDesign& b, const std::string& where) {
  EXPECT_EQ(a.failure, b.failure) << where;
  if (!a.failure.empty()) return;
  for (const MetricTraits& traits : metrics()) {
    if (traits.metric == Metric::kAccuracy) continue;
    EXPECT_EQ(a.metrics[traits.metric], b.metrics[traits.metric]) << where << ": " << traits.name;
  }
}

void expect_the_long_way(const World& world, std::size_t count, std::uint64_t seed, const std::string& where) {
  Hashed oracle;
  DesignPricer pricer(world.space, oracle);
  const std::vector<Genotype> genotypes = world.draw(count, seed);
  const std::vector<PricedDesign> all = pricer.price(genotypes);
  for (std::size_t i = 0; i < count; ++i) {
    expect_same(all[i], the_long_way(pricer, oracle, genotypes[i]), where + " " + world.space.encode(genotypes[i]));
  }
}

TEST(DesignPricer, prices_moves_on_shipped_networks_as_the_long_way_does) {
  for (const char* model : {"mobilenet_v2", "mnasnet1_0", "resnet18", "squeezenet1_1", "mobilenet_v3_large",
                            "efficientnet_b0", "shufflenet_v2_x1_0", "kws_lstm"}) {
    for (const char* hw : {"ne-256", "ne-64", "nvdla-small", "neureka"}) {
      expect_the_long_way(World(model, hw, "both"), 12, 5, std::string(model) + " on " + hw);
    }
  }
}

TEST(DesignPricer, prices_every_kind_of_move_as_the_long_way_does) {
  for (const char* model : {"mobilenet_v2", "mobilenet_v3_large", "resnet18"}) {
    expect_the_long_way(World(model, "ne-256", "both", true), 60, 8, model);
  }
}

TEST(DesignPricer, prices_engines_of_their_own_as_the_long_way_does) {
  for (const char* model : {"mobilenet_v2", "mnasnet1_0", "mobilenet_v3_large"}) {
    expect_the_long_way(World(model, "ne-256", "default"), 60, 6, model);
  }
}

TEST(DesignPricer, prices_networks_of_a_space_as_the_long_way_does) {
  for (const char* space : {"classifier", "detector", "segmenter", "speech"}) {
    expect_the_long_way(World("resnet18", "ne-256", space), 10, 7, space);
  }
}

TEST(DesignPricer, puts_networks_together_that_it_never_built) {
  const World world("mobilenet_v2", "ne-256", "both");
  Hashed oracle;
  DesignPricer pricer(world.space, oracle);
  pricer.price(world.draw(2000, 1));
  EXPECT_EQ(pricer.counts().designs, 2000);
  EXPECT_EQ(pricer.counts().put_together + pricer.counts().built, 2000);
  EXPECT_LT(pricer.counts().built, 400);
  EXPECT_LT(pricer.counts().priced, pricer.counts().subgraphs / 50);
}

TEST(DesignPricer, answers_the_same_whatever_it_was_asked_before_and_with) {
  const World world("mobilenet_v2", "ne-256", "default");
  Hashed oracle;
  std::vector<Genotype> genotypes = world.draw(300, 2);
  DesignPricer together(world.space, oracle);
  const std::vector<PricedDesign> all = together.price(genotypes);
  DesignPricer apart(world.space, oracle);
  for (std::size_t i = genotypes.size(); i-- > 0;) {
    expect_same(apart.price({genotypes[i]}).front(), all[i], std::to_string(i));
  }
}

TEST(DesignPricer, gives_what_is_wanted_and_what_is_free_alone) {
  const World world("mobilenet_v2", "ne-256", "both");
  Hashed oracle;
  DesignPricer whole(world.space, oracle), some(world.space, oracle, {Metric::kLatency, Metric::kMacs});
  const std::vector<Genotype> genotypes = world.draw(5, 3);
  const std::vector<PricedDesign> all = whole.price(genotypes), few = some.price(genotypes);
  const std::vector<PricedDesign> free = whole.free_metrics(genotypes);
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    for (const MetricTraits& traits : metrics()) {
      const bool wanted = traits.metric == Metric::kLatency || traits.metric == Metric::kMacs;
      const double known = all[i].metrics[traits.metric];
      const double answer = few[i].metrics[traits.metric];
      if (wanted) {
        EXPECT_EQ(answer, known);
      } else {
        EXPECT_TRUE(std::isnan(answer)) << traits.name;
      }
      if (is_free(traits.metric)) {
        EXPECT_EQ(free[i].metrics[traits.metric], known);
      }
    }
  }
}

// A gene that is said not to reach a stretch must not change it: turned in random networks, it changes others alone.
TEST(MoveStretches, hold_every_change_of_their_genes) {
  const World world("mobilenet_v2", "ne-256", "both");
  const std::vector<Stretch> stretches = world.space.network().stretches();
  ASSERT_GT(stretches.size(), 10u);
  EXPECT_EQ(stretches.back().end, "");
  for (std::size_t i = 0; i + 1 < stretches.size(); ++i) {
    const auto& tensors = world.graph.tensors();
    EXPECT_TRUE(std::any_of(tensors.begin(), tensors.end(),
                            [&](const network::Tensor& t) { return t.name == stretches[i].end; }));
    EXPECT_TRUE(std::is_sorted(stretches[i].genes.begin(), stretches[i].genes.end()));
  }
  // Every gene reaches something.
  for (std::size_t gene = 0; gene < world.space.network_genes(); ++gene) {
    EXPECT_TRUE(std::any_of(stretches.begin(), stretches.end(), [&](const Stretch& s) {
      return std::binary_search(s.genes.begin(), s.genes.end(), gene);
    }));
  }
}

}  // namespace
}  // namespace lanewise::nas
