// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/codesign.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/free_keys.hpp"
#include "nas/algorithms/archive.hpp"
#include "study/codesign/combined.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/finalist_files.hpp"
#include "study/codesign/halving.hpp"
#include "study/codesign/history.hpp"
#include "study/codesign/predictor.hpp"
#include "study/codesign/proof.hpp"
#include "study/codesign/searches.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

// An error below this is none that anybody would learn from, whatever the interval says: one in ten true values lies
// outside its 90 % interval.
constexpr double kNegligibleErrorPercent = 2;

double cpu_seconds() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    struct rusage used {};
    ::getrusage(who, &used);
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return seconds;
}

bool needs_learning(const Design& design) {
  return design.failure.empty() && !design.within_interval() &&
         std::abs(design.error_percent()) > kNegligibleErrorPercent;
}

class Course {
 public:
  Course(const CodesignJob& job, JobFolder& folder, const Workplace& place, const Progress& progress)
      : job_(job),
        folder_(folder),
        progress_(progress),
        designs_(job, {folder.work("accuracy.log"), job.network_path, progress, job.read_as}),
        proof_(job, place, designs_, outcome_.cost, progress),
        predictor_(job, folder, place, designs_, outcome_.cost, progress),
        log_(folder.work("candidates.log"), designs_.candidate_space()) {
    outcome_.cost.watts = place.watts;
  }

  CodesignOutcome run() {
    proof_.require_baseline();
    predictor_.prepare([this](const estimator::Estimator& model) { return proof_.probe(model); });
    describe();
    while (search_and_prove()) {
    }
    finish_front();
    if (job_.ablation) ablate();
    CodesignResult& result = outcome_.result;
    std::vector<nas::Genotype> finalists(front_.begin(),
                                         front_.begin() + static_cast<std::ptrdiff_t>(result.finalists.size()));
    progress_("writing finalists", 0, 0);
    outcome_.files = write_finalists(job_, folder_, designs_, finalists, result.finalists);
    for (const std::string& file : predictor_.write_out()) outcome_.files.push_back(file);
    order_front();
    add_history();
    account_for_accuracy();
    return std::move(outcome_);
  }

 private:
  int round() const { return static_cast<int>(folder_.rounds().size()); }

  void describe() {
    CodesignResult& result = outcome_.result;
    result.network = designs_.baseline_network().name();
    result.engine = job_.engine.name;
    result.identity = engine::identity_of(job_.engine);
    result.tool_version = version();
    result.seed = job_.seed;
    result.objectives = job_.objective_names;
    result.objective_metrics = job_.objectives;
    for (const nas::Limit& limit : designs_.limits()) result.limits.push_back(limit.text);
    result.constraint = designs_.quality().name();
    result.area_budget_mm2 = (job_.engine.total_area() * job_.space.area_budget).count();
    result.free_keys = engine::free_keys(job_.engine, designs_.engine_genes());
    result.algorithm = job_.combined.trainings > 0 ? "combined search" : job_.algorithm;
    result.open_genes = designs_.open_genes(kEverything);
    result.designs_in_space = 1;
    for (const nas::Gene& gene : designs_.space().genes())
      result.designs_in_space *= static_cast<double>(gene.values.size());
    result.left_out = designs_.space().left_out();
    result.origin = predictor_.origin();
  }

  // Individuals of a round that others are judged by: its front, or where nothing keeps the limits what misses them
  // least. Designs that cannot be are none.
  std::vector<nas::Individual> front_of_round(int number) const {
    const std::vector<nas::Individual> all = judged(log_, designs_, number, kEverything);
    std::vector<nas::Individual> front = nas::front_of(all);
    if (front.empty()) front = nas::least_violating(all, static_cast<std::size_t>(job_.finalists));
    front.erase(std::remove_if(front.begin(), front.end(),
                               [](const nas::Individual& i) { return i.evaluation.violation >= nas::kImpossible; }),
                front.end());
    return front;
  }

