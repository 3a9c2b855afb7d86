// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "accuracy/network/graph_module.hpp"
#include "accuracy/network/initialisation.hpp"
#include "accuracy/network/trained_onnx.hpp"
#include "accuracy/training/augmentation.hpp"
#include "accuracy/training/checkpoint.hpp"
#include "accuracy/training/device.hpp"
#include "accuracy/training/evaluate.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "accuracy/training/module_change.hpp"
#include "accuracy/training/optimizer.hpp"
#include "accuracy/training/schedule.hpp"
#include "accuracy/training/tensor_arrays.hpp"
#include "accuracy/training/training_record.hpp"
#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/base/random.hpp"
#include "core/record/file.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kTrainMeasured = 10000;  // images that the accuracy on training images is taken over

std::vector<Optimizer::Weight> trained_weights(const GraphModule& module) {
  std::vector<Optimizer::Weight> trained;
  for (const GraphModule::Weight& weight : module.weights()) {
    if (weight.is_statistic) continue;
    const bool is_decayed = weight.role == WeightRole::kConvolution || weight.role == WeightRole::kLinear;
    trained.push_back({weight.tensor, is_decayed});
  }
  return trained;
}

std::vector<torch::Tensor> values_of(const GraphModule& module) {
  std::vector<torch::Tensor> values;
  for (const GraphModule::Weight& weight : module.weights()) values.push_back(weight.tensor);
  return values;
}

std::vector<torch::Tensor> copies(const std::vector<torch::Tensor>& values) {
  std::vector<torch::Tensor> out;
  for (const torch::Tensor& value : values) out.push_back(value.detach().clone());
  return out;
}

void assign(const std::vector<torch::Tensor>& to, const std::vector<torch::Tensor>& from) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < to.size(); ++i) torch::Tensor(to[i]).copy_(from[i]);
}

class Training {
 public:
  Training(const TrainingJob& job, const TrainingData& data, const Progress& progress)
      : job_(job),
        data_(data),
        recipe_(job.recipe),
        progress_(progress),
        compute_(choose_compute(job.device, recipe_.precision)),
        objective_(make_objective(*job.graph, data.images.train, recipe_)),
        module_(*job.graph, module_options(job)),
        normalisation_(normalisation_of(recipe_, data.images.normalisation, data.images.train.channels)),
        began_(Clock::now()) {
    require_images();
    for (const std::string& operation : recipe_.augment) operations_.push_back(parse_augmentation(operation));
    if (!job.keep_weights) {
      initialise(module_, Initialisation::kFm28, job.seed);
      const torch::NoGradGuard no_gradients;
      objective_->initialise(*job.graph, [&](network::TensorId id) { return module_.weight(id); });
    }
    values_ = values_of(module_);
    identity_ = identity();
    module_.to(compute_.device);
    if (job.change) job.change->attach(module_, compute_);
    optimizer_ = std::make_unique<Optimizer>(trained_weights(module_), recipe_);
    if (recipe_.moving_average > 0) average_ = std::make_unique<MovingAverage>(values_, recipe_.moving_average);
    kept_ = copies(values_);
    describe();
  }

  TrainingResult run() {
    if (const auto done = finished()) return *done;
    restore();
    while (!is_over()) {
      train_epoch();
      save();
    }
    finish();
    return result_;
  }

 private:
  static GraphModuleOptions module_options(const TrainingJob& job) {
    GraphModuleOptions options;
    options.file = job.file;
    return options;
  }

  const Dataset& train() const { return data_.images.train; }
  const Dataset& validation() const { return data_.images.validation; }
  bool chooses() const { return validation().images() > 0; }
  std::string path(const char* name) const { return job_.folder + "/" + name; }

  // The network has one input, of images like these.
  void require_images() const {
    const network::Graph& graph = *job_.graph;
    if (graph.inputs().size() != 1) {
      throw Error(
          fmt::format("network '{}' has {} inputs: one of images is needed", graph.name(), graph.inputs().size()));
    }
    const network::Tensor& input = graph.tensor(graph.inputs().front());
    const std::vector<std::int64_t> needed = {train().channels, train().height, train().width};
    if (input.shape.size() != 4 || !std::equal(needed.begin(), needed.end(), input.shape.begin() + 1)) {
      throw Error(fmt::format("network '{}': input '{}' is of shape {}: the images are {} (channels x height x width)",
                              graph.name(), input.name, fmt::join(input.shape, "x"), fmt::join(needed, "x")));
    }
    steps_ = steps_per_epoch(recipe_, train().images());
  }

