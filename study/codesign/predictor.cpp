// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/record/file.hpp"
#include "core/record/merge.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code none;
  return fs::exists(path, none);
}

std::string row_name(const std::string& engine_hash, const std::string& subgraph_key) {
  return engine_hash + " " + subgraph_key;
}

// The same rows give the same bytes, in whatever order they were measured and however often the job was killed.
void write_canonically(const std::string& store) { record::merge_stores(store, {store}); }

}  // namespace

Predictor::Predictor(const CodesignJob& job, JobFolder& folder, const Workplace& place, const Designs& designs,
                     CodesignCost& cost, const Progress& progress)
    : job_(job), folder_(folder), place_(place), designs_(designs), cost_(cost), progress_(progress) {}

Predictor::~Predictor() = default;

std::string Predictor::model_path(int round) const { return folder_.work(fmt::format("estimator-{}.lwm", round)); }

// Whether the job has rows of its own, which it trained on.
bool Predictor::trains() const { return knows_rows_; }

void Predictor::prepare(const std::function<Probe(const estimator::Estimator&)>& probe) {
  const auto rounds = static_cast<int>(folder_.rounds().size());
  if (!job_.estimator_path.empty()) {
    origin_.kind = "given";
  } else if (!job_.store_path.empty()) {
    origin_.kind = "store";
  } else {
    origin_.kind = "measured";
    origin_.note = job_.measure ? "as asked for" : "the family has no default estimator";
    if (!job_.measure && !job_.default_estimator.empty()) {
      progress_("trying the default estimator", 0, 0);
      estimator::Estimator model = estimator::Estimator::load(job_.default_estimator);
      origin_.probe = probe(model);
      if (origin_.probe->accurate) {
        origin_.kind = "default";
        origin_.note.clear();
        if (rounds == 0) return use(std::move(model));
      } else {
        origin_.note = "the family's default estimator is not accurate enough here";
      }
    }
  }
  if (origin_.kind == "given" && rounds == 0) {
    progress_("loading the estimator", 0, 0);
    return use(estimator::Estimator::load(job_.estimator_path));
  }
  if (!exists(model_path(rounds))) {
    if (rounds > 0) throw Error(fmt::format("{}: is gone; delete the folder to begin anew", model_path(rounds)));
    measure();
    train(0);
  }
  load_rows();
  use(estimator::Estimator::load(model_path(rounds)));
}

Campaign Predictor::plan() const {
  // More of what the search will ask for: the baseline's engine, those that differ from it in the space's keys, and
  // many variants of the one network.
  constexpr int kDrawn = 12;
  CampaignOptions options = job_.campaign;
  options.base_share = 0.1;
  options.variants = 40;
  std::vector<std::string> known;
  for (const engine::FamilyRange& range : job_.family.ranges) known.push_back(range.key);
  std::vector<std::string> varied = designs_.engine_genes();
  for (const nas::EngineGene& gene : job_.space.engine.genes) {
    for (const auto& [key, values] : gene.keys) varied.push_back(key);
  }
  for (const std::string& key : varied) {
    const bool focused = std::find(options.focus.begin(), options.focus.end(), key) != options.focus.end();
    if (!focused && std::find(known.begin(), known.end(), key) != known.end()) options.focus.push_back(key);
  }
  // Networks of the space that are no variants by fusion, scaling and alignment.
  std::vector<network::Graph> graphs = {designs_.baseline_network()};
  if (!job_.graph) {
    options.variants = 4;
    Random random(job_.seed);
    const std::vector<nas::Gene>& genes = designs_.space().genes();
    for (int i = 0; i < kDrawn; ++i) {
      nas::Genotype genotype(genes.size(), 0);
      for (std::size_t gene = 0; gene < designs_.space().network_genes(); ++gene) {
        genotype[gene] = static_cast<int>(random.below(genes[gene].values.size()));
      }
      try {
        network::Graph graph = designs_.space().graph(designs_.space().canonical(genotype));
        const bool repeated = std::any_of(graphs.begin(), graphs.end(),
                                          [&](const network::Graph& g) { return g.name() == graph.name(); });
        if (!repeated) graphs.push_back(std::move(graph));
      } catch (const Error&) {
        // Genes that contradict each other are no network.
      }
    }
  }
  return plan_campaign(graphs, job_.engine, job_.family, options, progress_, place_.workers);
}

