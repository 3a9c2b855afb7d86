// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/combined.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/topology_features.hpp"
#include "study/codesign/fit_score_oracle.hpp"
#include "study/codesign/inherited_accuracy.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kName = "combined";

nas::AccuracySettings score_settings(const CodesignJob& job) {
  nas::AccuracySettings settings;
  settings.oracle = "score";
  settings.texts["score"] = job.combined.score;
  const std::string data = job.space.accuracy.text("train");
  if (!data.empty()) settings.texts["data"] = data;
  settings.folder = job.space.accuracy.folder;
  settings.numbers["jobs"] = job.space.accuracy.number("jobs", 1);
  settings.places["score"] = "--score: ";
  return settings;
}

bool is_graph_score(const std::string& name) {
  const auto& all = nas::network_scores();
  return std::any_of(all.begin(), all.end(), [&](const nas::NetworkScore& score) { return name == score.name; });
}

class DesignsToTrain : public nas::CombinedProblem {
 public:
  DesignsToTrain(const CodesignJob& job, JobFolder& folder, const Designs& designs, CandidateLog& log,
                 nas::CostOracle& costs, CodesignCost& cost, const Progress& progress)
      : job_(job),
        folder_(folder),
        designs_(designs),
        log_(log),
        baseline_(log.find(0, designs.space().defaults())->metrics),
        cost_(cost),
        progress_(progress),
        pricer_(designs.space(), costs, {}, [&progress] {
          if (progress.stopped && progress.stopped()) throw Interrupted();
        }) {
    if (is_graph_score(job.combined.score)) {
      graph_score_ = &nas::network_score(job.combined.score);
    } else {
      ProgramPlace place;
      place.cache = folder.work("scores.log");
      place.progress = progress;
      if (job.space.blocks != nullptr) place.space = job.space.source;
      scorer_ = make_fit_score_oracle(score_settings(job), place);
    }
  }

  const std::vector<nas::Gene>& genes() const override { return designs_.space().genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override { return designs_.space().canonical(genotype); }

  std::vector<nas::Evaluation> costs(const std::vector<nas::Genotype>& genotypes) override {
    progress_("growing candidates", cost_.estimates, job_.combined.pool);
    const std::vector<nas::PricedDesign> priced = pricer_.price(genotypes);
    cost_.estimates += static_cast<std::int64_t>(genotypes.size());
    std::vector<nas::Evaluation> out;
    for (std::size_t i = 0; i < genotypes.size(); ++i) out.push_back(untrained(genotypes[i], priced[i]));
    return out;
  }

  std::vector<nas::UntrainedFacts> facts(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::UntrainedFacts> out;
    std::vector<nas::Candidate> networks;
    networks.reserve(genotypes.size());
    std::vector<nas::AccuracyQuery> queries;
    for (const nas::Genotype& genotype : genotypes) {
      networks.push_back(pricer_.network_of(genotype));
      const network::Graph& graph = *networks.back().graph;
      nas::UntrainedFacts facts;
      facts.encoding = encoding_of(genotype);
      facts.features = nas::topology_features_of(graph);
      if (graph_score_ != nullptr) {
        facts.scores = {graph_score_->higher_is_better ? graph_score_->of(graph) : -graph_score_->of(graph)};
      } else {
        queries.push_back({facts.encoding, {}, &graph, &networks.back().engine, {}});
      }
      out.push_back(std::move(facts));
    }
    if (queries.empty()) return out;
    const std::vector<nas::AccuracyAnswer> answers = scorer_->measure(queries);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      // A network of which the score is not defined is worth the least of all.
      out[i].scores = {answers[i].failure.empty() ? -scorer_->objective(answers[i].score) : kNoScore};
    }
    return out;
  }

  std::vector<std::string> score_names() const override { return {job_.combined.score}; }

  std::vector<double> inherited(const std::vector<nas::Genotype>& genotypes) override {
    if (job_.combined.supernet.empty()) return {};
    std::vector<std::string> encodings;
    for (const nas::Genotype& genotype : genotypes) encodings.push_back(encoding_of(genotype));
    if (inherit_ == nullptr) {
      inherit_ = std::make_unique<InheritedAccuracy>(job_.combined.supernet, job_.space.source,
                                                     folder_.work("inherited.csv"), progress_);
    }
    return inherit_->of(encodings);
  }

  std::vector<nas::Confirmed> train(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Genotype> missing;
    for (const nas::Genotype& genotype : genotypes) {
      if (log_.find(0, genotype) == nullptr) missing.push_back(genotype);
    }
    if (!missing.empty()) log_.append({0, kName, "", designs_.price(missing, pricer_)});
    std::vector<nas::Confirmed> out;
    for (const nas::Genotype& genotype : genotypes) out.push_back(confirmed(*log_.find(0, genotype)));
    return out;
  }