  Checkpoint::Texts identity() const {
    std::string weights;
    for (const Checkpoint::Array& array : to_arrays("", values_)) weights += array.bytes;
    Checkpoint::Texts texts = {{"network", job_.name},
                               {"graph", network::graph_hash(*job_.graph)},
                               {"first weights", hex_hash(weights)},
                               {"seed", std::to_string(job_.seed)}};
    for (auto& text : common_identity(data_, recipe_)) texts.push_back(std::move(text));
    if (job_.change) {
      for (auto& text : job_.change->identity()) texts.push_back(std::move(text));
    }
    return texts;
  }

  void describe() {
    result_.name = job_.name;
    result_.seed = job_.seed;
    result_.task = to_string(train().task);
    result_.parameters = network::parameters(*job_.graph);
    result_.macs = network::macs(*job_.graph);
    result_.train_images = train().images();
    result_.validation_images = validation().images();
    result_.test_images = data_.images.test.images();
    result_.device = compute_.device.is_cuda() ? "cuda" : "cpu";
    result_.precision = compute_.is_mixed ? "bf16" : "fp32";
    result_.chosen_by =
        chooses() ? fmt::format("the best {} on the {} images kept apart for validation, of all epochs{}",
                                objective_->main_metric(), validation().images(),
                                average_ ? " and of weights as they were and their moving average" : "")
                  : fmt::format("nothing: the last epoch's {}", average_ ? "moving average of weights" : "weights");
  }

  // The result of the same job where it has ended before.
  std::optional<TrainingResult> finished() const {
    if (job_.folder.empty()) return std::nullopt;
    std::error_code none;
    const std::string file = path("result.json");
    if (!fs::exists(file, none)) {
      fs::create_directories(job_.folder, none);
      if (none) throw Error(fmt::format("{}: cannot make the folder: {}", job_.folder, none.message()));
      return std::nullopt;
    }
    const KeptResult kept = parse_result(file, record::read_file(file));
    Checkpoint of_result;
    of_result.identity = kept.identity;
    require_same_job(file, of_result, identity_);
    return kept.result;
  }

  void restore() {
    std::error_code none;
    if (job_.folder.empty() || !fs::exists(path("checkpoint"), none)) return;
    const std::string file = path("checkpoint");
    const Checkpoint checkpoint = read_checkpoint(file);
    require_same_job(file, checkpoint, identity_);
    const auto text = [&](const std::string& key) {
      for (const auto& [name, value] : checkpoint.progress) {
        if (name == key) return value;
      }
      throw Error(file + ": the checkpoint is damaged: delete it to begin anew");
    };
    result_ = parse_progress(file, text("result"));
    from_arrays(file, checkpoint, "weight ", values_);
    for (const auto& [name, tensor] : optimizer_->state()) from_arrays(file, checkpoint, name + " ", {tensor});
    if (average_) from_arrays(file, checkpoint, "average ", average_->averages());
    from_arrays(file, checkpoint, "kept ", kept_);
    optimizer_->set_steps(result_.steps);
    earlier_seconds_ = result_.seconds;
  }

  void save() {
    result_.seconds = seconds();
    if (job_.folder.empty()) return;
    Checkpoint checkpoint;
    checkpoint.identity = identity_;
    checkpoint.progress = {{"result", progress_json(result_)}};
    const auto add = [&](const std::string& beginning, const std::vector<torch::Tensor>& tensors) {
      for (Checkpoint::Array& array : to_arrays(beginning, tensors)) checkpoint.arrays.push_back(std::move(array));
    };
    add("weight ", values_);
    for (const auto& [name, tensor] : optimizer_->state()) add(name + " ", {tensor});
    if (average_) add("average ", average_->averages());
    add("kept ", kept_);
    write_checkpoint(path("checkpoint"), checkpoint);
    write_file(path("curve.csv"), curve_csv(result_.curve));
  }

