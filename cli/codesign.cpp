// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "cli/codesign_page.hpp"
#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/job_names.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "cli/workload.hpp"
#include "cli/workload_codesign.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/oracles/successive_halving.hpp"
#include "report/codesign.hpp"
#include "study/codesign/codesign.hpp"
#include "study/codesign/combined.hpp"

namespace lanewise::cli {
namespace {

namespace fs = std::filesystem;

// Enough for one network: more rows cost training time and change little.
constexpr std::int64_t kRows = 8000;
constexpr int kEngines = 100;
// A result that misses its limits is written and shown, and the status says so.
constexpr int kLimitsMissed = 3;

// A table, a program and losses of layers know of forms and precisions. Whatever judges the network alone, by its size
// or by a training in full precision, takes the cheapest of them for as good as any.
void warn_of_free_numbers(const nas::SpaceDescription& space) {
  const std::string& oracle = space.accuracy.oracle;
  if (space.numbers.empty() || oracle == "losses" || oracle == "table" || oracle == "command") return;
  warn(
      {fmt::format("space '{}': nothing says what accuracy its forms and precisions of weights cost, so that the "
                   "cheapest are taken for as good as any: see accuracy.losses in docs/spaces.md",
                   space.name)});
}

struct CodesignVerb {
  CLI::App* verb = nullptr;
  std::string model, space, objectives = "latency,energy", folder, job_file, estimator, store, warm_start, halving;
  std::vector<std::string> limits;
  EngineOptions engine;
  ImportSettings import;
  study::CodesignJob job;
  study::Workplace place;
  int jobs = 0;
  OutputOptions output;
  PageOption page;

  // Options of the job file that were not given on the command line, which goes before.
  void take_job_file() {
    for (const study::JobEntry& entry : study::read_job_file(job_file)) {
      CLI::Option* const option = verb->get_option(entry.option == "model" ? "MODEL" : "--" + entry.option);
      if (option->count() > 0) continue;
      try {
        for (const std::string& value : entry.values) option->add_result(value);
        option->run_callback();
      } catch (const CLI::Error& error) {
        throw Error(entry.place + error.what());
      }
    }
    const fs::path own = fs::path(job_file).parent_path();
    std::error_code none;
    if (folder.empty() && fs::path(job_file).filename() == "settings.yaml" && fs::exists(own / "work", none)) {
      folder = own.empty() ? "." : own.string();
    }
  }

  void require() const {
    if (engine.hw.empty()) throw CLI::RequiredError("--hw");
    if (folder.empty()) throw CLI::RequiredError("--out");
    if (!estimator.empty() && !store.empty()) throw CLI::ExcludesError("--estimator", "--store");
    if (job.measure && !(estimator.empty() && store.empty())) {
      throw CLI::ExcludesError("--measure", estimator.empty() ? "--store" : "--estimator");
    }
    if (model.empty() && space.empty()) throw CLI::RequiredError("MODEL, or --space with networks of its own,");
  }

  // With --halving the search goes by the other objectives.
  void leave_accuracy_to_halving() {
    if (halving.empty()) return;
    job.halving = nas::parse_halving(halving);
    const auto accuracy = std::find(job.objectives.begin(), job.objectives.end(), nas::Metric::kAccuracy);
    const auto refuse = [](const std::string& rule) { throw Error("--halving: " + rule); };
    if (job.halving.size() != 3) {
      refuse("'" + halving +
             "' must say how many designs estimator, simulator and accuracy oracle judge, as in 64,16,4");
    }
    if (accuracy == job.objectives.end()) refuse("accuracy must be one of --objectives");
    if (job.objectives.size() == 1) refuse("the search needs an objective beside accuracy");
    for (const nas::Limit& limit : job.limits) {
      if (limit.metric == nas::Metric::kAccuracy) {
        refuse("limit '" + limit.text + "': accuracy is known of the last few alone and can have no limit");
      }
    }
    job.objectives.erase(accuracy);
  }

  void refuse_combined_options() const {
    for (const char* option : {"--trainings-at-once", "--pool", "--keep", "--score", "--supernet"}) {
      if (verb->get_option(option)->count() > 0) throw Error(std::string(option) + ": goes with --trainings");
    }
  }

