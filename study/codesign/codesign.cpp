// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/codesign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/engine/free_keys.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/refusal.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/search.hpp"
#include "study/codesign/codesign_settings.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::study {
namespace {

// Which genes a search may change, by the name that the ablation gives it.
bool is_depth_gene(const std::string& gene) { return gene.rfind("depth_multiplier.", 0) == 0; }
bool is_fusion_gene(const std::string& gene) { return gene.rfind("fuse.", 0) == 0; }
bool is_network_gene(const std::string& gene) {
  return is_depth_gene(gene) || is_fusion_gene(gene) || gene == "channels";
}

struct Freedom {
  const char* name;
  bool (*open)(const std::string& gene);
  bool seeds;  // searched always: its front seeds the search of everything
};
constexpr Freedom kEverything = {"network_and_engine", [](const std::string&) { return true; }, false};
constexpr Freedom kAblation[] = {
    {"depth_multiplier", is_depth_gene, false},
    {"fusion", is_fusion_gene, false},
    {"depth_multiplier_and_fusion", [](const std::string& g) { return is_depth_gene(g) || is_fusion_gene(g); }, false},
    {"network", is_network_gene, true},
    {"engine", [](const std::string& g) { return !is_network_gene(g); }, true},
};

class Codesign {
 public:
  Codesign(const CodesignJob& job, const Workplace& place, const Progress& progress)
      : job_(job),
        place_(place),
        progress_(progress),
        space_(job.space, nas::make_network_space(job.space, &job.graph), job.engine, job.family),
        simulator_(make_simulator(place.worker_path, place.workers)),
        quality_(nas::make_accuracy_oracle(job.space.accuracy,
                                           {network::macs(job.graph), network::parameters(job.graph)})) {}

  CodesignResult run() {
    require_baseline_runs();
    const Campaign campaign = plan_campaign({job_.graph}, job_.engine, job_.family, campaign_options(), progress_);
    claim_folder(place_.out, settings_text(job_, campaign));
    const SampleSet set = measure(campaign);
    for (const estimator::Sample& sample : set.samples) {
      trained_on_.insert(engine::engine_hash(*sample.engine) + " " + mapping::subgraph_key(sample.subgraph));
    }
    const estimator::Estimator model = train(set);
    const auto predictor = make_estimated(model);
    model_ = &model;
    const auto costs = make_cost_oracle(*predictor);

    CodesignResult result;
    result.network = job_.graph.name();
    result.engine = job_.engine.name;
    result.identity = engine::identity_of(job_.engine);
    result.tool_version = version();
    result.seed = job_.seed;
    for (const nas::Objective objective : job_.objectives) result.objectives.emplace_back(to_string(objective));
    result.constraint = quality_->name();
    result.area_budget_mm2 = area_budget().count();
    result.free_keys = engine::free_keys(job_.engine, engine_genes());
    result.estimator = accuracy_report(model, place_.out + "/estimator.lwm");
    progress_("simulating the baseline", 0, 0);
    result.baseline = design(problem(*costs, kEverything), space_.defaults());
    check_baseline(result.baseline);

    search_all(*costs, result);
    return result;
  }

 private:
  // Every design is compared with the baseline: an engine that cannot run it is refused before anything is measured.
  void require_baseline_runs() const {
    std::string failure;
    try {
      for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(job_.graph, job_.engine).subgraphs) {
        failure = mapping::refusal_of(subgraph, job_.engine);
        if (!failure.empty()) break;
      }
    } catch (const Error& error) {
      failure = error.what();
    }
    if (!failure.empty())
      throw Error(
          fmt::format("{} cannot run on {}: {}", job_.graph.name(), engine::engine_title(job_.engine), failure));
  }

  // More of what the search will ask for: the baseline's engine, those that differ from it in the space's keys, and
  // many variants of the one network.
  CampaignOptions campaign_options() const {
    CampaignOptions options = job_.campaign;
    options.base_share = 0.1;
    options.variants = 40;
    for (const std::string& key : engine_genes()) options.focus.push_back(key);
    return options;
  }

  std::vector<std::string> engine_genes() const {
    std::vector<std::string> keys;
    for (const nas::Gene& gene : space_.genes()) {
      if (!is_network_gene(gene.name)) keys.push_back(gene.name);
    }
    return keys;
  }

  SquareMillimetres area_budget() const { return job_.engine.total_area() * job_.space.area_budget; }

  SampleSet measure(const Campaign& campaign) {
    const std::string path = place_.out + "/measurements.sqlite";
    record::Store store(path);
    sim::WorkerPool pool(place_.worker_path, place_.workers);
    run_campaign(campaign, store, pool, progress_);
    progress_("writing rows.csv", 0, 0);
    store.export_csv(place_.out + "/rows.csv");
    return load_sample_set(store, path, progress_);
  }

