// SPDX-License-Identifier: Apache-2.0
// lanewise-fit converge
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/price_options.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/supernet/converging_networks.hpp"
#include "accuracy/supernet/inheritance.hpp"
#include "accuracy/supernet/supernet_training.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/output_file.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::fit {
namespace {

namespace fs = std::filesystem;

struct Converge {
  std::string space, recipe = "default", folder;
  std::vector<std::string> recipe_settings;
  std::optional<std::int64_t> steps;
  std::uint64_t seed = 0;
  int threads = 1;
  PriceOptions price;
  accuracy::ConvergenceSettings settings;
  accuracy::InheritSettings inherit;
  DataOptions data;
  cli::OutputOptions output;

  struct Answer {
    accuracy::SupernetResult training;
    accuracy::Inherited network;
    double ms = 0, median_error_percent = 0, worst_error_percent = 0, entropy = 0, most_entropy = 0, distance = 0;
    std::size_t priced_networks = 0;
    std::int64_t held_out = 0;
  };

  void run() const {
    output.check();
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) throw Error(fmt::format("{}: cannot be made a folder: {}", folder, failure.message()));
    accuracy::SupernetJob job;
    job.space_path = find_data("spaces", space);
    job.space = engine::read_config_text(job.space_path);
    job.recipe = accuracy::load_supernet_recipe(recipe);
    accuracy::set_supernet_keys(job.recipe, recipe_settings);
    if (steps) accuracy::set_supernet_key(job.recipe, "steps", std::to_string(*steps));
    job.seed = seed;
    job.threads = threads;
    job.file = file("shared.supernet");
    cli::expect_writable(job.file);
    const accuracy::SupernetSpace networks(job.space_path, job.space, job.recipe.apart);
    accuracy::LatencyPrices prices(price.prices, networks);
    accuracy::ConvergenceSettings chosen = settings;
    chosen.latency_ms = price.latency_ms;
    accuracy::ConvergingNetworks source(networks, job.recipe, seed, prices, chosen);
    Answer answer;
    {
      cli::Terminal terminal;
      const Progress progress = terminal.progress();
      accuracy::TrainingData images;
      images.name = data.spec;
      images.images = data.load(accuracy::supernet_example(job), job.recipe.training.validation, progress);
      images.identity = accuracy::data_identity(images.images);
      answer.training = accuracy::train_supernet(job, images, progress, &source);
      accuracy::InheritSettings measuring = inherit;
      measuring.onnx = file("network.onnx");
      const nas::Genotype network = source.network();
      const accuracy::SupernetFile trained = accuracy::read_supernet(job.file);
      const auto measured =
          accuracy::inherit(job.file, trained, {networks.encode(network)}, images, measuring, progress);
      answer.network = measured.networks.front();
      answer.held_out = measured.held_out;
      answer.ms = prices.ms(network);
    }
    answer.priced_networks = prices.networks();
    answer.median_error_percent = prices.median_error_percent();
    answer.worst_error_percent = prices.worst_error_percent();
    answer.entropy = source.weights().entropy();
    answer.most_entropy = source.weights().most_entropy();
    answer.distance = source.weights().distance();
    write_file(file("curve.csv"), answer.training.file.curve);
    write_file(file("network.txt"), answer.network.encoding + "\n");
    output.emit([&] { return as_json(answer); }, [&] { return answer.training.file.curve; },
                [&] { return as_text(answer); },
                {file("network.onnx"), file("network.txt"), file("curve.csv"), job.file});
  }

 private:
  std::string file(const char* name) const { return (fs::path(folder) / name).string(); }