  void prepare() {
    const engine::LoadedEngine loaded = engine.load();
    job.engine = loaded.config;
    job.engine_path = engine.path();
    job.family = engine::load_family(engine.path());
    job.space = space.empty() ? study::default_space(job.family) : load_description(space, import);
    if (!model.empty()) {
      job.network_path = find_network(model);
      job.graph = import.import(model);
      job.read_as = import.options();
    }
    nas::Objectives wanted = nas::parse_objectives(objectives);
    job.objectives = std::move(wanted.metrics);
    job.maximised = std::move(wanted.maximised);
    job.objective_names.clear();
    for (std::size_t begin = 0; begin <= objectives.size();) {
      const std::size_t end = std::min(objectives.find(',', begin), objectives.size());
      job.objective_names.push_back(objectives.substr(begin, end - begin));
      begin = end + 1;
    }
    warn_of_free_numbers(job.space);
    job.limits = nas::parse_limits(limits);
    leave_accuracy_to_halving();
    if (job.combined.trainings > 0) {
      study::require_combined(job);
    } else {
      refuse_combined_options();
    }
    nas::find_algorithm(job.algorithm);  // an unknown name is refused before anything is measured
    if (!estimator.empty()) expect_estimator("--estimator", estimator);
    if (!store.empty()) expect_store("--store", store);
    job.estimator_path = estimator;
    job.store_path = store;
    job.default_estimator = estimator::find_default_estimator(engine.path(), job.engine.family).value_or("");
    job.warm_start = warm_start;
    job.campaign.seed = job.training.seed = job.seed;
    job.named = named();
    place.worker_path = sim::default_worker_path();
    place.workers = jobs > 0 ? jobs : sim::default_workers();
  }

  // What the person named, for settings.yaml.
  study::Settings named() const {
    study::Settings settings;
    const auto add = [&](const char* key, const std::vector<std::string>& values, bool is_list = false) {
      settings.push_back({std::string("job.") + key, values, is_list});
    };
    const auto text = [&](const char* key, const std::string& value) {
      add(key, value.empty() ? std::vector<std::string>{} : std::vector<std::string>{value});
    };
    const auto file = [&](const char* key, const std::string& kind, const std::string& path) {
      text(key, path.empty() ? "" : portable_name(kind, path, folder));
    };
    file("model", "models", job.network_path);
    text("batch", import.batch ? fmt::format("{}", *import.batch) : "");
    add("dim", import.dims, true);
    add("input", import.inputs, true);
    text("precision", import.precision);
    file("layer_precision", "", import.layer_precision);
    if (import.compression == "counted") {
      text("compression", import.compression);
    } else {
      file("compression", "", import.compression);
    }
    text("prune", import.prune);
    text("cluster", import.clusters ? fmt::format("{}", *import.clusters) : "");
    file("custom", "", import.custom);
    file("hw", "hwconfigs", engine.path());
    std::vector<std::string> sets;
    for (const engine::Override& change : engine.overrides()) sets.push_back(change.key + "=" + change.value);
    add("set", sets, true);
    file("space", "spaces", space.empty() ? "" : find_data("spaces", space));
    file("estimator", "", estimator);
    file("store", "", store);
    file("supernet", "", job.combined.supernet);
    file("warm_start", "", warm_start);
    return settings;
  }

  // The search's options hold for workloads; what a job measures, trains and resumes does not.
  void run_workload(const std::string& path) {
    for (const char* option :
         {"--limit", "--seconds", "--patience", "--simulations", "--rounds", "--warm-start", "--ablation",
          "--allow-commands", "--store", "--measure", "--rows", "--engines", "--job", "--trainings", "--report"}) {
      if (verb->get_option(option)->count() > 0) throw Error(std::string(option) + ": is not for a workload");
    }
    nas::find_algorithm(job.algorithm);
    const std::string wanted = verb->get_option("--objectives")->count() > 0 ? objectives : "";
    codesign_workload({path, space, wanted, folder, estimator, jobs}, engine, import, job, output);
  }

  void run() {
    if (!job_file.empty()) take_job_file();
    if (const auto workload = model.empty() ? std::nullopt : workload_among({model})) return run_workload(*workload);
    require();
    page.check(output, {}, folder);
    prepare();
    const study::Settings settings = study::settings_of(job);  // what it refuses leaves no folder
    study::JobFolder at(folder);
    const std::vector<std::string> changes = at.claim(settings);
    study::CodesignCost cost;
    cost.watts = place.watts;
    const bool finished = at.finished();
    if (!finished) cost = work(at);
    show(at, changes, cost, finished);
  }

