// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/layer_numbers.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"
#include "nas/moves/moves_file.hpp"
#include "report/advice.hpp"
#include "report/number_advice.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/advice/advice.hpp"
#include "study/advice/number_advice.hpp"

namespace lanewise::cli {
namespace {

struct Advise {
  std::string model, space = "moves", moves, moves_out, estimator;
  std::vector<std::string> limits;
  std::size_t top = 10;
  int jobs = 0;
  bool precision_moves = false, compression_moves = false;
  std::string sensitivity, precision_out, compression_out, save;
  std::optional<double> max_loss;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  // A family without a default estimator is advised by simulation.
  std::optional<estimator::Estimator> load_estimator(const engine::EngineConfig& config) const {
    if (!estimator.empty()) {
      expect_estimator("--estimator", estimator);
      return estimator::Estimator::load(estimator);
    }
    const std::optional<std::string> path = estimator::find_default_estimator(engine.path(), config.family);
    if (!path) return std::nullopt;
    return estimator::Estimator::load(*path);
  }

  // Options that say the same of nothing, or of something else, are refused before any work.
  void require_numbers() const {
    const auto refuse = [](const std::string& rule) { throw Error(rule); };
    const bool any = precision_moves || compression_moves;
    const std::pair<const char*, bool> of_numbers[] = {{"--sensitivity", !sensitivity.empty()},
                                                       {"--max-loss", max_loss.has_value()},
                                                       {"--precision-out", !precision_out.empty()},
                                                       {"--compression-out", !compression_out.empty()},
                                                       {"--save", !save.empty()}};
    for (const auto& [option, given] : of_numbers) {
      if (given && !any) refuse(std::string(option) + ": goes with --precision-moves or --compression-moves");
    }
    if (!any) return;
    if (!moves_out.empty()) refuse("--out: forms and precisions go to --precision-out and --compression-out");
    if (!limits.empty()) refuse("--limit: the plan of forms and precisions keeps --max-loss alone");
    if (!estimator.empty()) refuse("--estimator: forms and precisions are simulated");
    if (max_loss.has_value() != !sensitivity.empty()) refuse("--max-loss and --sensitivity go together");
    if (sensitivity.empty() && !(precision_out.empty() && compression_out.empty())) {
      refuse("--precision-out and --compression-out need --sensitivity: nobody knows what the layers lose");
    }
    // Each of the two files says the part of the plan that the other cannot.
    if (precision_moves && compression_moves && precision_out.empty() != compression_out.empty()) {
      refuse("--precision-out and --compression-out go together: the plan is both");
    }
    if (!precision_moves && !precision_out.empty()) refuse("--precision-out: goes with --precision-moves");
    if (!compression_moves && !compression_out.empty()) refuse("--compression-out: goes with --compression-moves");
  }

  void run_numbers(study::AdviceJob network, study::MeasurementSource& simulator) const {
    study::NumberAdviceJob job;
    job.network = std::move(network);
    job.precisions = precision_moves;
    job.compressions = compression_moves;
    std::optional<nas::LayerLosses> losses;
    if (!sensitivity.empty()) losses.emplace(sensitivity);
    job.losses = losses ? &*losses : nullptr;
    job.most_loss = max_loss.value_or(0);
    job.metric = save.empty() ? nas::Metric::kLatency : nas::parse_metric(save);
    const study::NumberAdvice advice = [&] {
      Terminal terminal;
      return study::advise_numbers(job, simulator, terminal.progress());
    }();
    std::vector<std::string> made;
    const auto write = [&](const std::string& path, const std::string& text) {
      record::write_file(path, text);
      made.push_back(path);
    };
    if (!precision_out.empty()) {
      write(precision_out, network::layer_precisions_text(*advice.plan->graph, precision_out));
    }
    if (!compression_out.empty()) {
      write(compression_out, network::compression_text(*advice.plan->graph, compression_out));
    }
    output.emit([&] { return report::to_json(advice); }, {}, [&] { return report::to_text(advice, top); }, made);
  }

