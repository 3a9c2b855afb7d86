// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/base/installation.hpp"
#include "core/record/file.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "report/codesign.hpp"
#include "study/codesign/codesign.hpp"

namespace lanewise::cli {
namespace {

// Enough for one network: more rows cost training time and change little.
constexpr std::int64_t kRows = 8000;
constexpr int kEngines = 100;

struct CodesignVerb {
  std::string model, space, objectives = "latency,energy", folder;
  EngineOptions engine;
  ImportSettings import;
  study::CodesignJob job;
  int jobs = 0;
  OutputOptions output;

  study::CodesignResult codesign() {
    const engine::LoadedEngine loaded = engine.load();
    job.engine = loaded.config;
    job.family = engine::load_family(engine.path());
    job.graph = import.import(model);
    job.space = space.empty() ? study::default_space(job.family) : nas::load_space(find_data("spaces", space));
    job.objectives = nas::parse_objectives(objectives);
    nas::find_algorithm(job.algorithm);  // an unknown name is refused before anything is measured
    job.campaign.seed = job.training.seed = job.seed;
    const study::Workplace place{folder, sim::default_worker_path(), jobs > 0 ? jobs : sim::default_workers()};
    Terminal terminal;
    return study::codesign(job, place, terminal.progress());
  }

  void run() {
    const study::CodesignResult result = codesign();
    record::write_file(folder + "/result.json", report::to_json(result));
    std::vector<std::string> made;
    for (const char* file : {"result.json", "rows.csv", "estimator.lwm", "measurements.sqlite", "settings.json"}) {
      made.push_back(folder + "/" + file);
    }
    output.emit([&] { return report::to_json(result); }, [&] { return report::to_csv(result); },
                [&] { return report::to_text(result); }, made);
  }
};

void add_search_options(CLI::App& verb, CodesignVerb& options) {
  const auto count = [&](const char* name, auto& value, const char* help) {
    verb.add_option(name, value, help)->type_name("N")->check(CLI::Range(1, 10000000))->capture_default_str();
  };
  count("--rows", options.job.campaign.rows, "Subgraphs to measure for training");
  count("--engines", options.job.campaign.engines, "Engines to measure on");
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
  count("--generations", options.job.generations, "Generations of the search");
  count("--finalists", options.job.finalists, "Designs of the front to simulate");
  verb.add_option("--seed", options.job.seed, "Seed of every random choice")->type_name("S")->capture_default_str();
  verb.add_option("--objectives", options.objectives,
                  "What to minimise: latency, energy, area, parameters, dram, peak_memory")
      ->capture_default_str();
  verb.add_flag("--ablation", options.job.ablation,
                "Also search with depth multipliers alone, fusion alone, both, the network's genes, the engine's");
}

}  // namespace

void add_codesign(CLI::App& app) {
  const auto [verb, options] =
      add_command<CodesignVerb>(app, "codesign", "Find better networks and engines: measure, train, search, simulate");
  options->job.campaign.rows = kRows;
  options->job.campaign.engines = kEngines;
  verb->add_option("MODEL", options->model, "Network, a file or a name of models/")->required();
  options->engine.add(*verb);
  verb->add_option("--space", options->space, "Search space, a file or a name of spaces/")->type_name("FILE");
  verb->add_option("--out", options->folder, "Folder for the result; a killed job goes on from what it holds")
      ->type_name("FOLDER")
      ->required();
  add_search_options(*verb, *options);
  add_training_options(*verb, options->job.training);
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise codesign models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --out out/mobilenet_v2");
}

}  // namespace lanewise::cli
