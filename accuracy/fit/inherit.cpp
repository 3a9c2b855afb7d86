// SPDX-License-Identifier: Apache-2.0
// lanewise-fit inherit
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/space_networks.hpp"
#include "accuracy/fit/training_queue.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/supernet/inheritance.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/engine/raw_config.hpp"
#include "core/record/csv.hpp"

namespace lanewise::fit {
namespace {

using accuracy::Inherited;
using accuracy::InheritedNetworks;

struct Inherit {
  std::vector<std::string> tables, encodings;
  std::string supernet, space;
  accuracy::InheritSettings settings;
  DataOptions data;
  cli::OutputOptions output;

  void run() const {
    end_with_parent();
    output.check();
    const accuracy::SupernetFile file = accuracy::read_supernet(supernet);
    const accuracy::SupernetSpace networks(supernet, file.space, file.recipe.apart);
    expect_space(file, networks);
    const std::vector<std::string> wanted = read(networks);
    accuracy::InheritSettings chosen = settings;
    if (chosen.jobs == 0) chosen.jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    InheritedNetworks result;
    {
      cli::Terminal terminal;
      const Progress progress = terminal.progress();
      DataOptions of_file = data;
      if (of_file.spec.empty()) of_file.spec = file.data;
      accuracy::TrainingData images;
      images.name = of_file.spec;
      images.images =
          of_file.load(networks.graph(networks.decode(wanted.front())), file.recipe.training.validation, progress);
      images.identity = accuracy::data_identity(images.images);
      result = accuracy::inherit(supernet, file, wanted, images, chosen, progress);
    }
    output.emit([&] { return as_json(file, result); }, [&] { return as_csv(result); },
                [&] { return as_text(file, result); });
  }

 private:
  void expect_space(const accuracy::SupernetFile& file, const accuracy::SupernetSpace& networks) const {
    if (space.empty()) return;
    const std::string path = find_data("spaces", space);
    if (engine::read_config_text(path) == file.space) return;
    throw Error(fmt::format("{}: the supernet was trained for space '{}' as it was then, and {} is another one",
                            supernet, networks.name(), path));
  }

  // In the order of the tables' rows, each network once.
  std::vector<std::string> read(const accuracy::SupernetSpace& networks) const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& encoding) {
      const std::string name = networks.encode(networks.decode(encoding));
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    };
    for (const std::string& table : tables) {
      for (const std::string& encoding : read_encodings(table)) {
        try {
          add(encoding);
        } catch (const Error& error) {
          throw Error(fmt::format("{}: {}", table, error.what()));
        }
      }
    }
    for (const std::string& encoding : encodings) add(encoding);
    if (out.empty()) throw CLI::RequiredError("ENCODINGS or --encoding");
    return out;
  }

  static double seconds(const InheritedNetworks& result, double Inherited::*member) {
    double sum = 0;
    for (const Inherited& network : result.networks) sum += network.*member;
    return sum;
  }

  std::string as_csv(const InheritedNetworks& result) const {
    std::vector<std::string> head = {"encoding"};
    for (const auto& metric : result.networks.front().metrics) head.push_back(metric.name);
    for (const char* column : {"recalibrated_statistics", "recalibration_images", "held_out_images", "tune_steps"}) {
      head.emplace_back(column);
    }
    std::string text = record::csv_line(head);
    for (const Inherited& network : result.networks) {
      std::vector<std::string> cells = {network.encoding};
      for (const auto& metric : network.metrics) cells.push_back(record::csv_number(metric.value));
      for (const std::int64_t number :
           {network.statistics, result.recalibration, result.held_out, settings.tune_steps}) {
        cells.push_back(std::to_string(number));
      }
      text += record::csv_line(cells);
    }
    return text;
  }

