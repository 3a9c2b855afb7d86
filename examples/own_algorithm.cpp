// SPDX-License-Identifier: Apache-2.0
// A search algorithm of one's own. It knows a nas::Problem and nothing of networks or engines; the problem here is one
// of one's own, too: which engine is the fastest for its area.
//   LANEWISE_HOME=PREFIX own_algorithm squeezenet1_1 ne-256
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "core/base/installation.hpp"
#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/import.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/search.hpp"
#include "study/evaluation/answer.hpp"

using namespace lanewise;

namespace {

// The one objective: latency in ms times area in mm2, simulated.
class EngineProblem : public nas::Problem {
 public:
  EngineProblem(const network::Graph& graph, const engine::EngineConfig& base) : graph_(graph), base_(base) {}

  const std::vector<nas::Gene>& genes() const override { return genes_; }

  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& genotype : genotypes) {
      std::vector<engine::Override> overrides;
      for (std::size_t gene = 0; gene < genes_.size(); ++gene) {
        overrides.push_back({genes_[gene].name, genes_[gene].values[static_cast<std::size_t>(genotype[gene])]});
      }
      const study::Totals total = study::simulate_network(graph_, engine::with_overrides(base_, overrides)).total;
      nas::Evaluation evaluation;
      evaluation.objectives = {total.latency_ms * total.area_mm2};
      evaluations.push_back(evaluation);
    }
    return evaluations;
  }

 private:
  const network::Graph& graph_;
  const engine::EngineConfig& base_;
  const std::vector<nas::Gene> genes_ = {{"engine.parallelism_factor", {"8", "16", "32"}},
                                         {"dram.bandwidth", {"3.2 GB/s", "6.4 GB/s", "12.8 GB/s"}}};
};

// Changes one gene of the best at a time. The archive gives what is new and canonical, and keeps what was told.
class HillClimb : public nas::Algorithm {
 public:
  HillClimb(const nas::Problem& problem, const nas::SearchOptions& options)
      : archive_(problem, options, {}), random_(options.seed) {}

  std::vector<nas::Genotype> ask() override {
    if (archive_.has_first()) return archive_.first_batch(1, random_);
    std::vector<nas::Genotype> batch;
    nas::Genotype changed = nas::front_of(archive_.all()).front().genotype;
    archive_.change(changed, static_cast<std::size_t>(random_.below(changed.size())), random_);
    archive_.offer_new(batch, changed, random_);
    return batch;
  }
  void tell(const std::vector<nas::Genotype>& batch, const std::vector<nas::Evaluation>& evaluations) override {
    archive_.tell(batch, evaluations);
  }
  const std::vector<nas::Individual>& told() const override { return archive_.all(); }
  std::string save() const override {
    nas::StateWriter out;
    out.random("random", random_);
    archive_.save(out);
    return out.str();
  }
  void load(const std::string& state) override {
    nas::StateReader in(state);
    random_ = in.random("random");
    archive_.load(in);
    in.end();
  }

 private:
  nas::Archive archive_;
  Random random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: own_algorithm NETWORK ENGINE\n");
    return 2;
  }
  try {
    const network::Graph graph = network::import_network(find_data("models", argv[1]));
    const engine::EngineConfig base = engine::load_engine(find_data("hwconfigs", argv[2])).config;
    EngineProblem problem(graph, base);
    HillClimb algorithm(problem, {});
    nas::SearchBudget budget;
    budget.evaluations = 8;
    const nas::Genotype best = nas::search(problem, algorithm, budget).front.front().genotype;
    for (std::size_t gene = 0; gene < best.size(); ++gene) {
      std::printf("%s=%s\n", problem.genes()[gene].name.c_str(),
                  problem.genes()[gene].values[static_cast<std::size_t>(best[gene])].c_str());
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "own_algorithm: error: %s\n", error.what());
    return 1;
  }
}
