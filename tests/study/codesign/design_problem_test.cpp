// SPDX-License-Identifier: Apache-2.0
#include "nas/design_problem.hpp"

#include <cmath>

#include "core/network/input_pixels.hpp"
#include "nas/oracles/capacity.hpp"

#include "study/codesign/codesign.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

class Designs : public ::testing::Test {
 protected:
  nas::DesignProblem problem(
      const std::vector<nas::Metric>& objectives, double budget_share = 1.0,
      bool (*open)(const std::string&) = [](const std::string&) { return true; }) {
    return nas::DesignProblem(space_, *costs_, quality_, {objectives, {}, {}, base_.total_area() * budget_share}, open,
                              [] {});
  }

  int gene(const std::string& name) const {
    for (std::size_t i = 0; i < space_.genes().size(); ++i) {
      if (space_.genes()[i].name == name) return static_cast<int>(i);
    }
    ADD_FAILURE() << "no gene " << name;
    return 0;
  }

  nas::Genotype with(const std::string& name, const std::string& value) const {
    nas::Genotype genotype = space_.defaults();
    const auto g = static_cast<std::size_t>(gene(name));
    const auto& values = space_.genes()[g].values;
    const auto found = std::find(values.begin(), values.end(), value);
    EXPECT_NE(found, values.end()) << name << "=" << value;
    genotype[g] = static_cast<int>(found - values.begin());
    return genotype;
  }

  network::Graph graph_ = mobilenet();
  engine::EngineConfig base_ = small_engine();
  engine::Family family_ = engine::load_family(kEnginePath);
  nas::SpaceDescription description_ = default_space(family_);
  nas::Space space_{description_, nas::make_network_space(description_, &graph_), base_, family_};
  std::unique_ptr<MeasurementSource> simulator_ = make_simulator();
  std::unique_ptr<nas::CostOracle> costs_ = make_cost_oracle(*simulator_);
  nas::CapacityConstraint quality_{{network::macs(graph_), network::parameters(graph_)}, 0.9, 0.9};
};

TEST_F(Designs, the_unchanged_design_is_the_network_and_the_engine_as_given) {
  nas::DesignProblem designs = problem({nas::Metric::kLatency, nas::Metric::kEnergy});
  const nas::Candidate candidate = designs.candidate(space_.defaults());
  EXPECT_EQ(network::macs(*candidate.graph), network::macs(graph_));
  EXPECT_EQ(network::parameters(*candidate.graph), network::parameters(graph_));
  const study::Totals given = simulate_network(graph_, base_).total;
  EXPECT_EQ(simulate_network(*candidate.graph, candidate.engine).total.latency_cycles, given.latency_cycles);
  const nas::Evaluation evaluation = designs.evaluate({space_.defaults()}).front();
  EXPECT_NEAR(evaluation.objectives[0], given.latency_ms, 1e-9 * given.latency_ms);
  EXPECT_NEAR(evaluation.objectives[1], given.energy_uj, 1e-9 * given.energy_uj);
  EXPECT_EQ(evaluation.violation, 0);
}

TEST_F(Designs, a_fused_block_is_the_fused_network) {
  nas::DesignProblem designs = problem({nas::Metric::kLatency, nas::Metric::kParameters});
  network::Moves moves;
  std::vector<bool> fuse(network::find_move_sites(graph_).fusions.size(), false);
  fuse.at(0) = true;
  moves.fuse = fuse;
  const network::Graph fused = network::apply(graph_, moves);
  nas::Genotype genotype = space_.defaults();
  genotype.at(0) = 1;
  ASSERT_EQ(space_.genes()[0].name.rfind("fuse.", 0), 0u);
  const nas::Evaluation evaluation = designs.evaluate({genotype}).front();
  EXPECT_NEAR(evaluation.objectives[0], simulate_network(fused, base_).total.latency_ms, 1e-9);
  EXPECT_EQ(evaluation.objectives[1], static_cast<double>(network::parameters(fused)));
}

TEST_F(Designs, an_engine_over_its_area_budget_is_infeasible_by_how_much) {
  nas::DesignProblem designs = problem({nas::Metric::kLatency, nas::Metric::kArea});
  const nas::Genotype larger = with("engine.parallelism_factor", "64");
  const nas::Evaluation evaluation = designs.evaluate({larger}).front();
  const engine::EngineConfig engine = engine::with_overrides(base_, {{"engine.parallelism_factor", "64"}});
  EXPECT_NEAR(evaluation.objectives[1], engine.total_area().count(), 1e-12);
  EXPECT_NEAR(evaluation.violation, engine.total_area().count() / base_.total_area().count() - 1, 1e-9);
  nas::DesignProblem free = problem({nas::Metric::kLatency, nas::Metric::kArea}, 0);
  EXPECT_EQ(free.evaluate({larger}).front().violation, 0);
}

TEST_F(Designs, the_same_whether_asked_one_by_one_or_together) {
  nas::DesignProblem together = problem({nas::Metric::kLatency, nas::Metric::kEnergy});
  const std::vector<nas::Genotype> genotypes = {space_.defaults(), with("post_processing.width", "4"),
                                                with("engine.parallelism_factor", "8")};
  const auto all = together.evaluate(genotypes);
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    nas::DesignProblem alone = problem({nas::Metric::kLatency, nas::Metric::kEnergy});
    EXPECT_EQ(alone.evaluate({genotypes[i]}).front().objectives, all[i].objectives);
  }
}

