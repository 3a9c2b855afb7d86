// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/nothing_kept.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/record/file.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "report/landscape.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/curation/landscape.hpp"
#include "study/curation/landscape_axes.hpp"

namespace lanewise::cli {
namespace {

namespace fs = std::filesystem;

// Throws Error where `folder` is something else, or cannot be made where it is not there.
void expect_folder(const std::string& folder) {
  if (folder.empty()) return;
  fs::path at = fs::absolute(folder).lexically_normal();
  std::error_code none;
  while (!fs::exists(at, none) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
  if (!fs::is_directory(at, none)) throw Error("--out " + folder + ": '" + at.string() + "' is no folder");
  if (::access(at.c_str(), W_OK) != 0) throw Error("--out " + folder + ": '" + at.string() + "' cannot be written to");
}

struct Landscape {
  std::string what;
  std::vector<std::string> models;
  EngineOptions engine;
  ImportSettings import;
  std::string x, y;
  std::int64_t step = 0;
  study::LandscapeOptions options;
  std::string by = "simulate";
  EstimatorOption estimator;
  int jobs = 0;
  std::string folder;
  OutputOptions output;
  PageOption page;

  // A file is what it holds; a bare name is a space where there is one of that name.
  bool names_space() const {
    std::error_code none;
    if (fs::is_regular_file(what, none)) return kind_of_file(what) == FileKind::kYaml;
    return look_for_data("spaces", what).has_value();
  }

  std::string file(const char* name) const { return (fs::path(folder) / name).string(); }

  // The landscape of a space, with the model that it moves.
  study::Landscape of_space(study::MeasurementSource& source, const study::LandscapeOptions& wanted,
                            const Progress& progress) const {
    if (step > 0) throw Error("--step is for a MODEL: the channels of a space are those of its genes");
    NetworkArgument argument;
    argument.space = what;
    argument.models = models;
    const DesignOfSpace design = load_design(argument, import, engine, false);
    study::Landscape found = study::landscape(design.description, *design.space, source, wanted, progress);
    if (design.model) found.network = design.model->name();
    return found;
  }

  study::Landscape of_model(study::MeasurementSource& source, study::LandscapeOptions wanted,
                            const Progress& progress) const {
    if (!models.empty()) throw Error("'" + what + "' is no search space: a second MODEL goes with one");
    find_network(what);  // says what else a file of that name is
    const network::Graph graph = import.import(what);
    const engine::LoadedEngine loaded = engine.load();
    study::ChannelSpaceOptions around;
    around.x = x;
    around.y = y;
    around.step = step;
    const study::ChannelSpace channels = study::channel_space(graph, loaded.config, source, around);
    const nas::Space space(channels.description, nas::make_network_space(channels.description, &graph), loaded.config,
                           engine::load_family(engine.path()));
    wanted.as_file = false;
    wanted.x = channels.axes.x;
    wanted.y = channels.axes.y;
    study::Landscape found = study::landscape(channels.description, space, source, wanted, progress);
    found.network = graph.name();
    return found;
  }

  study::Landscape find() const {
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    study::LandscapeOptions wanted = options;
    wanted.x = x;
    wanted.y = y;
    wanted.threads = workers;
    for (const std::string& name : wanted.algorithms) nas::find_algorithm(name);
    std::optional<estimator::Estimator> regressor;
    if (by == "estimate") {
      regressor = estimator::Estimator::load(estimator.path(engine.path(), engine.load().config.family));
    } else if (!estimator.file.empty()) {
      throw Error("--estimator is for --by estimate");
    }
    const auto source = regressor      ? study::make_estimated(*regressor)
                        : workers == 1 ? study::make_simulator()
                                       : study::make_simulator(sim::default_worker_path(), workers);
    Terminal terminal;
    return names_space() ? of_space(*source, wanted, terminal.progress())
                         : of_model(*source, wanted, terminal.progress());
  }

  void run() const {
    output.check();
    page.check(output, {}, folder);
    expect_folder(folder);
    const study::Landscape found = or_nothing([&] { return find(); });
    std::vector<std::string> made;
    if (!folder.empty()) {
      std::error_code failed;
      fs::create_directories(folder, failed);
      if (failed) throw Error("--out " + folder + ": " + failed.message());
      made = {file("landscape.svg"), file("landscape.csv"), file("landscape.json")};
      record::write_file(made[0], report::landscape_svg(found));
      record::write_file(made[1], report::to_csv(found));
      record::write_file(made[2], report::to_json(found));
    }
    page.write(
        "landscape",
        "Landscape of " + found.space + (found.network.empty() ? "" : ", " + found.network) + " on " +
            found.identity.title(found.engine),
        [&] { return report::to_json(found); }, made);
    output.emit([&] { return report::to_json(found); }, [&] { return report::to_csv(found); },
                [&] { return report::to_text(found); }, made);
  }
};

void add_samples(CLI::App& verb, study::LandscapeOptions& options) {
  const auto count = [&](const char* name, int& value, int least, const char* help) {
    verb.add_option(name, value, help)->type_name("N")->check(CLI::Range(least, 1000000))->capture_default_str();
  };
  count("--designs", options.designs, 0, "Random designs of which every gene takes a step; 0: none");
  count("--walks", options.walks, 0, "Random walks for the autocorrelation; 0: none");
  count("--walk-steps", options.walk_steps, 2, "Steps of a walk");
  count("--descents", options.descents, 0, "Random designs to descend from, for the local minima; 0: none");
  count("--seeds", options.seeds, 0, "Seeds of each search; 0: no search");
  verb.add_option("--samples", options.samples, "Samples of each search")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1000000}))
      ->capture_default_str();
  verb.add_option("--algorithm", options.algorithms,
                  "Search algorithm (may be given again; default: " + std::string(nas::algorithms().front().name) + ")")
      ->type_name("NAME")
      ->allow_extra_args(false);
  verb.add_option("--seed", options.seed, "Seed of random designs, walks and descents; searches have 1 and up")
      ->type_name("N")
      ->capture_default_str();
  verb.add_option("--capacity", options.capacity,
                  "Parameters and MACs of a candidate at least, of the default's, where the space says nothing")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

}  // namespace

