// SPDX-License-Identifier: Apache-2.0
// lanewise-fit predict
#include <fmt/format.h>

#include <algorithm>

#include "accuracy/fit/prediction_text.hpp"
#include "accuracy/fit/verbs.hpp"
#include "cli/console/output.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/output_file.hpp"
#include "core/base/printable.hpp"
#include "core/record/csv.hpp"
#include "nas/oracles/score_cells.hpp"
#include "nas/predictor/measured_table.hpp"
#include "nas/predictor/next_networks.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/scale_capacity.hpp"
#include "nas/scores/topology_features.hpp"
#include "nas/space/space.hpp"

namespace lanewise::fit {
namespace {

using nas::AccuracyPredictor;
using nas::MeasuredNetwork;

struct Predict {
  std::string encodings, from, model, space, value = "accuracy", column = "encoding", better = "higher";
  std::string prior = "default", scores, hw, goal = "best", save;
  int next = 0, pool = 1000, folds = 10;
  std::uint64_t seed = 0;
  cli::OutputOptions output;
  CLI::App* verb = nullptr;

  void run() const {
    output.check();
    cli::expect_writable(save);
    if (from.empty() == model.empty()) throw Error("give what was measured: either --from TABLE or --model FILE");
    for (const char* option : {"--value", "--better", "--prior"}) {
      if (!model.empty() && verb->count(option) > 0) {
        throw Error(fmt::format("{} does not go with --model: the file says it", option));
      }
    }
    const nas::NextGoal wanted = nas::next_goal(goal);
    const Networks networks(*this);
    PredictionReport report;
    report.source = from.empty() ? model : from;
    report.asks_next = next > 0;
    report.goal = goal;
    const AccuracyPredictor predictor = learn(networks, report);
    report.predictor = &predictor;
    report.quality = prediction_quality(predictor, static_cast<std::size_t>(folds), seed);
    const std::vector<nas::NextCandidate> asked = networks.read(*this, predictor);
    for (const nas::NextCandidate& one : asked) report.networks.push_back(predicted(predictor, one));
    if (next > 0) choose(predictor, networks, asked, wanted, report);
    std::vector<std::string> made;
    if (!save.empty()) {
      write_file(save, predictor.text());
      made.push_back(save);
    }
    output.emit([&] { return as_json(report); }, [&] { return as_csv(report); }, [&] { return as_text(report); }, made);
  }

 private:
  // The space, what its networks follow, and the scores that somebody gives.
  struct Networks {
    nas::SpaceDescription description;
    std::unique_ptr<nas::NetworkSpace> space;
    engine::LoadedEngine engine;
    std::optional<nas::ScoreTable> scores;
    std::string scores_file, scores_column;

    explicit Networks(const Predict& options) : description(nas::load_space(find_data("spaces", options.space))) {
      if (description.blocks == nullptr) {
        throw Error(fmt::format("space '{}': is one of moves on a network: predictions need networks of a space's own",
                                description.name));
      }
      space = nas::make_network_space(description, nullptr);
      if (!options.hw.empty()) {
        engine = engine::load_engine(find_data("hwconfigs", options.hw));
      } else if (!space->engine_keys().empty()) {
        throw Error(fmt::format("space '{}': its networks follow {} of an engine: give --hw FILE", description.name,
                                fmt::join(space->engine_keys(), ", ")));
      }
      if (!options.scores.empty()) {
        scores = nas::read_scores(options.scores, options.column, options.value, *space);
        scores_file = options.scores;
      }
    }

    network::Graph graph(const std::string& encoding) const {
      return space->build(space->decode(encoding), engine.config);
    }