  estimator::Estimator train(const SampleSet& set) {
    estimator::TrainOptions training = job_.training;
    training.progress = progress_;
    estimator::Estimator model = train_and_report(set, training);
    progress_("writing the model", 0, 0);
    model.save(place_.out + "/estimator.lwm");
    return model;
  }

  nas::DesignProblem problem(nas::CostOracle& costs, const Freedom& freedom) {
    return nas::DesignProblem(space_, costs, *quality_, job_.objectives, area_budget(), freedom.open, [this] {
      if (progress_.stopped && progress_.stopped()) throw Interrupted();
    });
  }

  nas::SearchResult search(nas::DesignProblem& problem, const std::string& name,
                           const std::vector<nas::Genotype>& seeds) {
    nas::SearchOptions options;
    options.seed = job_.seed;
    options.population = job_.population;
    const auto open = std::count_if(problem.genes().begin(), problem.genes().end(),
                                    [](const nas::Gene& gene) { return gene.values.size() > 1; });
    // One gene in expectation, of those that can change.
    options.mutation = 1.0 / static_cast<double>(std::max<std::ptrdiff_t>(open, 1));
    nas::SearchBudget budget;
    budget.evaluations = std::int64_t{job_.population} * (job_.generations + 1);
    nas::SearchHooks hooks;
    hooks.after_batch = [&](const nas::SearchBatch& batch) {
      progress_("searching " + name, batch.point.evaluations, budget.evaluations);
    };
    const auto algorithm = nas::make_algorithm(job_.algorithm, problem, options, seeds);
    return nas::search(problem, *algorithm, budget, {}, hooks);
  }

  // Network and engine are first searched apart: the best of each is where the search of both together begins.
  void search_all(nas::CostOracle& costs, CodesignResult& result) {
    std::map<std::string, nas::SearchResult> parts;
    std::vector<nas::Genotype> seeds;
    for (const Freedom& freedom : kAblation) {
      if (!freedom.seeds && !job_.ablation) continue;
      nas::DesignProblem part = problem(costs, freedom);
      nas::SearchResult& found = parts[freedom.name] = search(part, freedom.name, {});
      if (!freedom.seeds) continue;
      result.evaluations += found.evaluations;
      result.cannot_run += part.cannot_run();
      for (const nas::Individual& individual : found.front) seeds.push_back(individual.genotype);
    }
    nas::DesignProblem whole = problem(costs, kEverything);
    const nas::SearchResult found = search(whole, kEverything.name, seeds);
    result.evaluations += found.evaluations;
    result.cannot_run += whole.cannot_run();
    const std::vector<nas::Genotype> chosen = finalists(can_run(found.front));
    for (const nas::Genotype& genotype : chosen) {
      progress_("simulating finalists", static_cast<std::int64_t>(result.finalists.size()),
                static_cast<std::int64_t>(chosen.size()));
      result.finalists.push_back(design(whole, genotype));
    }
    if (!job_.ablation) return;
    for (const Freedom& freedom : kAblation) {
      progress_("simulating the ablation", static_cast<std::int64_t>(result.ablation.size()),
                static_cast<std::int64_t>(std::size(kAblation)) + 1);
      result.ablation.push_back(fastest(freedom.name, whole, can_run(parts.at(freedom.name).front)));
    }
    result.ablation.push_back(fastest(kEverything.name, whole, can_run(found.front)));
  }

  // A search that found nothing feasible ends with what is least infeasible, which may be designs that cannot be.
  static std::vector<nas::Individual> can_run(std::vector<nas::Individual> front) {
    front.erase(std::remove_if(front.begin(), front.end(),
                               [](const nas::Individual& i) { return i.evaluation.violation >= nas::kImpossible; }),
                front.end());
    return front;
  }

