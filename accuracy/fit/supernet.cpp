// SPDX-License-Identifier: Apache-2.0
// lanewise-fit supernet
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/supernet/supernet_training.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::fit {
namespace {

using accuracy::SupernetJob;
using accuracy::SupernetResult;

struct Supernet {
  std::string space, recipe = "default", file;
  std::vector<std::string> settings;
  std::optional<std::int64_t> steps;
  std::uint64_t seed = 0;
  int threads = 1;
  DataOptions data;
  cli::OutputOptions output;

  void run() const {
    output.check();
    cli::expect_writable(file);
    SupernetJob job;
    job.space_path = find_data("spaces", space);
    job.space = engine::read_config_text(job.space_path);
    job.recipe = accuracy::load_supernet_recipe(recipe);
    accuracy::set_supernet_keys(job.recipe, settings);
    if (steps) accuracy::set_supernet_key(job.recipe, "steps", std::to_string(*steps));
    job.seed = seed;
    job.threads = threads;
    job.file = file;
    SupernetResult result;
    {
      cli::Terminal terminal;
      const Progress progress = terminal.progress();
      accuracy::TrainingData images;
      images.name = data.spec;
      images.images = data.load(accuracy::supernet_example(job), job.recipe.training.validation, progress);
      images.identity = accuracy::data_identity(images.images);
      result = accuracy::train_supernet(job, images, progress);
    }
    output.emit([&] { return as_json(result); }, [&] { return result.file.curve; }, [&] { return as_text(result); },
                {file});
  }

 private:
  std::string as_json(const SupernetResult& result) const {
    nlohmann::ordered_json json = {{"file", file},
                                   {"data", result.file.data},
                                   {"seed", result.file.seed},
                                   {"steps", result.file.steps},
                                   {"places", result.places},
                                   {"shared_parameters", result.shared_parameters},
                                   {"train_images", result.images},
                                   {"held_out_images", result.held_out},
                                   {"was_there", result.was_there},
                                   {"seconds", result.seconds}};
    for (const auto& [key, value] : accuracy::supernet_recipe_values(result.file.recipe)) json["recipe"][key] = value;
    json["curve_csv"] = result.file.curve;
    return json.dump(2) + "\n";
  }

  std::string as_text(const SupernetResult& result) const {
    const std::string& curve = result.file.curve;
    const std::size_t last = curve.rfind('\n', curve.size() - 2);
    std::string text = fmt::format(
        "A supernet of {} parameters in {} places, trained for {} steps on {} images of {}; {} images were held out.\n",
        result.shared_parameters, result.places, result.file.steps, result.images, result.file.data, result.held_out);
    text += fmt::format("last of the curve ({}): {}", curve.substr(0, curve.find('\n')), curve.substr(last + 1));
    text += result.was_there ? "It was there before: nothing was trained.\n"
                             : fmt::format("{:.0f} seconds of training\n", result.seconds);
    return text;
  }
};

}  // namespace

void add_supernet(CLI::App& app) {
  const auto [verb, options] =
      add_command<Supernet>(app, "supernet", "Train a supernet, whose weights all networks of a space share");
  verb->add_option("--space", options->space, "Search space, a file or a name of spaces/")
      ->type_name("FILE")
      ->required();
  options->data.add(*verb);
  std::string keys;
  for (const auto& key : accuracy::supernet_recipe_keys()) keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  verb->add_option("--recipe", options->recipe, "How to train: default, or a YAML file of the recipe's keys")
      ->type_name("RECIPE")
      ->capture_default_str();
  verb->add_option("--set", options->settings, "Changes one key of the recipe; may be given again: " + keys)
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--steps", options->steps, "Short for --set steps=N")->type_name("N");
  verb->add_option("--seed", options->seed, "Seed of first weights, networks, order and augmentation")
      ->type_name("S")
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads; the file is the same bytes on one alone")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--out", options->file, "The file of the supernet; FILE.checkpoint while it is trained")
      ->type_name("FILE")
      ->required();
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise-fit supernet --space fm28 --data fashion-mnist --set most_macs=14000000 --out "
      "fm28.supernet\n"
      "The same command goes on where it was cut off.");
}

}  // namespace lanewise::fit
