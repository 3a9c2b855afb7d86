// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/network/graph.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"
#include "report/patterns.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/advice/pattern_trial.hpp"
#include "study/advice/patterns.hpp"
#include "study/codesign/job.hpp"
#include "study/codesign/job_settings.hpp"

namespace lanewise::cli {
namespace {

// What a job's settings name, as the options of the command line that name it.
struct JobFiles {
  std::string model, space;
  EngineOptions engine;
  ImportSettings import;
};

JobFiles files_of(const study::SearchRecord& record) {
  JobFiles files;
  if (record.settings.empty()) {
    files.model = record.network;
    files.engine.hw = record.engine;
    for (const engine::Override& change : record.overrides)
      files.engine.sets.push_back(change.key + "=" + change.value);
    return files;
  }
  const std::map<std::string, std::string*> texts = {{"model", &files.model},
                                                     {"space", &files.space},
                                                     {"hw", &files.engine.hw},
                                                     {"precision", &files.import.precision},
                                                     {"layer-precision", &files.import.layer_precision},
                                                     {"compression", &files.import.compression},
                                                     {"prune", &files.import.prune},
                                                     {"custom", &files.import.custom}};
  for (const study::JobEntry& entry : study::read_job_file(record.settings)) {
    if (const auto text = texts.find(entry.option); text != texts.end()) {
      if (entry.values.size() != 1) throw Error(entry.place + "must be one value");
      *text->second = entry.values.front();
    } else if (entry.option == "set") {
      files.engine.sets = entry.values;
    } else if (entry.option == "dim") {
      files.import.dims = entry.values;
    } else if (entry.option == "input") {
      files.import.inputs = entry.values;
    } else if (entry.option == "batch" || entry.option == "cluster") {
      std::int64_t number = 0;
      if (entry.values.size() != 1 || !CLI::detail::lexical_cast(entry.values.front(), number)) {
        throw Error(entry.place + "must be one whole number");
      }
      (entry.option == "batch" ? files.import.batch : files.import.clusters) = number;
    }
  }
  return files;
}

// "NAME HASH" of the network as the job had it; "" where the settings do not say.
std::string network_then(const study::SearchRecord& record) {
  if (record.settings.empty()) return "";
  for (const study::Setting& setting : study::read_settings(record.settings)) {
    if (setting.key == "made_from.network" && setting.values.size() == 1) return setting.values.front();
  }
  return "";
}

study::SearchSubject subject_of(study::SearchRecord record) {
  study::SearchSubject subject;
  try {
    const JobFiles files = files_of(record);
    subject.engine = files.engine.load().config;
    subject.engine_path = files.engine.path();
    subject.family = engine::load_family(files.engine.path());
    if (!files.model.empty()) {
      subject.graph = std::make_shared<const network::Graph>(files.import.import(files.model));
      const std::string then = network_then(record);
      const std::string now = subject.graph->name() + " " + network::graph_hash(*subject.graph);
      if (!then.empty() && then != now) {
        throw Error(fmt::format("the network is not what was searched: it is {}, and was {}", now, then));
      }
    }
    subject.space = record.settings.empty() ? study::shown_space(record, subject.engine)
                    : files.space.empty()   ? study::default_space(subject.family)
                                            : load_description(files.space, files.import);
    if (subject.graph && subject.space.blocks != nullptr)
      throw Error("its space has networks of its own, and names one");
    if (!subject.graph && subject.space.blocks == nullptr) throw Error("it names no network");
  } catch (const Error& error) {
    throw Error(fmt::format("{}: what was searched cannot be read again: {}", record.path, error.what()));
  }
  subject.record = std::move(record);
  return subject;
}

// Estimators by family, each loaded once, and the simulator, in worker processes.
class Prices {
 public:
  Prices(std::string estimator, bool simulate, int jobs)
      : given_(std::move(estimator)), simulate_(simulate), jobs_(jobs > 0 ? jobs : sim::default_workers()) {}

  // A family without an estimator is simulated.
  study::MeasurementSource& of(const study::SearchSubject& subject) {
    const std::string& family = subject.engine.family;
    if (simulate_) return simulator();
    if (sources_.count(family) > 0) return *sources_.at(family);
    const std::string path =
        given_.empty() ? estimator::find_default_estimator(subject.engine_path, family).value_or("") : given_;
    if (path.empty()) return simulator();
    models_[family] = std::make_unique<estimator::Estimator>(estimator::Estimator::load(path));
    sources_[family] = study::make_estimated(*models_[family]);
    return *sources_[family];
  }
  study::MeasurementSource& simulator() {
    if (!simulator_) simulator_ = study::make_simulator(sim::default_worker_path(), jobs_);
    return *simulator_;
  }
  // Who prices these subjects: "the estimators of ne, nvdla", "simulation".
  std::string name_for(const std::vector<study::SearchSubject>& subjects) {
    std::vector<std::string> estimated;
    bool simulated = false;
    for (const study::SearchSubject& subject : subjects) {
      if (of(subject).source() != record::Source::kEstimated) {
        simulated = true;
      } else if (std::find(estimated.begin(), estimated.end(), subject.engine.family) == estimated.end()) {
        estimated.push_back(subject.engine.family);
      }
    }
    if (estimated.empty()) return "simulation";
    return fmt::format("the estimators of {}{}", fmt::join(estimated, ", "), simulated ? ", and simulation" : "");
  }