void add_landscape(CLI::App& app) {
  const auto [verb, options] = add_command<Landscape>(
      app, "landscape", "Show the cost of networks over channels and depth, and how rugged it is, raw and curated");
  verb->add_option("SPACE|MODEL", options->what,
                   "Search space, a file or a name of spaces/, or a network, a file or a name of models/")
      ->required();
  verb->add_option("MODEL", options->models, "Network that the space moves, a file or a name of models/")
      ->expected(0, 1);
  options->engine.add(*verb);
  verb->add_option("--x", options->x,
                   "Gene of the horizontal axis, or 'all' depth multipliers of a network (default: channels of the "
                   "stage that takes the most latency)")
      ->type_name("GENE");
  verb->add_option("--y", options->y,
                   "Gene of the vertical axis, or 'all' runs of repeats of a network (default: repeats of that stage)")
      ->type_name("GENE");
  verb->add_option("--step", options->step, "Channels between two values of a MODEL (default: some 48 values)")
      ->type_name("CHANNELS")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{4096}));
  add_samples(*verb, options->options);
  verb->add_option("--by", options->by, "Who answers: simulate or estimate")
      ->check(CLI::IsMember({"simulate", "estimate"}))
      ->capture_default_str();
  options->estimator.add(*verb, "Model file, for --by estimate (default: the engine family's)");
  options->import.add(*verb);
  add_jobs(*verb, options->jobs);
  verb->add_option("--out", options->folder, "Folder for landscape.svg, landscape.csv and landscape.json")
      ->type_name("FOLDER");
  options->output.add(*verb, true, false);
  options->page.add(*verb);
  verb->footer(
      "Examples:\n  lanewise landscape detector --hw ne-256 --out out/landscape\n"
      "  lanewise landscape mobilenet_v2 --hw ne-256 --step 1 --seeds 0 --out out/channels");
}

}  // namespace lanewise::cli
