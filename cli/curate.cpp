// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <limits>
#include <memory>
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/nothing_kept.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/record/file.hpp"
#include "nas/metric.hpp"
#include "report/curation.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/curation/curated_space.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::cli {
namespace {

// Who says what subgraphs cost, with what it needs.
struct CostSource {
  std::optional<estimator::Estimator> estimator;
  std::unique_ptr<study::MeasurementSource> source;
};

struct Curate {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  std::string estimator_file, out;
  std::vector<std::string> limits;
  study::CurationOptions curation;
  bool no_trades = false;
  std::string start = "raw";
  int jobs = 0;
  OutputOptions output;

  CostSource costs() const {
    CostSource made;
    if (!estimator_file.empty()) {
      made.estimator.emplace(estimator::Estimator::load(estimator_file));
      made.source = study::make_estimated(*made.estimator);
      return made;
    }
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    made.source = workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
    return made;
  }

  // Limits on capacity, as shares of the default's, beside those of the space.
  void add_limits(const DesignOfSpace& design, study::CapacityShares& shares) const {
    const network::Graph graph = design.space->graph(design.space->defaults());
    nas::Metrics baseline;
    baseline[nas::Metric::kMacs] = static_cast<double>(network::macs(graph));
    baseline[nas::Metric::kParameters] = static_cast<double>(network::parameters(graph));
    for (const nas::Limit& limit : nas::parse_limits(limits)) {
      const bool of_macs = limit.metric == nas::Metric::kMacs;
      if ((!of_macs && limit.metric != nas::Metric::kParameters) || limit.text.find('>') == std::string::npos) {
        throw Error(
            fmt::format("--limit '{}': must say how many parameters or macs a network has at least", limit.text));
      }
      double& share = of_macs ? shares.macs : shares.parameters;
      share = std::max(share, limit.bound_for(baseline) / baseline[limit.metric]);
    }
  }

  void run() const {
    output.check();
    expect_writable(out);
    if (!estimator_file.empty()) expect_estimator("--estimator", estimator_file);
    const DesignOfSpace design = load_design(networks, import, engine, true);
    if (design.description.blocks != nullptr && (import.batch || !import.precision.empty())) {
      throw Error("--batch and --precision are for networks of files: the space says its own, and so does the new one");
    }
    if (!design.description.numbers.empty()) {
      throw Error(
          fmt::format("space '{}': its forms and precisions cost accuracy that nobody weighs here: curate a copy "
                      "of it without 'numbers'",
                      design.description.name));
    }
    study::CapacityShares shares = study::capacity_shares(design.description, *design.space);
    add_limits(design, shares);
    study::CurationOptions options = curation;
    options.keep_default = study::genes_with_fixed_default(design.description, *design.space);
    options.least_macs = shares.macs;
    options.least_parameters = shares.parameters;
    if (no_trades) options.regret = std::numeric_limits<double>::infinity();
    if (start == "best") options.start = study::CurationStart::kBest;
    const CostSource asked = costs();
    study::Curation curated = or_nothing([&] {
      Terminal terminal;
      return study::curate(*design.space, *asked.source, options, terminal.progress());
    });
    study::fit_to_file(design.description, curated);
    const engine::EngineIdentity identity = engine::identity_of(design.engine.config);
    if (!out.empty()) {
      const std::string made_for = fmt::format("{} ({})", identity.title(design.engine.config.name), identity.hash);
      record::write_file(out, study::curated_text(design.description, *design.space, curated,
                                                  {find_data("spaces", networks.space), out, made_for, shares}));
    }
    report::CurationView view;
    view.space = design.description.name;
    view.network = design.model ? design.model->name() : "";
    view.engine = design.engine.config.name;
    view.source = record::to_string(asked.source->source());
    view.identity = identity;
    view.options = options;
    view.curation = &curated;
    view.note = note(design, shares);
    std::vector<std::string> made;
    if (!out.empty()) made.push_back(out);
    output.emit([&] { return report::to_json(view); }, [&] { return report::to_csv(view); },
                [&] { return report::to_text(view); }, made);
  }

  std::string note(const DesignOfSpace& design, const study::CapacityShares& shares) const {
    if (design.description.accuracy.oracle != "capacity") {
      return "The space measures accuracy, for which MACs and parameters do not stand: look at what goes before you "
             "use "
             "it, and give --keep GENE for what accuracy may need.";
    }
    if (no_trades) return "Nothing was traded, as --no-trades asks.";
    if (shares.macs == 0 && shares.parameters == 0) {
      return "Capacity has no bound here, so that nothing was traded: the space has no section 'capacity', and no "
             "--limit was given.";
    }
    return "";
  }
};

}  // namespace

void add_curate(CLI::App& app) {
  const auto [verb, options] = add_command<Curate>(
      app, "curate", "Keep of a search space what an engine favours, and say of each value why it stays or goes");
  verb->add_option("SPACE", options->networks.space, "Search space, a file or a name of spaces/")->required();
  verb->add_option("MODEL", options->networks.models, "Network that the space moves, a file or a name of models/")
      ->expected(0, 1);
  options->engine.add(*verb);
  options->import.add(*verb);
  verb->add_option("--out", options->out, "Write the curated space, a space file with the reasons as comments")
      ->type_name("FILE");
  verb->add_option("--estimator", options->estimator_file,
                   "Ask this estimator what subgraphs cost (default: they are simulated)")
      ->type_name("FILE");
  verb->add_option("--keep", options->curation.keep, "Gene to leave as it is (may be given again)")->type_name("GENE");
  verb->add_option("--limit", options->limits,
                   "Least capacity of a network beside the space's own, as in \"parameters>=0.95*baseline\" or "
                   "\"macs>=300000000\" (may be given again)")
      ->type_name("LIMIT");
  verb->add_option(
          "--price", options->curation.price,
          "What capacity may cost to be next to free: relative rise in cost over relative rise in capacity; 0: "
          "nothing")
      ->type_name("RATIO")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option(
          "--regret", options->curation.regret,
          "So much worse than the best design, as a share of its latency, a value may be once other genes give "
          "or take its capacity")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_flag("--no-trades", options->no_trades, "Judge each gene by its own values alone");
  verb->add_option(
          "--start", options->start,
          "Default of the curated space: raw, with what stands for its values where they go, or best, the best "
          "design that trades met")
      ->check(CLI::IsMember({"raw", "best"}))
      ->capture_default_str();
  verb->add_option("--contexts", options->curation.contexts,
                   "Settings of the other genes in which each gene is judged, the default among them")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  verb->add_option("--seed", options->curation.seed, "Seed of these settings")->type_name("S")->capture_default_str();
  add_jobs(*verb, options->jobs);
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise curate detector --hw ne-256 --out curated.yaml\n"
      "  lanewise curate both mobilenet_v2 --hw nvdla-large --json");
}

}  // namespace lanewise::cli