  // One round: searches, simulates the finalists, and learns from those that were predicted badly. Whether there is
  // another round.
  bool search_and_prove() {
    CodesignResult& result = outcome_.result;
    const auto costs = make_cost_oracle(predictor_.source());
    Searches searches(job_, folder_, designs_, log_, *costs, outcome_.cost, progress_);
    searches.price_baseline(round());
    if (round() == 0) searches.warm_start();
    std::vector<nas::Genotype> seeds;
    if (round() > 0) {
      for (const nas::Individual& individual : front_of_round(round() - 1)) seeds.push_back(individual.genotype);
    }
    if (job_.combined.trainings > 0) {
      search_combined(*costs);
    } else {
      result.stopped = searches.run(round(), seeds);
    }
    result.baseline = proof_.baseline(predictor_);
    if (!job_.halving.empty()) {
      halve_found();
      return round() < job_.rounds && learn();
    }
    order_finalists_first(front_of_round(round()));
    const std::size_t finalists = std::min(front_.size(), static_cast<std::size_t>(job_.finalists));
    result.finalists = proof_.designs({front_.begin(), front_.begin() + static_cast<std::ptrdiff_t>(finalists)},
                                      finalists, predictor_, "simulating finalists");
    // What was trained was chosen by latencies that a new estimator would not give: a combined search is not gone over.
    if (job_.combined.trainings > 0) return false;
    return round() < job_.rounds && learn();
  }

  void search_combined(nas::CostOracle& costs) {
    CodesignResult& result = outcome_.result;
    result.combined = run_combined(job_, folder_, designs_, log_, costs, outcome_.cost, progress_);
    result.combined_score = job_.combined.score;
    result.combined_supernet = std::filesystem::path(job_.combined.supernet).filename().string();
    outcome_.cost.combined = result.combined->stages;
    const bool all = static_cast<std::int64_t>(result.combined->confirmed.size()) >= job_.combined.trainings;
    result.stopped = all ? "trainings" : "no network left";
  }

  // Finalists are then the best of those that the last oracle judged, and the front holds no others.
  void halve_found() {
    CodesignResult& result = outcome_.result;
    std::vector<nas::Individual> found = judged(log_, designs_, round(), kEverything);
    found.erase(std::remove_if(found.begin(), found.end(),
                               [](const nas::Individual& i) { return i.evaluation.violation >= nas::kImpossible; }),
                found.end());
    HalvedDesigns halved = halve(found, job_, designs_, proof_, predictor_, metrics_of(result.baseline.simulated));
    result.halving = std::move(halved.rungs);
    result.finalists.clear();
    result.without_accuracy.clear();
    front_.clear();
    std::vector<std::pair<double, nas::Genotype>> by_first;
    for (std::size_t i = 0; i < halved.genotypes.size() && static_cast<int>(i) < job_.finalists; ++i) {
      if (halved.evaluations[i].violation >= nas::kImpossible) continue;
      front_.push_back(halved.genotypes[i]);
      result.finalists.push_back(std::move(halved.designs[i]));
      by_first.emplace_back(halved.evaluations[i].objectives.front(), halved.genotypes[i]);
    }
    result.all_infeasible = !halved.evaluations.empty() && halved.evaluations.front().violation > 0;
    std::sort(by_first.begin(), by_first.end());
    sorted_.clear();
    for (auto& [value, genotype] : by_first) sorted_.push_back(std::move(genotype));
  }

  bool learn() {
    const std::vector<Design>& finalists = outcome_.result.finalists;
    TrustRound trust;
    std::vector<record::Row> rows;
    for (std::size_t i = 0; i < finalists.size(); ++i) {
      if (!finalists[i].failure.empty()) continue;
      const double error = std::abs(finalists[i].error_percent());
      ++trust.simulated;
      trust.mean_error_percent += error;
      trust.worst_error_percent = std::max(trust.worst_error_percent, error);
      if (!needs_learning(finalists[i])) continue;
      ++trust.beyond;
      for (record::Row& row : proof_.rows_of(front_[i])) rows.push_back(std::move(row));
    }
    if (trust.simulated > 0) trust.mean_error_percent /= static_cast<double>(trust.simulated);
    return trust.beyond > 0 && predictor_.learn(rows, trust);
  }