    // Those that the predictor asks for, of the table and of the graph. Throws Error naming what is missing.
    std::vector<double> scores_of(const std::vector<std::string>& names, const std::string& encoding,
                                  const network::Graph& network) const {
      std::vector<double> values;
      for (const std::string& name : names) {
        const auto column = scores ? std::find(scores->names.begin(), scores->names.end(), name)
                                   : std::vector<std::string>::const_iterator();
        if (scores && column != scores->names.end()) {
          const auto row = scores->scores.find(encoding);
          if (row == scores->scores.end()) {
            throw Error(fmt::format("{}: has no row of network '{}'", scores_file, printable(encoding)));
          }
          values.push_back(row->second[static_cast<std::size_t>(column - scores->names.begin())]);
          continue;
        }
        const auto& known = nas::network_scores();
        const auto of_graph = std::find_if(known.begin(), known.end(), [&](const auto& s) { return name == s.name; });
        if (of_graph == known.end()) {
          throw Error(
              fmt::format("the predictor needs the score '{}' of every network: give --scores TABLE", printable(name)));
        }
        values.push_back(of_graph->of(network));
      }
      return values;
    }

    // The networks of the table of encodings, each once, in its order. No other column is read.
    std::vector<nas::NextCandidate> read(const Predict& options, const AccuracyPredictor& predictor) const {
      std::vector<nas::NextCandidate> all;
      if (options.encodings.empty()) return all;
      const record::CsvTable table = record::read_csv(options.encodings);
      const std::size_t column = nas::score_column(table, options.column, "encodings");
      for (const record::CsvRow& row : table.rows) {
        try {
          if (row.cells[column].empty()) throw Error("must hold an encoding");
          nas::NextCandidate one;
          one.encoding = space->encode(space->decode(row.cells[column]));
          const bool twice =
              std::any_of(all.begin(), all.end(), [&](const auto& other) { return other.encoding == one.encoding; });
          if (twice) continue;
          const network::Graph network = graph(one.encoding);
          one.features = nas::topology_features_of(network);
          one.scores = scores_of(predictor.settings().scores, one.encoding, network);
          all.push_back(std::move(one));
        } catch (const Error& error) {
          throw Error(fmt::format("{}:{}: column '{}': {}", table.path, row.line, options.column, error.what()));
        }
      }
      return all;
    }
  };

  AccuracyPredictor learn(const Networks& networks, PredictionReport& report) const {
    if (!model.empty()) return AccuracyPredictor::load(model);
    nas::MeasuredTable table = nas::read_measured(from, column, value, *networks.space, networks.engine.config);
    const auto left = [&](std::int64_t count, const char* why) {
      if (count > 0) report.left_out.push_back(fmt::format("{} {} {}", count, count == 1 ? "row" : "rows", why));
    };
    left(table.without_value, "without a value");
    left(table.of_no_space, "of other spaces");
    left(table.not_built, "of networks that the space does not build");
    nas::PredictorSettings settings;
    settings.value = value;
    settings.higher_is_better = better == "higher";
    settings.space = networks.description.name;
    if (networks.scores) settings.scores = networks.scores->names;
    const std::string name = prior == "default" ? nas::kDefaultScore : prior;
    if (prior != "none") {
      nas::network_score(name);
      if (std::find(settings.scores.begin(), settings.scores.end(), name) == settings.scores.end()) {
        settings.scores.push_back(name);
      }
    }
    for (MeasuredNetwork& network : table.networks) {
      network.scores = networks.scores_of(settings.scores, network.encoding, networks.graph(network.encoding));
    }
    try {
      return AccuracyPredictor::fitted(std::move(settings), std::move(table.networks));
    } catch (const Error& error) {
      throw Error(from + ": " + error.what());
    }
  }

  static PredictedNetwork predicted(const AccuracyPredictor& predictor, const nas::NextCandidate& one) {
    PredictedNetwork out;
    out.encoding = one.encoding;
    out.prediction = predictor.predict(one.features, one.scores);
    if (const MeasuredNetwork* const measured = predictor.measured(one.encoding)) {
      out.measured = measured->value;
      out.measurements = measured->count;
    }
    return out;
  }