  std::string as_json(const Answer& answer) const {
    nlohmann::ordered_json json = {
        {"network", answer.network.encoding}, {"predicted_ms", answer.ms}, {"limit_ms", price.latency_ms}};
    for (const auto& metric : answer.network.metrics) json["held_out"][metric.name] = metric.value;
    json["held_out_images"] = answer.held_out;
    json["architecture"] = {
        {"entropy", answer.entropy}, {"most_entropy", answer.most_entropy}, {"distance", answer.distance}};
    json["prices"] = {{"file", price.prices},
                      {"networks", answer.priced_networks},
                      {"median_error_percent", answer.median_error_percent},
                      {"worst_error_percent", answer.worst_error_percent}};
    json["steps"] = answer.training.file.steps;
    json["seed"] = seed;
    json["seconds"] = answer.training.seconds;
    json["was_there"] = answer.training.was_there;
    for (const auto& [key, value] : accuracy::supernet_recipe_values(answer.training.file.recipe)) {
      json["recipe"][key] = value;
    }
    json["curve_csv"] = answer.training.file.curve;
    return json.dump(2) + "\n";
  }

  std::string as_text(const Answer& answer) const {
    std::string text = fmt::format(
        "{}\n\nEntropy fell from {:.2f} to {:.2f} nats in {} steps; {:.3f} ms are predicted, {} allowed.\n"
        "Prices: {} networks; of those left out the median is mispredicted by {:.1f} %, the worst by {:.1f} %.\n",
        answer.network.encoding, answer.most_entropy, answer.entropy, answer.training.file.steps, answer.ms,
        price.latency_ms, answer.priced_networks, answer.median_error_percent, answer.worst_error_percent);
    for (const auto& metric : answer.network.metrics) {
      text += fmt::format("{} {:.4f} with the shared weights, on {} images held out of training\n", metric.name,
                          metric.value, answer.held_out);
    }
    text += answer.training.was_there ? "It was there before: nothing was trained.\n"
                                      : fmt::format("{:.0f} seconds of training\n", answer.training.seconds);
    return text;
  }
};

CLI::Option* add_number(CLI::App& verb, const char* name, double& value, const char* help, double low, double high) {
  return verb.add_option(name, value, help)->type_name("X")->check(CLI::Range(low, high))->capture_default_str();
}

}  // namespace

void add_converge(CLI::App& app) {
  const auto [verb, options] = add_command<Converge>(
      app, "converge", "Train a supernet whose networks become one within a latency while it is trained");
  verb->add_option("--space", options->space, "Search space, a file or a name of spaces/")
      ->type_name("FILE")
      ->required();
  options->price.add(*verb);
  options->data.add(*verb);
  verb->add_option("--recipe", options->recipe, "How to train: default, or a YAML file of a supernet's keys")
      ->type_name("RECIPE")
      ->capture_default_str();
  verb->add_option("--set", options->recipe_settings, "Changes one key of the recipe; may be given again")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--steps", options->steps, "Short for --set steps=N")->type_name("N");
  add_number(*verb, "--latency-weight", options->settings.latency_weight,
             "Cost of a latency of twice the limit, in standard deviations of the loss", 0, 1e6);
  add_number(*verb, "--rate", options->settings.rate, "Learning rate of the architecture weights", 1e-9, 100);
  add_number(*verb, "--begin", options->settings.begin, "Share of the steps before architecture weights learn", 0,
             0.99);
  add_number(*verb, "--settle", options->settings.settle, "Share of the steps after which entropy costs", 0, 0.99);
  add_number(*verb, "--entropy-weight", options->settings.entropy_weight, "Cost of a nat of entropy at the last step",
             0, 1e6);
  verb->add_option("--priced", options->settings.priced, "Networks of a step whose prices are looked at")
      ->type_name("N")
      ->check(CLI::Range(2, 100'000))
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Seed of first weights, networks, order and augmentation")
      ->type_name("S")
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads; files are the same bytes on one alone")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option(
          "--out", options->folder,
          "Folder of network.onnx, network.txt, curve.csv and shared.supernet; an unfinished one is gone on with")
      ->type_name("FOLDER")
      ->required();
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise-fit converge --space fm28 --data fashion-mnist --prices prices.csv --latency-ms 0.2 --out "
      "converged\n"
      "Prices come from `lanewise space prices fm28 --hw ne-256 --csv --out prices.csv`. The same command goes on "
      "where it was cut off.");
}

}  // namespace lanewise::fit