  double seconds() const { return earlier_seconds_ + std::chrono::duration<double>(Clock::now() - began_).count(); }

  bool is_over() {
    const std::int64_t epochs = static_cast<std::int64_t>(result_.curve.size());
    if (epochs >= recipe_.epochs) return true;
    result_.stopped_early = chooses() && recipe_.patience > 0 && epochs - result_.kept_epoch >= recipe_.patience;
    return result_.stopped_early;
  }

  void train_epoch() {
    EpochRecord record;
    record.epoch = static_cast<std::int64_t>(result_.curve.size()) + 1;
    const std::vector<std::int64_t> order = epoch_order(train().images(), job_.seed, record.epoch);
    // Operations that draw at random themselves do so from here on, whatever ran before.
    torch::manual_seed(stable_hash(fmt::format("operations {} {}", job_.seed, record.epoch)));
    module_.train();
    double sum = 0;
    for (std::int64_t step = 0; step < steps_; ++step) {
      progress_(fmt::format("training: epoch {} of {}{}", record.epoch, recipe_.epochs, remark_), result_.steps,
                recipe_.epochs * steps_);
      const auto first = order.begin() + step * recipe_.batch;
      const auto last = order.begin() + std::min((step + 1) * recipe_.batch, train().images());
      record.learning_rate = learning_rate_at(recipe_, result_.steps, recipe_.epochs * steps_);
      const double loss = train_step({first, last}, record);
      if (!std::isfinite(loss)) refuse_loss(record.epoch, step);
      sum += loss;
    }
    record.train_loss = sum / static_cast<double>(steps_);
    remark_ = fmt::format(", loss {:.4f}", record.train_loss);
    choose(record);
    result_.curve.push_back(std::move(record));
  }

  double train_step(const std::vector<std::int64_t>& images, const EpochRecord& record) {
    const Dataset batch = augmented_batch(train(), images, operations_, job_.seed, record.epoch);
    std::vector<torch::Tensor> targets = objective_->targets(batch);
    for (torch::Tensor& target : targets) target = target.to(compute_.device);
    torch::Tensor loss;
    {
      const MixedPrecision mixed(compute_);
      std::vector<torch::Tensor> outputs = module_.forward({image_tensor(batch, normalisation_).to(compute_.device)});
      for (torch::Tensor& output : outputs) output = output.to(torch::kFloat);
      loss = objective_->loss(outputs, targets);
    }
    loss.backward();
    optimizer_->step(record.learning_rate);
    optimizer_->clear_gradients();
    ++result_.steps;
    if (average_) average_->update(values_, result_.steps);
    return loss.item<double>();
  }

  [[noreturn]] void refuse_loss(std::int64_t epoch, std::int64_t step) const {
    throw Error(
        fmt::format("network '{}', seed {}: the loss of epoch {}, step {} is no number: a lower learning_rate, a "
                    "longer warm_up or a clip of gradients keeps it one",
                    job_.name, job_.seed, epoch, step + 1));
  }

  Measured measure(const Dataset& images, std::int64_t count) {
    // The bar stays that of the steps.
    const Progress quiet{{}, progress_.stopped};
    return evaluate(module_, *objective_, images, count, recipe_.batch, normalisation_, compute_, quiet);
  }

  void choose(EpochRecord& record) {
    if (!chooses()) {
      keep(record.epoch, average_ != nullptr, {});
      return;
    }
    const Measured plain = measure(validation(), validation().images());
    record.validation_loss = plain.loss;
    record.validation = plain.metrics;
    consider(record.epoch, false, plain.metrics);
    if (average_) {
      const std::vector<torch::Tensor> as_they_are = copies(values_);
      assign(values_, average_->averages());
      record.validation_average = measure(validation(), validation().images()).metrics;
      assign(values_, as_they_are);
      consider(record.epoch, true, record.validation_average);
    }
    remark_ += fmt::format(", {} {:.4f}", result_.validation.front().name, result_.validation.front().value);
  }

  void consider(std::int64_t epoch, bool of_average, const std::vector<Metric>& metrics) {
    const Metric& main = metrics.front();
    const bool is_first = result_.validation.empty();
    const double best = is_first ? 0 : result_.validation.front().value;
    if (is_first || (main.higher_is_better ? main.value > best : main.value < best)) keep(epoch, of_average, metrics);
  }

