// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"
#include "nas/moves/moves_file.hpp"
#include "report/advice.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/advice/advice.hpp"

namespace lanewise::cli {
namespace {

struct Advise {
  std::string model, space = "moves", moves, moves_out, estimator;
  std::vector<std::string> limits;
  std::size_t top = 10;
  int jobs = 0;
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

  void run() const {
    expect_writable(moves_out);
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
    const std::optional<estimator::Estimator> predictor = load_estimator(loaded.config);
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const auto simulator =
        workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
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
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "Example:\n  lanewise advise mobilenet_v2 --hw ne-256 --out moves.yaml\n  lanewise advise mobilenet_v2 --hw "
      "ne-256 "
      "--moves moves.yaml --limit \"parameters>=0.95*baseline\" --out more.yaml");
}

}  // namespace lanewise::cli
