// SPDX-License-Identifier: Apache-2.0
// lanewise-fit train
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/data/load_dataset.hpp"
#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/space_networks.hpp"
#include "accuracy/fit/training_queue.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/training/train.hpp"
#include "accuracy/training/training_folder.hpp"
#include "accuracy/training/training_record.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/network/import.hpp"
#include "core/record/file.hpp"

namespace lanewise::fit {
namespace {

using accuracy::Recipe;
using accuracy::TrainingFolder;
using accuracy::TrainingResult;

// Which of n parts of the list this run takes: "2/8".
struct Shard {
  std::size_t index = 1, count = 1;
};

std::optional<Shard> parse_shard(const std::string& text) {
  Shard shard;
  int read = 0;
  if (std::sscanf(text.c_str(), "%zu/%zu%n", &shard.index, &shard.count, &read) != 2) return std::nullopt;
  if (static_cast<std::size_t>(read) != text.size() || text.find_first_not_of("0123456789/") != std::string::npos) {
    return std::nullopt;
  }
  if (shard.index < 1 || shard.index > shard.count || shard.count > 1'000'000) return std::nullopt;
  return shard;
}

// Networks of a space by their encodings, or one of a file.
struct Networks {
  std::unique_ptr<SpaceNetworks> space;
  std::string model;               // path of the file
  std::vector<std::string> names;  // encodings as the space writes them; or the network's name

  network::Graph graph(const std::string& name) const {
    return space ? space->graph(name) : network::import_network(model);
  }
};

struct Train {
  std::string networks, space, encoding, encodings, recipe = "default", folder, device = "auto", shard;
  std::vector<std::string> settings;
  std::optional<std::int64_t> epochs;
  std::uint64_t seed = 0;
  std::int64_t seeds = 1;
  int jobs = 1, threads = 1;
  bool keep_weights = false;
  DataOptions data;
  cli::OutputOptions output;