  // The ends of the front and what lies evenly between, best first objective first.
  std::vector<nas::Genotype> finalists(const std::vector<nas::Individual>& front) const {
    std::vector<nas::Genotype> out;
    const std::size_t wanted = std::min(front.size(), static_cast<std::size_t>(job_.finalists));
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t at = wanted == 1 ? 0 : i * (front.size() - 1) / (wanted - 1);
      out.push_back(front[at].genotype);
    }
    return out;
  }

  Design design(nas::DesignProblem problem, const nas::Genotype& genotype) {
    const nas::Candidate candidate = problem.candidate(genotype);
    if (!candidate.failure.empty()) throw Error(candidate.failure);
    Design out;
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      const nas::Gene& gene = space_.genes()[i];
      if (genotype[i] != 0) out.genes.emplace_back(gene.name, gene.values[static_cast<std::size_t>(genotype[i])]);
    }
    for (const auto& [gene, value] : out.genes) {
      if (is_fusion_gene(gene)) out.fused_blocks.push_back(gene.substr(gene.find('.') + 1));
    }
    out.engine_hash = engine::engine_hash(candidate.engine);
    const Question question{candidate.graph.get(), &candidate.engine, &candidate.partition};
    Answered predicted = std::move(estimate({question}, *model_).front());
    if (!predicted.failure.empty()) throw Error(predicted.failure);
    out.predicted = predicted.answer.total;
    out.reliability = std::move(predicted.answer.reliability);
    const NetworkAnswer simulated = answer_one(question, *simulator_);
    out.simulated = simulated.total;
    out.trained_on_percent = trained_on_percent(candidate, simulated);
    return out;
  }

  double trained_on_percent(const nas::Candidate& candidate, const NetworkAnswer& answer) const {
    const std::string hash = engine::engine_hash(candidate.engine);
    const std::vector<mapping::Subgraph>& subgraphs = candidate.partition.subgraphs;
    std::int64_t known = 0;
    for (std::size_t i = 0; i < subgraphs.size(); ++i) {
      if (trained_on_.count(hash + " " + mapping::subgraph_key(subgraphs[i])) == 0) continue;
      known += answer.commands.at(i).latency_cycles;
    }
    return 100.0 * static_cast<double>(known) / static_cast<double>(answer.total.latency_cycles);
  }

  // The fastest by simulation of the design as given and the few that the estimator holds to be the fastest.
  AblationRow fastest(const std::string& name, const nas::DesignProblem& problem,
                      const std::vector<nas::Individual>& front) {
    constexpr std::size_t kSimulated = 3;
    AblationRow row{name, design(problem, space_.defaults())};
    const auto latency = std::find(job_.objectives.begin(), job_.objectives.end(), nas::Objective::kLatency);
    if (latency == job_.objectives.end()) throw Error("an ablation compares latency: let it be one of the objectives");
    const auto at = static_cast<std::size_t>(latency - job_.objectives.begin());
    std::vector<const nas::Individual*> order;
    for (const nas::Individual& individual : front) order.push_back(&individual);
    std::stable_sort(order.begin(), order.end(), [at](const nas::Individual* a, const nas::Individual* b) {
      return a->evaluation.objectives[at] < b->evaluation.objectives[at];
    });
    for (std::size_t i = 0; i < std::min(kSimulated, order.size()); ++i) {
      Design candidate = design(problem, order[i]->genotype);
      if (candidate.simulated.latency_ms < row.design.simulated.latency_ms) row.design = std::move(candidate);
    }
    return row;
  }

  // The design without any change must be the network and the engine as given: else no comparison with it means
  // anything.
  void check_baseline(const Design& baseline) {
    const Totals given = answer_one(job_.graph, job_.engine, *simulator_).total;
    const Totals& same = baseline.simulated;
    if (same.macs != given.macs || same.parameters != given.parameters || same.latency_cycles != given.latency_cycles ||
        !baseline.genes.empty()) {
      throw InternalError(fmt::format(
          "the unchanged design has {} MACs, {} parameters, {} cycles, the network as given {}, "
          "{}, {}",
          same.macs, same.parameters, same.latency_cycles, given.macs, given.parameters, given.latency_cycles));
    }
  }

  const CodesignJob& job_;
  const Workplace& place_;
  const Progress& progress_;
  nas::Space space_;
  std::unique_ptr<MeasurementSource> simulator_;
  std::unique_ptr<nas::AccuracyOracle> quality_;
  const estimator::Estimator* model_ = nullptr;  // once it is trained
  std::set<std::string> trained_on_;             // engine hash and subgraph key of each training row
};

}  // namespace

nas::SpaceDescription default_space(const engine::Family& family) {
  // What is free in the model a search would only ever raise, and DRAM is often given with the board.
  static const std::set<std::string> kSizes = {"engine.parallelism_factor", "engine.dot_product_lanes",
                                               "memory.activation_banks",   "memory.weight_banks",
                                               "accumulators.size",         "post_processing.width"};
  nas::SpaceDescription space;
  space.engine.vary = nas::EngineSettings::Vary::kListed;
  for (const engine::FamilyRange& range : family.ranges) {
    if (kSizes.count(range.key) == 0) continue;
    space.engine.genes.push_back({range.key, {{range.key, range.values}}, family.name});
  }
  space.name = "default";
  space.moves.depth_multipliers = {1.0, 0.75, 0.875, 1.125, 1.25};
  space.area_budget = 1.0;
  space.accuracy.numbers = {{"parameters", 0.9}, {"macs", 0.9}};
  return space;
}

CodesignResult codesign(const CodesignJob& job, const Workplace& workplace, const Progress& progress) {
  return Codesign(job, workplace, progress).run();
}

}  // namespace lanewise::study