  nas::Confirmed confirmed(const PricedCandidate& candidate) const {
    if (!candidate.failure.empty()) return {std::numeric_limits<double>::quiet_NaN(), candidate.failure};
    return {-designs_.quality().objective(candidate.metrics[nas::Metric::kAccuracy]), ""};
  }

 private:
  static constexpr double kNoScore = -1e300;

  std::string encoding_of(const nas::Genotype& genotype) const {
    return designs_.space().network().encode(designs_.space().network_part(genotype));
  }

  // Judged without its accuracy.
  nas::Evaluation untrained(const nas::Genotype& genotype, const nas::PricedDesign& priced) const {
    PricedCandidate candidate{genotype, priced.metrics, priced.failure};
    candidate.metrics[nas::Metric::kAccuracy] = 0;
    nas::Evaluation evaluation = designs_.judge(candidate, baseline_);
    const auto accuracy = std::find(job_.objectives.begin(), job_.objectives.end(), nas::Metric::kAccuracy);
    evaluation.objectives.erase(evaluation.objectives.begin() + (accuracy - job_.objectives.begin()));
    return evaluation;
  }

  const CodesignJob& job_;
  JobFolder& folder_;
  const Designs& designs_;
  CandidateLog& log_;
  const nas::Metrics baseline_;
  CodesignCost& cost_;
  const Progress& progress_;
  nas::DesignPricer pricer_;
  const nas::NetworkScore* graph_score_ = nullptr;
  std::unique_ptr<nas::AccuracyOracle> scorer_;
  std::unique_ptr<InheritedAccuracy> inherit_;
};

std::string description(const CodesignJob& job, const Designs& designs) {
  std::string text = fmt::format("combined search, seed {}, {} at once, pool {}, keep {}, score {}; {}", job.seed,
                                 job.combined.at_once, job.combined.pool, job.combined.keep, job.combined.score,
                                 fmt::join(job.objective_names, ","));
  for (const nas::Limit& limit : designs.limits()) text += "; " + limit.text;
  return text;
}

}  // namespace

void require_combined(const CodesignJob& job) {
  const auto refuse = [](const std::string& rule) { throw Error("--trainings: " + rule); };
  const auto accuracy = std::find(job.objectives.begin(), job.objectives.end(), nas::Metric::kAccuracy);
  if (accuracy == job.objectives.end()) refuse("accuracy must be one of --objectives");
  const std::string& by = job.space.accuracy.oracle;
  if (by != "train" && by != "table" && by != "command") {
    refuse(
        fmt::format("the space's accuracy is by '{}', which trains nothing: it needs a section 'accuracy' with "
                    "train, table or command (docs/network_accuracy.md)",
                    by));
  }
  for (const nas::Limit& limit : job.limits) {
    if (limit.metric == nas::Metric::kAccuracy) {
      refuse("limit '" + limit.text + "': accuracy is known of the few that are trained alone and can have no limit");
    }
  }
  if (job.ablation) refuse("does not go with --ablation");
  if (!job.halving.empty()) refuse("does not go with --halving");
}

nas::CombinedResult run_combined(const CodesignJob& job, JobFolder& folder, const Designs& designs, CandidateLog& log,
                                 nas::CostOracle& costs, CodesignCost& cost, const Progress& progress) {
  // What was priced before this search began is known to it; what it asked for itself it asks for again, of the log.
  const std::string what = description(job, designs);
  std::optional<std::size_t> begun = log.begun(0, kName, what);
  if (!begun) {
    begun = log.batches().size();
    log.append({0, kName, what, {}});
  }
  DesignsToTrain problem(job, folder, designs, log, costs, cost, progress);
  std::vector<std::pair<nas::Genotype, nas::Confirmed>> known;
  for (std::size_t batch = 0; batch < *begun; ++batch) {
    for (const PricedCandidate& candidate : log.batches()[batch].candidates) {
      known.emplace_back(candidate.genotype, problem.confirmed(candidate));
    }
  }
  nas::CombinedOptions options;
  options.trainings = job.combined.trainings - 1;  // the baseline's is the first
  options.at_once = static_cast<std::size_t>(job.combined.at_once);
  options.pool = static_cast<std::size_t>(job.combined.pool);
  options.keep = static_cast<std::size_t>(job.combined.keep);
  options.seed = job.seed;
  nas::CombinedResult result = nas::combined_search(problem, options, known, [&](const nas::CombinedResult& so_far) {
    progress("training the chosen", static_cast<std::int64_t>(so_far.confirmed.size()), job.combined.trainings);
  });
  if (!designs.quality().higher_is_better()) {
    for (nas::ConfirmedNetwork& network : result.confirmed) {
      network.confirmed.value = -network.confirmed.value;
      network.predicted = -network.predicted;
    }
    for (nas::CombinedRound& round : result.rounds) round.best = -round.best;
  }
  return result;
}

}  // namespace lanewise::study