void Predictor::measure() {
  if (!job_.store_path.empty()) {
    progress_("copying the store", 0, 0);
    if (!exists(store_path())) record::merge_stores(store_path(), {job_.store_path});
  } else {
    const Campaign campaign = plan();
    record::Store store(store_path());
    sim::WorkerPool pool(place_.worker_path, place_.workers);
    cost_.simulations += run_campaign(campaign, store, pool, progress_).measured;
  }
  progress_("writing rows.csv", 0, 0);
  write_canonically(store_path());
}

void Predictor::load_rows() {
  trained_on_.clear();
  const record::Store store(store_path(), record::Store::Access::kRead);
  store.for_each([&](const record::Row& row) {
    if (row.failure.empty()) trained_on_.insert(row_name(row.engine_hash, row.subgraph_key));
  });
  knows_rows_ = true;
}

void Predictor::train(int round) {
  estimator::TrainOptions training = job_.training;
  training.progress = progress_;
  const record::Store store(store_path(), record::Store::Access::kRead);
  const estimator::Estimator model = train_and_report(load_sample_set(store, store_path(), progress_), training);
  progress_("writing the model", 0, 0);
  model.save(model_path(round));
}

void Predictor::use(estimator::Estimator model) {
  source_.reset();
  model_ = std::make_unique<estimator::Estimator>(std::move(model));
  source_ = make_estimated(*model_);
}

bool Predictor::was_trained_on(const std::string& engine_hash, const std::string& subgraph_key) const {
  return trained_on_.count(row_name(engine_hash, subgraph_key)) > 0;
}

std::optional<estimator::AccuracyReport> Predictor::report() const {
  try {
    return accuracy_report(*model_, "the estimator");
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Kept in a file of their own before they go into the store: from then on the store cannot tell which of them are new.
std::vector<record::Row> Predictor::new_rows(const std::vector<record::Row>& rows, int round) const {
  const std::string path = folder_.work(fmt::format("rows-{}.sqlite", round));
  std::vector<record::Row> fresh;
  if (!exists(path)) {
    std::set<std::string> names;
    for (const record::Row& row : rows) {
      if (was_trained_on(row.engine_hash, row.subgraph_key)) continue;
      if (names.insert(row_name(row.engine_hash, row.subgraph_key)).second) fresh.push_back(row);
    }
    if (fresh.empty()) return fresh;
    const std::string unfinished = path + ".partial-rows";
    {
      record::Store store(unfinished);
      record::Store::Group group(store);
      for (const record::Row& row : fresh) store.insert(row);
      group.commit();
    }
    record::merge_stores(path, {unfinished});
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    return fresh;
  }
  const record::Store store(path, record::Store::Access::kRead);
  store.for_each([&](const record::Row& row) { fresh.push_back(row); });
  return fresh;
}

bool Predictor::learn(const std::vector<record::Row>& rows, TrustRound round) {
  const int number = static_cast<int>(folder_.rounds().size()) + 1;
  const std::vector<record::Row> fresh = new_rows(rows, number);
  if (fresh.empty()) return false;
  round.rows_added = static_cast<std::int64_t>(fresh.size());
  round.change = trains() ? "trained again" : "measured and trained anew";
  if (!trains()) measure();
  {
    record::Store store(store_path());
    record::Store::Group group(store);
    for (const record::Row& row : fresh) store.insert(row);
    group.commit();
  }
  write_canonically(store_path());
  train(number);
  load_rows();
  use(estimator::Estimator::load(model_path(number)));
  round.training_rows = model_->training_rows();
  folder_.keep_round(round);
  return true;
}

std::vector<std::string> Predictor::write_out() {
  if (!trains()) return {};
  const auto rounds = static_cast<int>(folder_.rounds().size());
  record::write_file(folder_.file("estimator.lwm"), record::read_file(model_path(rounds)));
  const record::Store store(store_path(), record::Store::Access::kRead);
  // As people read it beside the result: values of engines with their units, every column in one file.
  store.export_csv(folder_.file("rows.csv"), record::CsvForm::kTexts);
  return {"measurements.sqlite", "rows.csv", "estimator.lwm"};
}

}  // namespace lanewise::study
