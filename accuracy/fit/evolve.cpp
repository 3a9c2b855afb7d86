// SPDX-License-Identifier: Apache-2.0
// lanewise-fit evolve
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/price_options.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/supernet/inherited_search.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "nas/algorithms/algorithm.hpp"

namespace lanewise::fit {
namespace {

using accuracy::InheritedCandidate;
using accuracy::InheritedSearchResult;

struct Evolve {
  std::string supernet;
  PriceOptions price;
  accuracy::InheritedSearchSettings settings;
  DataOptions data;
  cli::OutputOptions output;

  void run() const {
    output.check();
    if (settings.asked == 0 && settings.seconds == 0) throw CLI::RequiredError("--networks or --seconds");
    const accuracy::SupernetFile file = accuracy::read_supernet(supernet);
    const accuracy::SupernetSpace networks(supernet, file.space, file.recipe.apart);
    accuracy::LatencyPrices prices(price.prices, networks);
    accuracy::InheritedSearchSettings chosen = settings;
    chosen.latency_ms = price.latency_ms;
    if (chosen.inherit.jobs == 0) {
      chosen.inherit.jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }
    InheritedSearchResult result;
    {
      cli::Terminal terminal;
      const Progress progress = terminal.progress();
      DataOptions of_file = data;
      if (of_file.spec.empty()) of_file.spec = file.data;
      accuracy::TrainingData images;
      images.name = of_file.spec;
      images.images = of_file.load(networks.graph(nas::Genotype(networks.genes().size(), 0)),
                                   file.recipe.training.validation, progress);
      images.identity = accuracy::data_identity(images.images);
      result = accuracy::search_inherited(supernet, file, images, prices, chosen, progress);
    }
    output.emit([&] { return as_json(file, prices, result); }, [&] { return as_csv(result); },
                [&] { return as_text(result); });
  }

 private:
  static nlohmann::ordered_json row_of(const InheritedCandidate& candidate) {
    nlohmann::ordered_json row = {{"encoding", candidate.measured.encoding}, {"predicted_ms", candidate.ms}};
    for (const auto& metric : candidate.measured.metrics) row[metric.name] = metric.value;
    return row;
  }

  std::string as_json(const accuracy::SupernetFile& file, const accuracy::LatencyPrices& prices,
                      const InheritedSearchResult& result) const {
    nlohmann::ordered_json json = {{"supernet", supernet},
                                   {"supernet_steps", file.steps},
                                   {"algorithm", settings.algorithm},
                                   {"seed", settings.seed},
                                   {"limit_ms", price.latency_ms},
                                   {"network", row_of(result.measured[result.best])},
                                   {"asked", result.asked},
                                   {"measured", result.measured.size()},
                                   {"seconds", result.seconds},
                                   {"prices",
                                    {{"file", price.prices},
                                     {"networks", prices.networks()},
                                     {"median_error_percent", prices.median_error_percent()},
                                     {"worst_error_percent", prices.worst_error_percent()}}},
                                   {"networks", nlohmann::ordered_json::array()}};
    for (const InheritedCandidate& candidate : result.measured) json["networks"].push_back(row_of(candidate));
    return json.dump(2) + "\n";
  }

  static std::string as_csv(const InheritedSearchResult& result) {
    std::vector<std::string> head = {"encoding", "latency_ms"};
    for (const auto& metric : result.measured.front().measured.metrics) head.push_back(metric.name);
    std::string text = record::csv_line(head);
    for (const InheritedCandidate& candidate : result.measured) {
      std::vector<std::string> cells = {candidate.measured.encoding, record::csv_number(candidate.ms)};
      for (const auto& metric : candidate.measured.metrics) cells.push_back(record::csv_number(metric.value));
      text += record::csv_line(cells);
    }
    return text;
  }

  std::string as_text(const InheritedSearchResult& result) const {
    const InheritedCandidate& best = result.measured[result.best];
    std::string text =
        fmt::format("{}\n\n{:.3f} ms are predicted, {} allowed.\n", best.measured.encoding, best.ms, price.latency_ms);
    for (const auto& metric : best.measured.metrics) {
      text +=
          fmt::format("{} {:.4f} with inherited weights, on images held out of training\n", metric.name, metric.value);
    }
    return text + fmt::format("{} networks measured of {} asked for, {:.1f} CPU seconds\n", result.measured.size(),
                              result.asked, result.seconds);
  }
};

}  // namespace

void add_evolve(CLI::App& app) {
  const auto [verb, options] =
      add_command<Evolve>(app, "evolve", "Search a supernet's space for the best network within a latency");
  verb->add_option("--supernet", options->supernet, "What lanewise-fit supernet or converge wrote")
      ->type_name("FILE")
      ->required();
  options->price.add(*verb);
  options->data.add(*verb, "as the supernet was told");
  std::vector<std::string> names;
  for (const auto& kind : nas::algorithms()) names.emplace_back(kind.name);
  verb->add_option("--algorithm", options->settings.algorithm, "Search algorithm")
      ->type_name("NAME")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  verb->add_option("--networks", options->settings.asked,
                   "Networks asked for, with those beyond the limit, which are not measured")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
  verb->add_option("--seconds", options->settings.seconds,
                   "Seconds after which no further batch begins: results then differ from run to run")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  verb->add_option("--population", options->settings.population, "Networks that evolution keeps")
      ->type_name("N")
      ->check(CLI::Range(2, 100'000))
      ->capture_default_str();
  verb->add_option("--recalibrate", options->settings.inherit.recalibration,
                   "Training images that statistics of normalizations are computed over")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{100'000'000}))
      ->capture_default_str();
  verb->add_option("--held-out", options->settings.inherit.held_out,
                   "Held-out images that networks are measured on, 0: all")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}))
      ->capture_default_str();
  verb->add_option("--seed", options->settings.seed, "Seed of the search")->type_name("S")->capture_default_str();
  verb->add_option("--jobs", options->settings.inherit.jobs,
                   "Networks at once, 0: one per core; no result depends on it")
      ->type_name("N")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise-fit evolve --supernet fm28.supernet --prices prices.csv --latency-ms 0.2 --networks 400");
}

}  // namespace lanewise::fit