  void keep(std::int64_t epoch, bool of_average, const std::vector<Metric>& metrics) {
    result_.kept_epoch = epoch;
    result_.kept_average = of_average;
    result_.validation = metrics;
    assign(kept_, of_average ? average_->averages() : values_);
  }

  void finish() {
    const std::vector<torch::Tensor> last = copies(values_);
    assign(values_, kept_);
    result_.train_measured_images = std::min(kTrainMeasured, train().images());
    result_.train = measure(train(), result_.train_measured_images).metrics;
    if (result_.test_images > 0) result_.test = measure(data_.images.test, result_.test_images).metrics;
    result_.seconds = seconds();
    if (job_.folder.empty()) return;
    module_.to(torch::kCPU);
    export_network("network.onnx");
    if (chooses() || average_) {
      assign(values_, last);
      export_network("last.onnx");
    }
    if (average_) {
      assign(values_, average_->averages());
      export_network("average.onnx");
    }
    write_file(path("curve.csv"), curve_csv(result_.curve));
    write_file(path("result.json"), result_json(result_, identity_));
    std::error_code none;
    fs::remove(path("checkpoint"), none);
  }

  // With the weights as they are now.
  void export_network(const char* name) const { write_onnx(module_, path(name), job_.source); }

  const TrainingJob& job_;
  const TrainingData& data_;
  const Recipe& recipe_;
  const Progress& progress_;
  ComputeDevice compute_;
  std::unique_ptr<Objective> objective_;
  GraphModule module_;
  Normalisation normalisation_;
  std::vector<Augmentation> operations_;
  mutable std::int64_t steps_ = 0;  // of an epoch
  std::vector<torch::Tensor> values_, kept_;
  Checkpoint::Texts identity_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<MovingAverage> average_;
  TrainingResult result_;
  std::string remark_;
  double earlier_seconds_ = 0;
  Clock::time_point began_;
};

void add_bytes(std::string& bytes, const Dataset& part) {
  bytes += fmt::format("{} {} {} {} {}\n", to_string(part.task), part.channels, part.height, part.width,
                       fmt::join(part.classes, "\n"));
  bytes += hex_hash({reinterpret_cast<const char*>(part.pixels.data()), part.pixels.size()});
  bytes += hex_hash({reinterpret_cast<const char*>(part.masks.data()), part.masks.size()});
  bytes += hex_hash({reinterpret_cast<const char*>(part.labels.data()), part.labels.size() * sizeof(int)});
  for (const std::vector<Box>& boxes : part.boxes) {
    bytes += fmt::format("{}:", boxes.size());
    for (const Box& box : boxes) {
      bytes += fmt::format("{},{},{},{},{},{},{} ", box.left, box.top, box.right, box.bottom, box.label, box.is_crowd,
                           box.area);
    }
  }
}

}  // namespace

std::string data_identity(const LoadedDataset& data) {
  std::string bytes;
  for (const Dataset* part : {&data.train, &data.validation, &data.test}) add_bytes(bytes, *part);
  bytes += fmt::format("{} {}", fmt::join(data.normalisation.mean, ","), fmt::join(data.normalisation.deviation, ","));
  return hex_hash(bytes);
}

std::vector<std::pair<std::string, std::string>> common_identity(const TrainingData& data, const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> texts = {{"data", data.name}, {"images", data.identity}};
  for (auto& [key, value] : recipe_values(recipe)) texts.emplace_back("recipe key " + key, std::move(value));
  return texts;
}

void expect_trainable(const TrainingJob& job, const TrainingData& data) {
  TrainingJob kept_nowhere = job;
  kept_nowhere.folder.clear();
  at::set_num_threads(1);  // trainings side by side are forked from this process: it must not have threads of its own
  const Progress silent;
  const Training training(kept_nowhere, data, silent);
}

TrainingResult train(const TrainingJob& job, const TrainingData& data, const Progress& progress) {
  at::set_num_threads(job.threads);
  keep_freed_memory();
  return Training(job, data, progress).run();
}

}  // namespace lanewise::accuracy