  std::string as_json(const accuracy::SupernetFile& file, const InheritedNetworks& result) const {
    nlohmann::ordered_json json = {{"supernet", supernet},
                                   {"data", file.data},
                                   {"supernet_steps", file.steps},
                                   {"recalibration_images", result.recalibration},
                                   {"held_out_images", result.held_out},
                                   {"tune_steps", settings.tune_steps},
                                   {"tune_rate", settings.tune_rate},
                                   {"seconds", seconds(result, &Inherited::seconds)},
                                   {"tune_seconds", seconds(result, &Inherited::tune_seconds)},
                                   {"networks", nlohmann::ordered_json::array()}};
    for (const Inherited& network : result.networks) {
      nlohmann::ordered_json row = {{"encoding", network.encoding}};
      for (const auto& metric : network.metrics) row[metric.name] = metric.value;
      row["recalibrated_statistics"] = network.statistics;
      json["networks"].push_back(std::move(row));
    }
    return json.dump(2) + "\n";
  }

  std::string as_text(const accuracy::SupernetFile& file, const InheritedNetworks& result) const {
    std::string text = fmt::format(
        "Weights of a supernet of {} steps on {}; statistics computed anew over {} training images; measured on {} "
        "images held out of training, none of them for test.\n",
        file.steps, file.data, result.recalibration, result.held_out);
    if (settings.tune_steps > 0) {
      text += fmt::format(
          "Each network was then trained by itself for {} steps from a rate of {}: {:.1f} CPU seconds "
          "for all.\n",
          settings.tune_steps, settings.tune_rate, seconds(result, &Inherited::tune_seconds));
    }
    std::size_t widest = 8;
    for (const Inherited& network : result.networks) widest = std::max(widest, network.encoding.size());
    text += fmt::format("\n{:<{}}", "encoding", widest);
    for (const auto& metric : result.networks.front().metrics) text += fmt::format("  {:>10}", metric.name);
    text += "\n";
    for (const Inherited& network : result.networks) {
      text += fmt::format("{:<{}}", printable(network.encoding), widest);
      for (const auto& metric : network.metrics) text += fmt::format("  {:>10.4f}", metric.value);
      text += "\n";
    }
    return text + fmt::format("\n{} networks, {:.1f} CPU seconds\n", result.networks.size(),
                              seconds(result, &Inherited::seconds));
  }
};

}  // namespace

void add_inherit(CLI::App& app) {
  const auto [verb, options] =
      add_command<Inherit>(app, "inherit", "Measure networks with the weights that they inherit from a supernet");
  verb->add_option("ENCODINGS", options->tables,
                   "Tables (.csv) of networks of the supernet's space: column 'encoding'");
  verb->add_option("--encoding", options->encodings, "A network of the space; may be given several times")
      ->type_name("TEXT");
  verb->add_option("--supernet", options->supernet, "What lanewise-fit supernet wrote")->type_name("FILE")->required();
  verb->add_option("--space", options->space,
                   "Refuse a supernet of another space than this one, a file or a name of spaces/")
      ->type_name("FILE");
  options->data.add(*verb, "as the supernet was told");
  verb->add_option("--recalibrate", options->settings.recalibration,
                   "Training images that statistics of normalizations are computed over")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{100'000'000}))
      ->capture_default_str();
  verb->add_option("--held-out", options->settings.held_out, "Held-out images that networks are measured on, 0: all")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}))
      ->capture_default_str();
  verb->add_option("--batch", options->settings.batch, "Images at once")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1'000'000}))
      ->capture_default_str();
  verb->add_option("--tune-steps", options->settings.tune_steps,
                   "Steps that each network is trained by itself before, from what it inherits")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}))
      ->capture_default_str();
  verb->add_option("--tune-rate", options->settings.tune_rate, "Learning rate of the first of these steps")
      ->type_name("RATE")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  verb->add_option("--jobs", options->settings.jobs, "Networks at once, 0: one per core; no result depends on it")
      ->type_name("N")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise-fit inherit encodings.csv --supernet fm28.supernet --csv");
}

}  // namespace lanewise::fit