  // The ends of the front and what lies evenly between, best first objective first; then the others in their order.
  void order_finalists_first(const std::vector<nas::Individual>& front) {
    outcome_.result.all_infeasible = !front.empty() && front.front().evaluation.violation > 0;
    front_.clear();
    std::vector<bool> taken(front.size(), false);
    const std::size_t wanted = std::min(front.size(), static_cast<std::size_t>(job_.finalists));
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t at = wanted == 1 ? 0 : i * (front.size() - 1) / (wanted - 1);
      taken[at] = true;
      front_.push_back(front[at].genotype);
    }
    for (std::size_t i = 0; i < front.size(); ++i) {
      if (!taken[i]) front_.push_back(front[i].genotype);
    }
    sorted_.clear();
    for (const nas::Individual& individual : front) sorted_.push_back(individual.genotype);
  }

  // Predicts and simulates the rest of the front, and holds everything against the limits.
  void finish_front() {
    CodesignResult& result = outcome_.result;
    const std::size_t finalists = result.finalists.size();
    const std::size_t all = static_cast<std::size_t>(std::max<std::int64_t>(job_.simulations, 0));
    const std::vector<nas::Genotype> rest(front_.begin() + static_cast<std::ptrdiff_t>(finalists), front_.end());
    const std::size_t simulated = all > finalists ? all - finalists : 0;
    result.front = result.finalists;
    for (Design& design : proof_.designs(rest, simulated, predictor_, "simulating the front")) {
      result.front.push_back(std::move(design));
    }
    for (std::size_t i = 0; i < result.front.size(); ++i) {
      const PricedCandidate* const priced = log_.find(round(), front_[i]);
      const double accuracy = priced->metrics[nas::Metric::kAccuracy];
      if (!std::isnan(accuracy)) result.front[i].accuracy = accuracy;
      result.front[i].finalist = i < finalists ? static_cast<int>(i) + 1 : 0;
      result.designs_simulated += result.front[i].is_simulated ? 1 : 0;
    }
    const PricedCandidate* const baseline = log_.find(round(), designs_.space().defaults());
    const double accuracy = baseline->metrics[nas::Metric::kAccuracy];
    if (!std::isnan(accuracy)) result.baseline.accuracy = accuracy;
    proof_.judge(result.front, result.baseline);
    result.finalists.assign(result.front.begin(), result.front.begin() + static_cast<std::ptrdiff_t>(finalists));
    result.finalists_asked = job_.finalists;
    result.fewer_finalists = why_fewer();
    result.estimator = predictor_.report();
    result.rounds = folder_.rounds();
  }

  std::string why_fewer() const {
    const CodesignResult& result = outcome_.result;
    if (static_cast<int>(result.finalists.size()) >= job_.finalists) return "";
    if (result.open_genes == 0) return "no gene of the space can change here: the baseline is the only design";
    if (result.stopped == to_string(nas::SearchEnd::kExhausted)) {
      return fmt::format("all designs of the space were priced, and the front holds {}", front_.size());
    }
    return result.all_infeasible ? fmt::format("no more than {} could be priced at all", front_.size())
                                 : fmt::format("the front holds no more than {}", front_.size());
  }

  // The front as people read it: best first objective first. Finalists keep their numbers.
  void order_front() {
    std::map<nas::Genotype, std::size_t> place;
    for (std::size_t i = 0; i < front_.size(); ++i) place[front_[i]] = i;
    CodesignResult& result = outcome_.result;
    for (std::size_t i = 0; i < result.finalists.size(); ++i) result.front[i] = result.finalists[i];
    std::vector<Design> ordered;
    for (const nas::Genotype& genotype : sorted_) ordered.push_back(std::move(result.front[place.at(genotype)]));
    result.front = std::move(ordered);
  }

  void add_history() {
    CodesignResult& result = outcome_.result;
    result.history = history_of(log_, designs_);
    for (const HistoryRow& row : result.history) {
      if (row.search != "warm_start" && row.search != "baseline") ++result.evaluations;
      if (row.failure.rfind(kNoAccuracy, 0) == 0) {
        ++result.without_accuracy[row.failure.substr(std::string(kNoAccuracy).size())];
      } else if (!row.failure.empty()) {
        ++result.cannot_run;
      }
      if (row.failure.empty() && row.violation == 0) ++result.feasible;
    }
    if (!result.history.empty()) result.hypervolume = result.history.back().hypervolume;
  }

  void account_for_accuracy() {
    if (!designs_.quality().measures()) return;
    CodesignResult& result = outcome_.result;
    result.accuracy_by = job_.space.accuracy.oracle;
    std::set<std::string> networks;
    for (const HistoryRow& row : result.history) {
      if (!std::isnan(row.metrics[nas::Metric::kAccuracy]))
        networks.insert(row.encoding.substr(0, row.encoding.find('@')));
    }
    for (const Design& design : result.front) {
      if (design.accuracy) networks.insert(design.encoding.substr(0, design.encoding.find('@')));
    }
    result.accuracy_networks = static_cast<std::int64_t>(networks.size());
    const nas::AccuracyAccount& account = designs_.quality().account();
    outcome_.cost.accuracy = {
        result.accuracy_by,   account.asked,       account.from_cache,       account.seconds,        account.runs,
        account.run_networks, account.run_seconds, account.earlier_networks, account.earlier_seconds};
  }

  // Of each subset of the genes the fastest by simulation: the design as given, or one of the few that the estimator
  // held to be the fastest.
  void ablate() {
    constexpr std::size_t kSimulated = 3;
    const auto latency = std::find(job_.objectives.begin(), job_.objectives.end(), nas::Metric::kLatency);
    if (latency == job_.objectives.end()) throw Error("an ablation compares latency: let it be one of the objectives");
    const auto at = static_cast<std::size_t>(latency - job_.objectives.begin());
    std::vector<Freedom> freedoms = kSubsets;
    freedoms.insert(freedoms.end(), kParts.begin(), kParts.end());
    freedoms.push_back(kEverything);
    for (const Freedom& freedom : freedoms) {
      std::vector<nas::Individual> all = judged(log_, designs_, round(), freedom);
      if (round() > 0 && freedom.name != std::string(kEverything.name)) all = judged(log_, designs_, 0, freedom);
      all.erase(
          std::remove_if(all.begin(), all.end(), [](const nas::Individual& i) { return i.evaluation.violation > 0; }),
          all.end());
      std::stable_sort(all.begin(), all.end(), [at](const nas::Individual& a, const nas::Individual& b) {
        return a.evaluation.objectives[at] < b.evaluation.objectives[at];
      });
      std::vector<nas::Genotype> fastest;
      for (std::size_t i = 0; i < std::min(kSimulated, all.size()); ++i) fastest.push_back(all[i].genotype);
      AblationRow row{freedom.name, outcome_.result.baseline};
      for (Design& design : proof_.designs(fastest, fastest.size(), predictor_, "simulating the ablation")) {
        if (!design.failure.empty()) continue;
        if (design.simulated.latency_ms < row.design.simulated.latency_ms) row.design = std::move(design);
      }
      outcome_.result.ablation.push_back(std::move(row));
    }
  }

  const CodesignJob& job_;
  JobFolder& folder_;
  const Progress& progress_;
  CodesignOutcome outcome_;
  Designs designs_;
  Proof proof_;
  Predictor predictor_;
  CandidateLog log_;
  std::vector<nas::Genotype> front_;   // of the last round, finalists first
  std::vector<nas::Genotype> sorted_;  // the same by first objective
};

}  // namespace

CodesignOutcome codesign(const CodesignJob& job, JobFolder& folder, const Workplace& place, const Progress& progress) {
  const double before = cpu_seconds();
  CodesignOutcome outcome = Course(job, folder, place, progress).run();
  // Workers have ended by now, so that their time counts.
  outcome.cost.cpu_seconds = cpu_seconds() - before;
  return outcome;
}

}  // namespace lanewise::study