TEST_F(Designs, closed_genes_have_their_default_alone) {
  nas::DesignProblem designs =
      problem({nas::Metric::kLatency}, 1.0, [](const std::string& g) { return g.rfind("fuse.", 0) == 0; });
  for (const nas::Gene& gene : designs.genes()) {
    EXPECT_EQ(gene.values.size() > 1, gene.name.rfind("fuse.", 0) == 0) << gene.name;
  }
}

// Prices nothing, and refuses engines with less area than the base's.
class Choosy : public nas::CostOracle {
 public:
  explicit Choosy(SquareMillimetres least) : least_(least) {}
  record::Source source() const override { return record::Source::kEstimated; }
  std::vector<nas::Cost> price(const std::vector<nas::CostQuery>& queries) override {
    std::vector<nas::Cost> costs(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
      costs[i].latency_ms = 1;
      if (queries[i].engine->total_area() < least_) costs[i] = {"does not fit"};
    }
    return costs;
  }

 private:
  SquareMillimetres least_;
};

TEST_F(Designs, an_engine_that_cannot_run_the_network_is_worse_than_any_that_can_and_counted) {
  Choosy choosy(base_.total_area());
  nas::DesignProblem designs(
      space_, choosy, quality_, {{nas::Metric::kLatency}, {}, {}, SquareMillimetres(0)},
      [](const std::string&) { return true; }, [] {});
  const auto evaluations = designs.evaluate({with("engine.parallelism_factor", "8"), space_.defaults()});
  EXPECT_EQ(evaluations[0].violation, nas::kImpossible);
  EXPECT_EQ(evaluations[1].violation, 0);
  EXPECT_TRUE(nas::dominates(evaluations[1], evaluations[0]));
  EXPECT_EQ(designs.cannot_run(), 1);
}

TEST_F(Designs, what_fails_to_be_measured_is_a_failure_of_the_price) {
  class Failing : public MeasurementSource {
   public:
    record::Source source() const override { return record::Source::kEstimated; }

   protected:
    std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                         const Progress&) override {
      std::vector<record::SubgraphResult> results(subgraphs.size());
      for (record::SubgraphResult& result : results) result.measurement.latency = Cycles(10);
      results.front().failure = "no room";
      return results;
    }
  } source;
  mapping::Subgraph a, b;
  b.shape.in_channels = 2;
  const std::vector<mapping::Subgraph> fails = {a, b}, runs = {b};
  const std::vector<nas::Cost> costs = make_cost_oracle(source)->price({{&base_, &fails}, {&base_, &runs}});
  EXPECT_EQ(costs[0].failure, "no room");
  EXPECT_EQ(costs[1].failure, "");
  EXPECT_EQ(costs[1].latency.count(), 10);
}

TEST_F(Designs, limits_that_are_missed_rank_designs_that_miss_them) {
  const nas::DesignGoals goals{{nas::Metric::kLatency}, {nas::parse_limit("macs<=1")}, {}, SquareMillimetres(0)};
  nas::DesignProblem designs(
      space_, *costs_, quality_, goals, [](const std::string&) { return true; }, [] {});
  const auto all = designs.evaluate({space_.defaults(), with("fuse.ibn0", "fused_ibn")});
  const double macs = static_cast<double>(network::macs(graph_));
  EXPECT_NEAR(all[0].violation, macs - 1, 1e-6 * macs);
  EXPECT_GT(all[1].violation, all[0].violation);
}

TEST_F(Designs, what_is_maximised_is_turned_over_and_a_larger_network_wins_by_it) {
  nas::DesignGoals goals{{nas::Metric::kMacs, nas::Metric::kMacsPerPixel}, {}, {}, SquareMillimetres(0)};
  goals.maximised = {nas::Metric::kMacsPerPixel};
  nas::DesignProblem designs(
      space_, *costs_, quality_, goals, [](const std::string&) { return true; }, [] {});
  const std::vector<nas::Genotype> genotypes = {space_.defaults(), with("fuse.ibn0", "fused_ibn")};
  const auto all = designs.evaluate(genotypes);
  EXPECT_GT(all[1].objectives[0], all[0].objectives[0]) << "a fused block has more MACs";
  EXPECT_LT(all[1].objectives[1], all[0].objectives[1]);
  EXPECT_NEAR(-all[0].objectives[1] * static_cast<double>(network::input_pixels(graph_)), all[0].objectives[0], 1e-3);
  EXPECT_EQ(designs.known_beforehand(genotypes)[1].objectives, all[1].objectives);
}

TEST_F(Designs, sizes_and_areas_are_known_beforehand) {
  nas::DesignProblem designs =
      problem({nas::Metric::kLatency, nas::Metric::kMacs, nas::Metric::kArea, nas::Metric::kParameters});
  EXPECT_EQ(designs.free_objectives(), (std::vector<bool>{false, true, true, true}));
  const std::vector<nas::Genotype> genotypes = {space_.defaults(), with("engine.parallelism_factor", "64")};
  const auto known = designs.known_beforehand(genotypes);
  const auto all = designs.evaluate(genotypes);
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    EXPECT_TRUE(std::isnan(known[i].objectives[0]));
    for (std::size_t o = 1; o < 4; ++o) EXPECT_EQ(known[i].objectives[o], all[i].objectives[o]);
    EXPECT_EQ(known[i].violation, all[i].violation);
  }
  EXPECT_TRUE(problem({nas::Metric::kLatency}).free_objectives().empty());
}

TEST_F(Designs, an_accuracy_that_nobody_measures_is_no_objective) {
  EXPECT_THROW(problem({nas::Metric::kLatency, nas::Metric::kAccuracy}), Error);
}

}  // namespace
}  // namespace lanewise::study::testing
