// SPDX-License-Identifier: Apache-2.0
// lanewise-fit compress
#include "accuracy/compression/compress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/fit/compression_text.hpp"
#include "accuracy/fit/data_options.hpp"
#include "accuracy/fit/training_queue.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/training/training_folder.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/network/import.hpp"

namespace lanewise::fit {
namespace {

using accuracy::Recipe;

struct Compress {
  std::string network, precision, recipe = "default", device = "auto", onnx;
  std::vector<std::string> prune, cluster, settings;
  std::int64_t fine_tune = 0, sensitivity_images = 1000;
  std::int64_t calibration_images = 256;
  double percentile = 99.99;
  bool sensitivity = false;
  std::uint64_t seed = 0;
  int threads = 1;
  DataOptions data;
  cli::OutputOptions output;

  void run() const;
  void check() const;
  Recipe load_recipe() const;
  network::ImportOptions precisions() const;
  accuracy::CompressionJob make_job(const std::string& path, const network::Graph& graph, const Recipe& chosen) const;
  std::string folder() const { return std::filesystem::path(onnx).replace_extension(".fine-tuning").string(); }
};

void Compress::check() const {
  output.check();
  const bool changes = !precision.empty() || !prune.empty() || !cluster.empty();
  if (sensitivity && (changes || fine_tune > 0 || !onnx.empty())) {
    throw Error(
        "--sensitivity compresses each layer by itself: it goes without --precision, --prune, --cluster, "
        "--fine-tune and --out");
  }
  if (!sensitivity && !changes) throw CLI::RequiredError("--precision, --prune, --cluster or --sensitivity");
  if (fine_tune > 0 && onnx.empty()) throw Error("--fine-tune needs --out FILE.onnx: its checkpoints lie beside it");
  if (onnx.empty()) return;
  if (std::filesystem::path(onnx).extension() != ".onnx") {
    throw Error(fmt::format("--out '{}': a file that ends in .onnx is needed", onnx));
  }
  cli::expect_writable(onnx);
}

// What the network was trained by says how images reach it; training goes on more gently.
Recipe Compress::load_recipe() const {
  constexpr double kGentler = 0.05, kClip = 1, kKeptApart = 0.1, kMovingAverage = 0.998;
  Recipe out = accuracy::load_recipe(recipe);
  out.learning_rate *= kGentler;
  out.clip = kClip;
  out.moving_average = kMovingAverage;
  if (out.validation == 0) out.validation = kKeptApart;
  if (fine_tune > 0) out.epochs = fine_tune;
  accuracy::set_recipe_keys(out, settings);
  return out;
}

// A format or pair of formats for all layers, else a file, whose other layers are int8 as lanewise takes them.
network::ImportOptions Compress::precisions() const {
  network::ImportOptions options;
  if (precision.empty()) return options;
  std::error_code none;
  const bool is_file = std::filesystem::exists(precision, none);
  if (is_file) {
    options.layers = network::read_layer_precisions(precision);
    return options;
  }
  network::PrecisionPair pair;
  try {
    pair = network::parse_precisions(precision);
  } catch (const Error& error) {
    throw Error(fmt::format("--precision: no file of that name, and {}", error.what()));
  }
  options.precision = pair.activations.value_or(Precision::kFp32);
  options.weight_precision = pair.weights.value_or(Precision::kFp32);
  return options;
}

accuracy::CompressionJob Compress::make_job(const std::string& path, const network::Graph& graph,
                                            const Recipe& chosen) const {
  accuracy::CompressionJob job;
  job.graph = &graph;
  job.file = std::make_shared<const network::FileDetails>(network::read_file_details(graph, path));
  job.source = path;
  job.quantises = !precision.empty();
  for (const std::string& text : prune) job.prune.push_back(accuracy::parse_prune(text));
  for (const std::string& text : cluster) job.cluster.push_back(accuracy::parse_cluster(text));
  job.calibration_images = calibration_images;
  job.percentile = percentile;
  job.fine_tunes = fine_tune > 0;
  job.recipe = chosen;
  job.seed = seed;
  job.device = device == "cpu"    ? accuracy::Device::kCpu
               : device == "cuda" ? accuracy::Device::kCuda
                                  : accuracy::Device::kAuto;
  job.threads = threads;
  if (job.fine_tunes) job.folder = folder();
  job.out = onnx;
  return job;
}

void Compress::run() const {
  end_with_parent();
  check();
  const Recipe chosen = load_recipe();
  const std::string path = find_data("models", network);
  const network::Graph graph = network::import_network(path, precisions());
  const accuracy::CompressionJob job = make_job(path, graph, chosen);
  std::optional<accuracy::CompressionResult> result;
  std::optional<accuracy::Sensitivity> layers;
  {
    cli::Terminal terminal;
    const Progress progress = terminal.progress();
    accuracy::TrainingData images;
    images.name = data.spec;
    images.images = data.load(graph, chosen.validation, progress);
    images.identity = accuracy::data_identity(images.images);
    if (sensitivity) {
      layers = accuracy::measure_sensitivity(job, images, sensitivity_images, progress);
    } else {
      if (job.fine_tunes) std::filesystem::create_directories(job.folder);
      const auto lock = job.fine_tunes ? std::make_unique<accuracy::TrainingLock>(job.folder) : nullptr;
      result = accuracy::compress(job, images, progress);
    }
  }
  if (layers) {
    output.emit([&] { return sensitivity_json(graph.name(), *layers); }, [&] { return sensitivity_csv(*layers); },
                [&] { return sensitivity_text(graph.name(), *layers); });
    return;
  }
  std::vector<std::string> made;
  if (!onnx.empty()) made.push_back(onnx);
  if (!result->precision_file.empty()) made.push_back(result->precision_file);
  output.emit([&] { return compression_json(job, *result); }, [&] { return compression_csv(*result); },
              [&] { return compression_text(job, *result); }, made);
}

void add_form_options(CLI::App& verb, Compress& options) {
  const auto many = [](CLI::Option* option) {
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  verb.add_option("--precision", options.precision,
                  "Rounds weights and activations: int8, int4, weights=int4,activations=int8, or a file of layers and "
                  "their precisions as --layer-precision of lanewise reads it")
      ->type_name("P|FILE");
  many(verb.add_option("--prune", options.prune,
                       "Makes the smallest weights zero: 2:4 (or any N:M), or the share that stays; of one layer as "
                       "LAYER=FORM, '*' stands for any text; may be given again, the last that matches holds")
           ->type_name("FORM"));
  many(verb.add_option("--cluster", options.cluster,
                       "Lets each layer's weights share so many values; of one layer as LAYER=K; may be given again")
           ->type_name("K"));
  verb.add_option("--fine-tune", options.fine_tune, "Trains the compressed network for so many epochs")
      ->type_name("EPOCHS")
      ->check(CLI::Range(1, 1'000'000));
  verb.add_option("--calibration-images", options.calibration_images,
                  "Training images on which the ends of activations are found")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  verb.add_option("--percentile", options.percentile,
                  "Share of a batch's activations inside their ends, in percent; 100: least and largest")
      ->type_name("P")
      ->check(CLI::Range(90.0, 100.0))
      ->capture_default_str();
  verb.add_flag("--sensitivity", options.sensitivity,
                "In place of that: the loss with each layer alone as int8, int4, 2:4, 0.5 and 16 clusters");
  verb.add_option("--sensitivity-images", options.sensitivity_images,
                  "Images of the validation split that this is measured on")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

void add_run_options(CLI::App& verb, Compress& options) {
  verb.add_option("--recipe", options.recipe,
                  "What the network was trained by, a name or a YAML file: how images reach it; fine-tuning takes its "
                  "learning rate times 0.05")
      ->type_name("RECIPE")
      ->capture_default_str();
  verb.add_option("--set", options.settings, "Changes one key of the recipe; may be given again")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--seed", options.seed, "Seed of calibration images, order and augmentation")
      ->type_name("S")
      ->capture_default_str();
  verb.add_option("--threads", options.threads, "Threads; results are the same bytes on one alone")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--device", options.device, "auto (a GPU where libtorch sees one), cpu or cuda")
      ->type_name("D")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str();
  verb.add_option(
          "--out", options.onnx,
          "The compressed network; its precisions go beside it, as .precisions, and checkpoints of fine-tuning, "
          "as .fine-tuning")
      ->type_name("FILE.onnx");
}

}  // namespace

void add_compress(CLI::App& app) {
  const auto [verb, options] =
      add_command<Compress>(app, "compress", "Round, prune or cluster a trained network and measure what that costs");
  verb->add_option("NETWORK", options->network, "Trained network, a file with its weights")->required();
  options->data.add(*verb);
  add_form_options(*verb, *options);
  add_run_options(*verb, *options);
  options->output.add(*verb, true, false);
  verb->footer(
      "Example:\n  lanewise-fit compress trained/networks/NAME/network.onnx --data fashion-mnist --recipe fm28 "
      "--precision int8 --prune 2:4 --fine-tune 2 --out small.onnx\n"
      "  lanewise-fit compress network.onnx --data photos/ --sensitivity --csv\n"
      "The same command goes on where fine-tuning was cut off.");
}

}  // namespace lanewise::fit
