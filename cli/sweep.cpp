// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/console/terminal.hpp"
#include "cli/estimate_options.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "cli/workload.hpp"
#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "report/sweep.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/evaluation/sweep.hpp"
#include "study/evaluation/sweep_wishes.hpp"

namespace lanewise::cli {
namespace {

struct Sweep {
  std::vector<std::string> models, vary, limits;
  std::string objectives, sort, plot;
  std::size_t top = 0;  // 0: all
  std::string by = "simulate";
  EstimatorOption estimator;
  FallbackOptions fallback;
  double level = 0.9;
  int jobs = 0;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;
  PageOption page;

  std::unique_ptr<study::MeasurementSource> simulator() const {
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    return workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
  }

  // Every network at every combination of the sizes that are varied.
  std::vector<network::Graph> graphs(const std::vector<study::Axis>& sizes) const {
    for (std::size_t a = 0; a < sizes.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if (sizes[a].key == sizes[b].key) throw Error("--vary " + sizes[a].key + ": the key is varied twice");
      }
      if (sizes[a].key == "batch" && import.batch) throw Error("--vary batch: --batch sets it as well");
    }
    std::vector<network::Graph> all;
    for (const std::string& model : models) {
      for (const auto& settings : study::combinations(sizes)) {
        ImportSettings sized = import;
        for (const auto& [key, value] : settings) sized = sized.with_size(key, value);
        all.push_back(sized.import(model));
      }
    }
    return all;
  }

  study::SweepWishes wishes() const {
    study::SweepWishes wishes = study::parse_wishes(objectives, limits, sort);
    if (top > 0) wishes.top = top;
    return wishes;
  }

  study::SweepTable table() const {
    const study::SweepWishes wished = wishes();
    // What --set changes is the engine that is varied; then the varied keys alone lead.
    EngineOptions around = engine;
    if (!vary.empty()) around.scale_with.option = nullptr;
    const engine::LoadedEngine loaded = around.load();
    std::vector<study::Axis> axes, sizes;
    for (const std::string& text : vary) {
      study::Axis axis = study::parse_axis(text);
      (study::is_network_key(axis.key) ? sizes : axes).push_back(std::move(axis));
    }
    const std::optional<engine::Scaling> scaling =
        axes.empty() ? std::nullopt : engine.scale_with.scaling(engine.path());
    const engine::Scaling* const follow = scaling ? &*scaling : nullptr;
    if (by == "simulate") {
      if (!estimator.file.empty()) throw Error("--estimator is for --by estimate");
      if (!fallback.fallback.empty() || fallback.width || !fallback.store.empty())
        throw Error("--fallback is for --by estimate: all of a sweep by simulate is simulated");
      const auto source = simulator();
      Terminal terminal;
      return study::sweep(graphs(sizes), loaded.config, axes, *source, terminal.progress(), follow, sizes, wished);
    }
    fallback.check();
    const std::string model = estimator.path(engine.path(), loaded.config.family);
    const estimator::Estimator regressor = estimator::Estimator::load(model);
    const EstimateRun run(level, fallback, model, fallback.fallback.empty() ? study::make_simulator() : simulator());
    Terminal terminal;
    return study::sweep(graphs(sizes), loaded.config, axes, regressor, run.options, terminal.progress(), follow, sizes,
                        wished);
  }

  void run_workload(const std::string& path) const {
    if (!fallback.fallback.empty()) throw Error("--fallback: a workload is estimated as a whole");
    if (page.wanted()) throw Error("--report: shows networks, not a workload");
    if (!objectives.empty() || !limits.empty() || !sort.empty() || top > 0) {
      throw Error("--objectives, --limit, --sort and --top are for networks; rows of a workload say whether it fits");
    }
    if (!plot.empty()) throw Error("--plot: draws networks, not a workload");
    EngineOptions around = engine;
    if (!vary.empty()) around.scale_with.option = nullptr;
    const WorkloadArguments workload(path, around, import);
    std::vector<study::Axis> axes;
    for (const std::string& text : vary) axes.push_back(study::parse_axis(text));
    const std::optional<engine::Scaling> scaling =
        axes.empty() ? std::nullopt : engine.scale_with.scaling(workload.hwconfig());
    std::optional<estimator::Estimator> regressor;
    if (by == "estimate") {
      regressor = estimator::Estimator::load(estimator.path(workload.hwconfig(), workload.family()));
    } else if (!estimator.file.empty()) {
      throw Error("--estimator is for --by estimate");
    }
    const auto source = regressor ? study::make_estimated(*regressor) : simulator();
    workload.sweep(*source, axes, scaling ? &*scaling : nullptr, output);
  }