  void run() const {
    require_numbers();
    for (const std::string& path : {moves_out, precision_out, compression_out}) expect_writable(path);
    if (!moves.empty()) expect_yaml("--moves", moves);
    study::AdviceJob job;
    if (!moves.empty()) job.moves = nas::load_moves(moves);
    job.limits = nas::parse_limits(limits);
    job.top = top;
    const engine::LoadedEngine loaded = engine.load();
    job.engine = loaded.config;
    job.engine_path = engine.path();
    job.family = engine::load_family(engine.path());
    job.space = load_description(space, import);
    const network::Graph graph = import.import(model);
    job.graph = &graph;
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const auto simulator =
        workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
    if (precision_moves || compression_moves) return run_numbers(std::move(job), *simulator);
    const std::optional<estimator::Estimator> predictor = load_estimator(loaded.config);
    const study::Advice advice = [&] {
      Terminal terminal;
      return study::advise(job, predictor ? &*predictor : nullptr, *simulator, terminal.progress());
    }();
    std::vector<std::string> made;
    if (!moves_out.empty()) {
      record::write_file(moves_out,
                         nas::moves_text(study::moves_file_of(advice, job.moves), report::moves_head(advice)));
      made.push_back(moves_out);
    }
    output.emit([&] { return report::to_json(advice); }, {}, [&] { return report::to_text(advice, top); }, made);
  }
};

}  // namespace

void add_advise(CLI::App& app) {
  const auto [verb, options] =
      add_command<Advise>(app, "advise", "Say which moves and keys pay, why, and which to make together");
  verb->add_option("MODEL", options->model, "Network, a file or a name of models/")->required();
  options->engine.add(*verb);
  verb->add_option("--moves", options->moves,
                   "Moves file of before: what it takes stays, what it vetoes is never proposed")
      ->type_name("FILE");
  verb->add_option("--space", options->space, "Space of moves to try, a file or a name of spaces/")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option(
          "--limit", options->limits,
          "What the plan must keep beside the limits of the space, as in \"parameters>=0.95*baseline\" (may be "
          "given again)")
      ->type_name("LIMIT")
      ->allow_extra_args(false);
  verb->add_option("--top", options->top,
                   "Moves, and keys, to confirm by simulation and to explain, beside the best of each kind of move")
      ->type_name("N")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  verb->add_option("--estimator", options->estimator,
                   "Trained model that predicts (default: the engine family's, or else the simulator)")
      ->type_name("MODEL.lwm");
  verb->add_option("--out", options->moves_out, "Write the advice as a moves file: the plan taken, the others listed")
      ->type_name("MOVES.yaml");
  verb->add_flag("--precision-moves", options->precision_moves,
                 "Advise on the precisions of layers instead of moves, each layer by itself and together");
  verb->add_flag("--compression-moves", options->compression_moves,
                 "Advise on pruned and clustered weights of layers instead of moves");
  verb->add_option("--sensitivity", options->sensitivity,
                   "What each layer loses in another form, as lanewise-fit compress --sensitivity --csv writes it")
      ->type_name("FILE.csv")
      ->check(CLI::ExistingFile);
  verb->add_option("--max-loss", options->max_loss,
                   "Most loss of the plan of forms and precisions, those of its layers added, in the file's unit")
      ->type_name("X")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--save", options->save,
                   "What forms and precisions are to save: latency_ms or energy_uj (default: latency_ms)")
      ->type_name("METRIC")
      ->check(CLI::IsMember({"latency_ms", "energy_uj"}));
  verb->add_option("--precision-out", options->precision_out,
                   "Write the precisions of the plan as a file for --layer-precision")
      ->type_name("FILE");
  verb->add_option("--compression-out", options->compression_out,
                   "Write the forms of the plan as a file for --compression")
      ->type_name("FILE");
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "Example:\n  lanewise advise mobilenet_v2 --hw ne-256 --out moves.yaml\n  lanewise advise mobilenet_v2 --hw "
      "ne-256 "
      "--moves moves.yaml --limit \"parameters>=0.95*baseline\" --out more.yaml\n  lanewise advise mobilenet_v2 --hw "
      "ne-256 "
      "--precision-moves --compression-moves --sensitivity sensitivity.csv --max-loss 0.01 --precision-out "
      "precisions.txt "
      "--compression-out forms.txt");
}

}  // namespace lanewise::cli