  void run() const;
  Networks load_networks() const;
  Recipe load_recipe() const;
  std::vector<QueuedTraining> items(const Networks& all) const;
  void print(const TrainingFolder& kept, const std::vector<QueuedTraining>& wanted) const;
};

Networks Train::load_networks() const {
  Networks out;
  const bool is_table = !encodings.empty() || (!space.empty() && !networks.empty());
  if (space.empty()) {
    if (!encoding.empty() || !encodings.empty()) throw Error("--encoding and --encodings need --space FILE");
    if (networks.empty()) throw CLI::RequiredError("MODEL, or --space FILE with --encoding or --encodings");
    out.model = find_data("models", networks);
    out.names = {network::import_network(out.model).name()};
    return out;
  }
  if (keep_weights) throw Error("--keep-weights is for the network of a file: those of a space have no weights yet");
  if (is_table && !encoding.empty()) throw Error("--encoding and a table of encodings exclude each other");
  if (!encodings.empty() && !networks.empty()) throw Error("give the table of encodings once: --encodings is enough");
  if (!is_table && encoding.empty()) throw CLI::RequiredError("--encoding or --encodings");
  out.space = std::make_unique<SpaceNetworks>(space);
  const std::vector<std::string> given =
      is_table ? read_encodings(encodings.empty() ? networks : encodings) : std::vector<std::string>{encoding};
  for (const std::string& each : given) {
    std::string name = out.space->canonical(each);
    if (std::find(out.names.begin(), out.names.end(), name) == out.names.end()) out.names.push_back(std::move(name));
  }
  return out;
}

Recipe Train::load_recipe() const {
  Recipe out = accuracy::load_recipe(recipe);
  accuracy::set_recipe_keys(out, settings);
  if (epochs) accuracy::set_recipe_key(out, "epochs", std::to_string(*epochs));
  return out;
}

// One seed after the other, so that a run that is cut off has most networks at least once.
std::vector<QueuedTraining> Train::items(const Networks& all) const {
  const Shard part = shard.empty() ? Shard{} : *parse_shard(shard);
  std::vector<QueuedTraining> out;
  std::size_t number = 0;
  for (std::int64_t i = 0; i < seeds; ++i) {
    for (const std::string& name : all.names) {
      if (number++ % part.count == part.index - 1) out.push_back({name, seed + static_cast<std::uint64_t>(i)});
    }
  }
  return out;
}

accuracy::Device device_of(const std::string& name) {
  if (name == "cpu") return accuracy::Device::kCpu;
  return name == "cuda" ? accuracy::Device::kCuda : accuracy::Device::kAuto;
}

void Train::run() const {
  end_with_parent();
  output.check();
  const Recipe chosen = load_recipe();
  const Networks all = load_networks();
  const network::Graph first = all.graph(all.names.front());
  std::vector<QueuedTraining> failed;
  const std::vector<QueuedTraining> wanted = items(all);
  std::unique_ptr<TrainingFolder> kept;
  {
    cli::Terminal terminal;
    const Progress progress = terminal.progress();
    accuracy::TrainingData images;
    images.name = data.spec;
    images.images = data.load(first, chosen.validation, progress);
    images.identity = accuracy::data_identity(images.images);
    std::shared_ptr<const network::FileDetails> file;
    if (!all.space) {
      file = std::make_shared<const network::FileDetails>(network::read_file_details(first, all.model));
    }
    const auto job_of = [&](const QueuedTraining& item, const network::Graph& graph) {
      accuracy::TrainingJob job;
      job.name = item.name;
      job.graph = &graph;
      job.file = file;
      job.source = all.model;
      job.keep_weights = keep_weights;
      job.recipe = chosen;
      job.seed = item.seed;
      job.device = device_of(device);
      job.threads = threads;
      return job;
    };
    // What is wrong with the first network is mostly wrong with all: nothing is made yet, and no other job is bound to
    // these data.
    accuracy::expect_trainable(job_of({all.names.front(), seed}, first), images);
    kept = std::make_unique<TrainingFolder>(folder, accuracy::common_identity(images, chosen));
    const auto train_one = [&](const QueuedTraining& item, const Progress& of_one) {
      const accuracy::TrainingLock lock(kept->of(item.name, item.seed));
      kept->forget_failure(item.name, item.seed);
      const network::Graph graph = all.graph(item.name);
      accuracy::TrainingJob job = job_of(item, graph);
      job.folder = kept->of(item.name, item.seed);
      accuracy::train(job, images, of_one);
    };
    const auto ended = [&](const QueuedTraining& item, const std::string& failure) {
      if (!failure.empty()) {
        kept->fail(item.name, item.seed, failure);
        failed.push_back(item);
      }
      kept->write_results();
    };
    if (wanted.size() == 1) {
      train_one(wanted.front(), progress);
      kept->write_results();
    } else {
      run_queue(wanted, std::min<int>(jobs, static_cast<int>(wanted.size())), train_one, ended, progress);
    }
    kept->write_results();
  }
  if (!failed.empty()) {
    throw Error(fmt::format("{} of {} trainings failed, the first that of '{}': {} says why in its column failure",
                            failed.size(), wanted.size(), failed.front().name, kept->results_path()));
  }
  print(*kept, wanted);
}

void Train::print(const TrainingFolder& kept, const std::vector<QueuedTraining>& wanted) const {
  std::vector<TrainingResult> results;
  std::vector<std::string> folders;
  for (const QueuedTraining& item : wanted) {
    std::optional<TrainingResult> result = kept.result(item.name, item.seed);
    if (!result) throw InternalError("a training has ended without a result");
    results.push_back(std::move(*result));
    folders.push_back(kept.of(item.name, item.seed));
  }
  const auto as_json = [&] {
    nlohmann::ordered_json json = {{"results_csv", kept.results_path()}, {"networks", nlohmann::ordered_json::array()}};
    for (const std::string& each : folders) {
      nlohmann::ordered_json result = nlohmann::ordered_json::parse(record::read_file(each + "/result.json"));
      result["folder"] = each;
      json["networks"].push_back(std::move(result));
    }
    return json.dump(2) + "\n";
  };
  const auto as_csv = [&] {
    std::vector<std::vector<std::pair<std::string, std::string>>> rows;
    for (const TrainingResult& result : results) rows.push_back(accuracy::result_row(result));
    return accuracy::results_csv(rows);
  };
  output.emit(as_json, as_csv, [&] { return accuracy::results_text(results); }, {kept.results_path()});
}

std::string check_shard(const std::string& text) {
  return parse_shard(text) ? "" : "'" + text + "' is no part of a list: I/N with I from 1 to N is needed";
}

void add_network_options(CLI::App& verb, Train& options) {
  verb.add_option("NETWORKS", options.networks,
                  "Network to train, a file or a name of models/; with --space a CSV table with a column 'encoding'");
  verb.add_option("--space", options.space, "Search space, a file or a name of spaces/")->type_name("FILE");
  verb.add_option("--encoding", options.encoding, "One network of the space")->type_name("TEXT");
  verb.add_option("--encodings", options.encodings, "Networks of the space: a table with a column 'encoding'")
      ->type_name("CSV");
  verb.add_flag("--keep-weights", options.keep_weights,
                "Begin with the weights that the file of NETWORKS holds (default: first values by the seed)");
}

void add_recipe_options(CLI::App& verb, Train& options) {
  std::string recipes, keys;
  for (const auto& kind : accuracy::recipe_kinds()) recipes += (recipes.empty() ? "" : ", ") + std::string(kind.name);
  for (const auto& key : accuracy::recipe_keys()) keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  verb.add_option("--recipe", options.recipe, "How to train: " + recipes + ", or a YAML file of its keys")
      ->type_name("RECIPE")
      ->capture_default_str();
  verb.add_option("--set", options.settings, "Changes one key of the recipe; may be given again: " + keys)
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--epochs", options.epochs, "Short for --set epochs=N")->type_name("N");
}

void add_run_options(CLI::App& verb, Train& options) {
  verb.add_option("--seed", options.seed, "Seed of first weights, order and augmentation")
      ->type_name("S")
      ->capture_default_str();
  verb.add_option("--seeds", options.seeds, "Trains every network so often, with seeds S, S+1 and so on")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{100000}))
      ->capture_default_str();
  verb.add_option("--out", options.folder, "Folder of the trainings; one that is there is gone on with")
      ->type_name("FOLDER")
      ->required();
  verb.add_option("--jobs", options.jobs, "Trainings side by side, each in a process of its own")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--threads", options.threads, "Threads of each training; results are the same bytes on one alone")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--shard", options.shard, "Only the I-th of N parts of the networks; parts may share --out")
      ->type_name("I/N")
      ->check(check_shard);
  verb.add_option("--device", options.device, "auto (a GPU where libtorch sees one), cpu or cuda")
      ->type_name("D")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
}

}  // namespace

void add_train(CLI::App& app) {
  const auto [verb, options] =
      add_command<Train>(app, "train", "Train networks on labelled images and measure how good they are");
  add_network_options(*verb, *options);
  options->data.add(*verb);
  add_recipe_options(*verb, *options);
  add_run_options(*verb, *options);
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise-fit train --space fm28 --encoding B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128 "
      "--data fashion-mnist --recipe fm28 --out trained\n"
      "  lanewise-fit train encodings.csv --space fm28 --data fashion-mnist --recipe fm28 --jobs 8 --out trained\n"
      "The same command goes on where it was cut off.");
}

}  // namespace lanewise::fit