  void choose(const AccuracyPredictor& predictor, const Networks& networks,
              const std::vector<nas::NextCandidate>& asked, nas::NextGoal wanted, PredictionReport& report) const {
    std::vector<nas::NextCandidate> candidates;
    for (const nas::NextCandidate& one : asked) {
      if (predictor.measured(one.encoding) == nullptr) candidates.push_back(one);
    }
    if (encodings.empty()) {
      if (const auto reason = predictor.needs_more_than_graphs()) {
        throw Error("--next cannot draw networks from the space: " + *reason + ": give a table of encodings");
      }
      candidates = nas::sampled_candidates(predictor, *networks.space, static_cast<std::size_t>(pool), seed,
                                           networks.engine.config);
    }
    for (const auto& choice : nas::next_networks(predictor, candidates, wanted, static_cast<std::size_t>(next))) {
      report.next.push_back(predicted(predictor, candidates[choice.candidate]));
      report.next.back().gain = choice.gain;
    }
  }
};

}  // namespace

void add_predict(CLI::App& app) {
  const auto [verb, options] =
      add_command<Predict>(app, "predict", "Predict accuracy from a few measured networks, and choose the next ones");
  options->verb = verb;
  verb->add_option("ENCODINGS", options->encodings,
                   "Table (.csv) of the networks to predict, or of those to choose from with --next");
  verb->add_option("--from", options->from,
                   "Table of networks that were measured; several rows of one network are "
                   "its measurements, with several seeds")
      ->type_name("TABLE");
  verb->add_option("--model", options->model, "In place of --from: a file that --save wrote")->type_name("FILE");
  verb->add_option("--space", options->space, "Search space of the encodings, a file or a name of spaces/")
      ->type_name("FILE")
      ->required();
  verb->add_option("--value", options->value, "Column of --from that is learnt; no other but the encodings is read")
      ->type_name("COLUMN")
      ->capture_default_str();
  verb->add_option("--column", options->column, "Column of all tables that holds the encodings")
      ->type_name("COLUMN")
      ->capture_default_str();
  verb->add_option("--better", options->better, "Which values are better")
      ->check(CLI::IsMember({"higher", "lower"}))
      ->capture_default_str();
  verb->add_option(
          "--prior", options->prior,
          "Score of the graph whose slope is learnt as the prior mean (lanewise-fit score --list: those without "
          "input), or none")
      ->type_name("NAME")
      ->capture_default_str();
  verb->add_option("--scores", options->scores,
                   "Table of scores of all networks, as lanewise-fit score --csv prints it: every column but the "
                   "encodings joins the prior mean")
      ->type_name("TABLE");
  verb->add_option(
          "--hw", options->hw,
          "Engine that the networks of the space follow, where they follow one, a file or a name of hwconfigs/")
      ->type_name("FILE");
  verb->add_option("--next", options->next, "Choose so many networks to measure next, in this order")
      ->type_name("N")
      ->check(CLI::Range(0, 10000));
  verb->add_option(
          "--goal", options->goal,
          "What they are chosen for: best (a network better than the best), front (of the value against MACs), "
          "learning (a better predictor)")
      ->type_name("GOAL")
      ->capture_default_str();
  verb->add_option("--pool", options->pool, "Networks drawn from the space to choose from, where no table is given")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb->add_option("--folds", options->folds, "Folds of the cross-validation that says how good it is")
      ->type_name("N")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Of folds and drawn networks")->type_name("N")->capture_default_str();
  verb->add_option("--save", options->save,
                   "Write the predictor to a file, for --model and for the key "
                   "accuracy.predictor of a space")
      ->type_name("FILE");
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise-fit predict --from measured.csv --space fm28 candidates.csv --csv\n"
      "  lanewise-fit predict --from measured.csv --space fm28 --next 8 --goal front --save fm28.predictor");
}

}  // namespace lanewise::fit