  std::string page_title(const study::SweepTable& rows) const {
    std::string title;
    for (const std::string& axis : vary) {
      title += (title.empty() ? "" : ", ") + axis.substr(0, axis.find('='));
    }
    return "Sweep of " + (title.empty() ? std::string("networks") : title) + " around " +
           rows.identity.title(rows.engine);
  }

  void run() const {
    output.check();
    page.check(output);
    expect_writable(plot);
    if (!plot.empty() && plot == output.out) {
      throw CLI::ValidationError("--plot", "'" + plot + "' is what --out writes too");
    }
    if (const auto workload = workload_among(models)) return run_workload(*workload);
    const study::SweepTable rows = table();
    std::vector<std::string> made;
    page.write(
        "sweep", page_title(rows), [&] { return report::to_json(rows); }, made);
    if (!plot.empty()) {
      record::write_file(plot, report::sweep_svg(rows));
      made.push_back(plot);
    }
    output.emit([&] { return report::to_json(rows); }, [&] { return report::to_csv(rows); },
                [&] { return report::to_text(rows); }, made);
  }
};

// Of the metrics that a sweep knows.
std::string metric_names() {
  std::string names;
  for (const nas::MetricTraits& traits : nas::metrics()) {
    if (traits.metric != nas::Metric::kAccuracy) names += (names.empty() ? "" : ", ") + std::string(traits.name);
  }
  return names;
}

}  // namespace

void add_sweep(CLI::App& app) {
  const auto [verb, options] =
      add_command<Sweep>(app, "sweep", "Networks on every combination of some engine parameters, one row each");
  verb->add_option("MODEL", options->models,
                   "Networks, files or names of models/, or one workload, a file or a name of workloads/")
      ->required();
  options->engine.add_optional(*verb);
  options->engine.scale_with.add(*verb);
  verb->add_option("--vary", options->vary,
                   "An engine parameter, batch or dim.NAME, and its values (may be given again)")
      ->type_name("KEY=v1,v2,…")
      ->allow_extra_args(false);
  verb->add_option("--by", options->by, "Who answers: simulate or estimate")
      ->check(CLI::IsMember({"simulate", "estimate"}))
      ->capture_default_str();
  verb->add_option("--objectives", options->objectives,
                   "What Pareto marks are by (default latency_ms,energy_uj,area_mm2): " + metric_names())
      ->type_name("METRIC,…");
  verb->add_option("--limit", options->limits,
                   "What rows must keep: METRIC<=BOUND or METRIC>=BOUND, a bound being a number or a factor of the "
                   "engine's own value, N*baseline (may be given again)")
      ->type_name("LIMIT")
      ->allow_extra_args(false);
  verb->add_option("--sort", options->sort, "Order of each network's rows; those that miss a limit come last")
      ->type_name("METRIC[:desc]");
  verb->add_option("--top", options->top,
                   "Show so many rows of each network, the first by --sort or by the first objective")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10000000}));
  verb->add_option("--plot", options->plot, "Draw the rows over the first two objectives as SVG")
      ->type_name("FILE.svg");
  options->estimator.add(*verb, "Model file, for --by estimate (default: the engine family's)");
  add_level(*verb, options->level, "Probability with which intervals hold the simulated latency, for --by estimate");
  options->fallback.add(*verb);
  options->import.add(*verb);
  add_jobs(*verb, options->jobs);
  options->output.add(*verb, true);
  options->page.add(*verb);
  verb->footer(
      "Examples:\n  lanewise sweep models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml \\\n"
      "    --vary engine.parallelism_factor=8,16,32 --vary \"dram.bandwidth=3.2 GB/s,12.8 GB/s\" --csv\n"
      "  lanewise sweep models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --vary batch=1,4,8\n"
      "  lanewise sweep models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --vary engine.parallelism_factor=8,16,32 "
      "\\\n"
      "    --objectives latency_ms,energy_uj --limit \"area_mm2<=1.2*baseline\" --sort latency_ms --top 2");
}

}  // namespace lanewise::cli