  study::CodesignCost work(study::JobFolder& at) const {
    study::CodesignOutcome outcome = [&] {
      Terminal terminal;
      return study::codesign(job, at, place, terminal.progress());
    }();
    const study::CodesignResult& result = outcome.result;
    const std::map<std::string, std::string> reports = {
        {"result.json", report::to_json(result)},     {"summary.txt", printable_lines(report::to_text(result))},
        {"finalists.csv", report::to_csv(result)},    {"front.csv", report::front_csv(result)},
        {"history.csv", report::history_csv(result)}, {"front.svg", report::front_svg(result)}};
    for (const auto& [name, text] : reports) {
      record::write_file(at.file(name), text);
      outcome.files.push_back(name);
    }
    std::sort(outcome.files.begin(), outcome.files.end());
    at.finish(outcome.files);
    return outcome.cost;
  }

  // From the folder, whether this run wrote it or one before.
  void show(const study::JobFolder& at, const std::vector<std::string>& changes, const study::CodesignCost& cost,
            bool finished) const {
    const std::string json = record::read_file(at.file("result.json"));
    const report::StoredResult stored = report::stored_result(at.file("result.json"), json);
    const auto text = [&] {
      std::string out;
      if (!changes.empty()) out += "Goes on from what is there with\n";
      for (const std::string& change : changes) out += "  " + change + "\n";
      if (finished) out += "This job is done; what it found:\n";
      if (!out.empty()) out += "\n";
      return out + record::read_file(at.file("summary.txt")) + report::cost_text(cost, stored.candidates);
    };
    std::vector<std::string> made;
    for (const std::string& name : at.files()) made.push_back(folder + "/" + name);
    made.push_back(folder + "/settings.yaml");
    page.write(
        "codesign", "Codesign of " + (job.graph ? job.graph->name() : job.space.name) + " and " + job.engine.name,
        [&] { return report::with_cost(json, cost, changes); }, made,
        [&] { return codesign_page_data(at, job, space, import, engine); });
    output.emit([&] { return report::with_cost(json, cost, changes); },
                [&] { return record::read_file(at.file("finalists.csv")); }, text, made);
    if (stored.failed) throw CLI::RuntimeError(kLimitsMissed);
  }
};

void add_search_options(CLI::App& verb, CodesignVerb& options) {
  const auto count = [&](const char* name, auto& value, int least, const char* help) {
    return verb.add_option(name, value, help)->type_name("N")->check(CLI::Range(least, 10000000));
  };
  std::string known;
  for (const nas::AlgorithmKind& kind : nas::algorithms()) {
    known += std::string(known.empty() ? "" : ", ") + kind.name + ": " + kind.description;
  }
  verb.add_option("--algorithm", options.job.algorithm, "Search algorithm; " + known)
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--population", options.job.population, "Designs in a generation of the search")
      ->type_name("N")
      ->check(CLI::Range(2, 10000))
      ->capture_default_str();
  count("--generations", options.job.generations, 1, "Generations of each part of the search")->capture_default_str();
  count("--evaluations", options.job.evaluations, 1,
        "Designs to price, in all parts of the search together (default: by population and generations)");
  verb.add_option("--seconds", options.job.seconds,
                  "Seconds to search at most (default: no bound); where it ends the search, results differ from run "
                  "to run")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  count("--patience", options.job.patience, 1,
        "End a part of the search after so many batches without a gain in hypervolume (default: never)");
  count("--simulations", options.job.simulations, 1, "Designs of the front to simulate at most, finalists first")
      ->capture_default_str();
  count("--finalists", options.job.finalists, 1, "Designs of the front to prove by simulation and write out as files")
      ->capture_default_str();
  verb.add_option("--halving", options.halving,
                  "Ask for accuracy last: how many designs the estimator, the simulator and the accuracy oracle judge, "
                  "as in 64,16,4 (default: accuracy is asked of every design)")
      ->type_name("N,N,N");
  count("--trainings", options.job.combined.trainings, 1,
        "Train so many networks in all: untrained scores prune, a supernet and a predictor rank, trainings confirm");
  count("--trainings-at-once", options.job.combined.at_once, 1,
        "Networks trained before the others are ranked anew; with --trainings")
      ->capture_default_str();
  count("--pool", options.job.combined.pool, 1, "Candidates grown under the limits; with --trainings")
      ->capture_default_str();
  count("--keep", options.job.combined.keep, 1, "Candidates that the score leaves; with --trainings")
      ->capture_default_str();
  verb.add_option("--score", options.job.combined.score,
                  "Score of untrained networks that prunes, of lanewise-fit score --list; with --trainings")
      ->type_name("NAME")
      ->capture_default_str();
  verb.add_option("--supernet", options.job.combined.supernet,
                  "What lanewise-fit supernet wrote: accuracies with its weights, for ranking; with --trainings")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  count("--rounds", options.job.rounds, 0,
        "How often at most the estimator learns from finalists that it predicted badly, and the search goes on")
      ->capture_default_str();
  verb.add_option("--seed", options.job.seed, "Seed of every random choice")->type_name("S")->capture_default_str();
  std::string metrics;
  for (const nas::MetricTraits& traits : nas::metrics())
    metrics += std::string(metrics.empty() ? "" : ", ") + traits.name;
  verb.add_option("--objectives", options.objectives,
                  "What is best, as little of it as possible or, with :max behind it, as much: " + metrics)
      ->type_name("NAME[,NAME…]")
      ->capture_default_str();
  verb.add_option(
          "--limit", options.limits,
          "What designs must keep, as in \"latency_ms<=5\" or \"parameters>=0.9*baseline\" (may be given again)")
      ->type_name("LIMIT")
      ->allow_extra_args(false);
  verb.add_option("--warm-start", options.warm_start, "Candidates of another search: its folder or its history.csv")
      ->type_name("FOLDER");
  verb.add_flag("--ablation", options.job.ablation,
                "Also search with depth multipliers alone, fusion alone, both, the network's genes, the engine's");
  verb.add_flag("--allow-commands", options.job.allow_commands, "Run the program that the space names as its accuracy");
}

void add_estimator_options(CLI::App& verb, CodesignVerb& options) {
  const auto count = [&](const char* name, auto& value, const char* help) {
    verb.add_option(name, value, help)->type_name("N")->check(CLI::Range(1, 10000000))->capture_default_str();
  };
  verb.add_option("--estimator", options.estimator,
                  "Trained model to search under (default: the family's where it is accurate enough in this space, "
                  "else one that the job trains)")
      ->type_name("MODEL.lwm");
  verb.add_option("--store", options.store, "Measurements to train on, instead of measuring")->type_name("STORE");
  verb.add_flag("--measure", options.job.measure,
                "Measure and train, whether the family has a default estimator or not");
  count("--rows", options.job.campaign.rows, "Subgraphs to measure for training");
  count("--engines", options.job.campaign.engines, "Engines to measure on");
  add_training_options(verb, options.job.training);
}

}  // namespace

void add_codesign(CLI::App& app) {
  const auto [verb, options] =
      add_command<CodesignVerb>(app, "codesign", "Find better networks and engines: measure, train, search, simulate");
  options->verb = verb;
  options->job.campaign.rows = kRows;
  options->job.campaign.engines = kEngines;
  options->job.algorithm = nas::algorithms().front().name;
  verb->add_option(
      "MODEL", options->model,
      "Network, a file or a name of models/, or a workload, a file or a name of workloads/; not needed where the space "
      "has networks of its own");
  options->engine.add(*verb);
  verb->get_option("--hw")->required(false);  // a job file may name it
  verb->add_option("--space", options->space, "Search space, a file or a name of spaces/")->type_name("FILE");
  verb->add_option("--out", options->folder, "Folder for the result; a job goes on from what it holds")
      ->type_name("FOLDER");
  verb->add_option("--job", options->job_file,
                   "Options of a file: the settings.yaml of a job; those given here go first")
      ->type_name("FILE");
  add_search_options(*verb, *options);
  add_estimator_options(*verb, *options);
  verb->add_option("--watts", options->place.watts, "Power of one busy core, for the account of what the job cost")
      ->type_name("W")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, true, false);
  options->page.add(*verb);
  verb->footer(
      "Examples:\n  lanewise codesign models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --out out/mobilenet_v2\n"
      "  lanewise codesign mobilenet_v2 --hw ne-256 --objectives latency_ms,energy_uj --limit \"latency_ms<=5\" "
      "--out out/fast\n"
      "  lanewise codesign mobilenet_v2 --hw ne-256 --objectives latency_ms,parameters:max --out out/large\n"
      "  lanewise codesign --job out/fast/settings.yaml --out out/again");
}

}  // namespace lanewise::cli