 private:
  std::string given_;
  bool simulate_;
  int jobs_;
  std::map<std::string, std::unique_ptr<estimator::Estimator>> models_;
  std::map<std::string, std::unique_ptr<study::MeasurementSource>> sources_;
  std::unique_ptr<study::MeasurementSource> simulator_;
};

struct PatternsVerb {
  std::vector<std::string> results;
  std::string try_on, out, estimator;
  EngineOptions engine;
  ImportSettings import;
  study::PatternOptions options;
  bool simulate = false;
  int jobs = 0;
  OutputOptions output;

  void check() const {
    if (!try_on.empty() && engine.hw.empty()) throw CLI::RequiredError("--hw, the engine for --try,");
    if (simulate && !estimator.empty()) throw CLI::ExcludesError("--estimator", "--simulate");
    if (!estimator.empty()) expect_estimator("--estimator", estimator);
    expect_writable(out);
  }

  // Without --try, --hw leaves out the searches of other engines.
  std::vector<study::SearchSubject> subjects(std::size_t& other_engines) const {
    const std::string wanted = !engine.hw.empty() && try_on.empty() ? engine.load().config.name : "";
    std::vector<study::SearchSubject> all;
    for (const std::string& result : results) {
      study::SearchRecord record = study::read_search(result);
      if (!wanted.empty() && record.engine != wanted) {
        ++other_engines;
        continue;
      }
      for (const study::SearchSubject& other : all) {
        if (other.record.path == record.path) throw Error(record.path + ": is given twice");
      }
      all.push_back(subject_of(std::move(record)));
    }
    if (all.empty()) throw Error(fmt::format("--hw {}: none of the {} searches is on it", engine.hw, results.size()));
    return all;
  }

  void run() const {
    check();
    std::size_t other_engines = 0;
    const std::vector<study::SearchSubject> all = subjects(other_engines);
    // What the trial needs is read before work that takes long.
    std::optional<engine::LoadedEngine> trial_engine;
    std::optional<network::Graph> trial_network;
    if (!try_on.empty()) {
      trial_engine = engine.load();
      trial_network = import.import(try_on);
    }
    Prices prices(estimator, simulate, jobs);
    const std::string priced_by = prices.name_for(all);
    study::Patterns patterns = [&] {
      Terminal terminal;
      return study::find_patterns(
          all, options,
          [&](const study::SearchSubject& subject) -> study::MeasurementSource& { return prices.of(subject); },
          priced_by, terminal.progress());
    }();
    if (other_engines > 0) {
      patterns.not_read.push_back(fmt::format("{} searches of other engines than {}", other_engines, engine.hw));
    }
    std::optional<study::PatternTrial> trial;
    if (trial_network) {
      trial = study::try_patterns(patterns, *trial_network, trial_engine->config, prices.simulator());
      if (trial->searched) {
        warn({fmt::format("--try {}: is among the networks that were searched, so that a gain there confirms nothing",
                          try_on)});
      }
    }
    std::vector<std::string> made;
    if (!out.empty()) {
      record::write_file(out, nas::moves_text(patterns.file(), head_of_file(patterns)));
      made.push_back(out);
    }
    const study::PatternTrial* const tried = trial ? &*trial : nullptr;
    output.emit([&] { return report::to_json(patterns, tried); }, {}, [&] { return report::to_text(patterns, tried); },
                made);
  }

  static std::vector<std::string> head_of_file(const study::Patterns& patterns) {
    std::vector<std::string> head = {
        "Moves that the fronts of several searches share, found by `lanewise patterns`.",
        "`lanewise apply MODEL --moves FILE` makes them; docs/patterns.md says what is in it."};
    for (const study::Pattern& pattern : patterns.patterns) head.push_back(pattern.entry.name + ": " + pattern.text);
    return head;
  }
};

}  // namespace

void add_patterns(CLI::App& app) {
  const auto [verb, options] =
      add_command<PatternsVerb>(app, "patterns", "Find the moves that the fronts of several searches share");
  verb->add_option("RESULT", options->results, "Codesigns, each a job's folder or its result.json")->required();
  verb->add_option("--try", options->try_on,
                   "Network to make the patterns on, a file or a name of models/: simulated before and after on --hw")
      ->type_name("MODEL");
  options->engine.add_optional(*verb);
  verb->add_option("--out", options->out, "Moves file to write the patterns to, for apply")->type_name("MOVES.yaml");
  const auto share = [&](const char* name, double& value, const char* help) {
    verb->add_option(name, value, help)->type_name("SHARE")->check(CLI::Range(0.01, 1.0))->capture_default_str();
  };
  share("--min-support", options->options.min_support,
        "Least share of fronts, and of their designs and places, that hold a pattern");
  share("--min-filling-support", options->options.min_filling_support,
        "The same for moves that are made as far as capacity asks for them");
  verb->add_option("--min-fronts", options->options.min_fronts, "Fewest fronts that could hold a pattern")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--estimator", options->estimator,
                   "Model that says what moves are worth (default: the one of each engine's family)")
      ->type_name("MODEL.lwm");
  verb->add_flag("--simulate", options->simulate, "Simulate what moves are worth");
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "Examples:\n  lanewise patterns out/mobilenet_v2 out/mnasnet --out patterns.yaml\n"
      "  lanewise patterns out/* --try efficientnet_b0 --hw ne-256");
}

}  // namespace lanewise::cli
