// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/supernet_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "accuracy/supernet/drawn_networks.hpp"
#include "accuracy/supernet/shared_optimizer.hpp"
#include "accuracy/supernet/shared_weights.hpp"
#include "accuracy/training/augmentation.hpp"
#include "accuracy/training/device.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "accuracy/training/objective.hpp"
#include "accuracy/training/schedule.hpp"
#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/output_file.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kCurvePoints = 100;  // rows of the curve, at most

bool exists(const std::string& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// Sums over the steps of a row of the curve. Exact text, so that a training that goes on adds to the same numbers.
struct Window {
  double loss[3] = {0, 0, 0};  // of the largest, the smallest, those drawn
  std::int64_t count[3] = {0, 0, 0};

  void add(int kind, double value) {
    loss[kind] += value;
    ++count[kind];
  }
  std::string cell(int kind) const {
    return count[kind] == 0 ? "" : fmt::format("{:.6f}", loss[kind] / static_cast<double>(count[kind]));
  }
};

class SupernetTraining {
 public:
  SupernetTraining(const SupernetJob& job, const TrainingData& data, const Progress& progress, StepSource* source)
      : job_(job),
        data_(data),
        recipe_(job.recipe),
        progress_(progress),
        source_(source),
        space_(job.space_path, job.space, recipe_.apart),
        drawn_(space_, recipe_, job.seed),
        weights_(space_, job.seed),
        optimizer_(weights_, recipe_.training),
        normalisation_(normalisation_of(recipe_.training, data.images.normalisation, train().channels)),
        began_(Clock::now()) {
    for (const std::string& operation : recipe_.training.augment) operations_.push_back(parse_augmentation(operation));
    steps_per_epoch_ = steps_per_epoch(recipe_.training, train().images());
    file_.space = job.space;
    file_.recipe = recipe_;
    file_.data = data.name;
    file_.images = data.identity;
    file_.seed = job.seed;
    file_.curve = "step,learning_rate,loss_largest,loss_smallest,loss_drawn";
    if (source_ != nullptr) {
      file_.architecture = source_->identity();
      file_.curve += source_->columns();
    }
    file_.curve += "\n";
  }

  SupernetResult run() {
    if (exists(job_.file)) return was_there();
    restore();
    const std::int64_t window = std::max<std::int64_t>(1, recipe_.steps / kCurvePoints);
    while (file_.steps < recipe_.steps) {
      progress_(fmt::format("training the supernet{}", remark_), file_.steps, recipe_.steps);
      const double rate = step();
      ++file_.steps;
      if (file_.steps % window == 0 || file_.steps == recipe_.steps) end_window(rate);
      if (file_.steps % recipe_.checkpoint == 0 && file_.steps < recipe_.steps) save();
    }
    file_.weights = weights_.arrays();
    write_file(job_.file, supernet_bytes(file_, source_state()));
    std::error_code none;
    fs::remove(checkpoint_path(), none);
    return result();
  }

 private:
  const Dataset& train() const { return data_.images.train; }
  std::string checkpoint_path() const { return job_.file + ".checkpoint"; }
  double seconds() const { return earlier_seconds_ + std::chrono::duration<double>(Clock::now() - began_).count(); }

  SupernetResult result() {
    SupernetResult out;
    out.places = static_cast<std::int64_t>(weights_.tensors().size());
    for (const auto& [place, tensor] : weights_.tensors()) out.shared_parameters += tensor.numel();
    out.images = train().images();
    out.held_out = data_.images.validation.images();
    out.seconds = seconds();
    out.state = source_state();
    file_.weights.clear();
    out.file = std::move(file_);
    return out;
  }

  SupernetResult was_there() {
    const std::string bytes = read_input(job_.file, Bytes{std::int64_t{1} << 34}, "a supernet");
    SupernetFile there = parse_supernet(job_.file, bytes);
    const Checkpoint checkpoint = parse_checkpoint(job_.file, bytes);
    require_same_job(job_.file, checkpoint, supernet_identity(file_));
    if (source_ != nullptr && !source_->load(checkpoint.progress)) refuse(job_.file);
    weights_.load(job_.file, there.weights);
    file_ = std::move(there);
    SupernetResult out = result();
    out.seconds = 0;
    out.was_there = true;
    return out;
  }

  void restore() {
    const std::string path = checkpoint_path();
    if (!exists(path)) return;
    const std::string bytes = read_input(path, Bytes{std::int64_t{1} << 34}, "a checkpoint");
    const Checkpoint checkpoint = parse_checkpoint(path, bytes);
    require_same_job(path, checkpoint, supernet_identity(file_));
    SupernetFile there = parse_supernet(path, bytes);
    weights_.load(path, there.weights);
    there.weights.clear();
    for (const Checkpoint::Array& array : checkpoint.arrays) {
      torch::Tensor values = torch::empty(array.shape, torch::kFloat);
      if (array.type != Checkpoint::Type::kFloat) refuse(path);
      std::memcpy(values.data_ptr(), array.bytes.data(), array.bytes.size());
      if (!optimizer_.load(array.name, values)) refuse(path);
    }
    bool found = false;
    for (const auto& [key, value] : checkpoint.progress) {
      if (key == "seconds") earlier_seconds_ = std::strtod(value.c_str(), nullptr);
      if (key == "window") found = read_window(value);
    }
    if (source_ != nullptr && !source_->load(checkpoint.progress)) refuse(path);
    if (!found || there.steps > recipe_.steps) refuse(path);
    file_ = std::move(there);
  }

  [[noreturn]] static void refuse(const std::string& path) {
    throw Error(path + ": the checkpoint is damaged: delete it to begin anew");
  }

  bool read_window(const std::string& text) {
    long counts[3] = {};
    const int read = std::sscanf(text.c_str(), "%la %la %la %ld %ld %ld", &window_.loss[0], &window_.loss[1],
                                 &window_.loss[2], &counts[0], &counts[1], &counts[2]);
    std::copy(std::begin(counts), std::end(counts), std::begin(window_.count));
    return read == 6;
  }

  void save() {
    file_.weights = weights_.arrays();
    std::vector<Checkpoint::Array> state;
    for (const auto& [name, tensor] : optimizer_.state()) {
      state.push_back({name, Checkpoint::Type::kFloat, tensor.sizes().vec(),
                       std::string(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes())});
    }
    char window[200];
    std::snprintf(window, sizeof window, "%a %a %a %ld %ld %ld", window_.loss[0], window_.loss[1], window_.loss[2],
                  static_cast<long>(window_.count[0]), static_cast<long>(window_.count[1]),
                  static_cast<long>(window_.count[2]));
    Checkpoint::Texts more = {{"seconds", fmt::format("{:.3f}", seconds())}, {"window", window}};
    for (auto& text : source_state()) more.push_back(std::move(text));
    write_file(checkpoint_path(), supernet_bytes(file_, more, state));
    file_.weights.clear();
  }

  void end_window(double rate) {
    file_.curve +=
        fmt::format("{},{:.6g},{},{},{}", file_.steps, rate, window_.cell(0), window_.cell(1), window_.cell(2));
    if (source_ != nullptr) file_.curve += source_->cells();
    file_.curve += "\n";
    remark_ = ": loss " + window_.cell(window_.count[2] > 0 ? 2 : 0);
    window_ = {};
  }

  // Returns its rate.
  double step() {
    const std::int64_t t = file_.steps, epoch = t / steps_per_epoch_ + 1, within = t % steps_per_epoch_;
    if (epoch != epoch_) {
      order_ = epoch_order(train().images(), job_.seed, epoch);
      epoch_ = epoch;
    }
    const std::int64_t batch = recipe_.training.batch;
    const auto first = order_.begin() + within * batch;
    const auto last = order_.begin() + std::min((within + 1) * batch, train().images());
    const Dataset images = augmented_batch(train(), {first, last}, operations_, job_.seed, epoch);
    const torch::Tensor input = image_tensor(images, normalisation_);
    const StepNetworks networks = source_ == nullptr ? drawn_.step(t) : source_->step(t);
    torch::Tensor taught;
    for (std::size_t i = 0; i < networks.genotypes.size(); ++i) {
      const int kind = networks.has_ends && i < 2 ? static_cast<int>(i) : 2;
      const SharedNetwork network = weights_.network(networks.genotypes[i]);
      network.module->train();
      std::unique_ptr<Objective> objective = make_objective(network.module->graph(), train(), recipe_.training);
      const std::vector<torch::Tensor> outputs = network.module->forward({input});
      torch::Tensor loss = objective->loss(outputs, objective->targets(images));
      window_.add(kind, loss.item<double>());
      if (!std::isfinite(loss.item<double>())) refuse_loss(networks.genotypes[i]);
      const bool teaches = networks.has_ends && i == 0 && recipe_.distill > 0 && train().task == Task::kClassification;
      if (taught.defined()) {
        const torch::Tensor own = at::log_softmax(outputs.front().flatten(1), 1);
        loss = loss * (1 - recipe_.distill) - recipe_.distill * (taught * own).sum(1).mean();
      }
      if (teaches) taught = at::softmax(outputs.front().detach().flatten(1), 1);
      loss.backward();
      optimizer_.collect(network);
    }
    const double rate = learning_rate_at(recipe_.training, t, recipe_.steps);
    optimizer_.step(rate, static_cast<std::int64_t>(networks.genotypes.size()));
    if (source_ != nullptr) {
      source_->after(t, networks, [&](const nas::Genotype& genotype) { return held_out_loss(genotype, t); });
    }
    return rate;
  }

  // On a batch of held-out images, the same for all networks of a step, with statistics of that batch.
  double held_out_loss(const nas::Genotype& genotype, std::int64_t t) {
    const Dataset& held_out = data_.images.validation;
    if (held_out.images() == 0) {
      throw Error(
          "recipe key 'validation': no image is held out of training (it is 0, and the data have none for "
          "validation): there is nothing to judge networks on");
    }
    if (judged_at_ != t) {
      const std::int64_t batch = std::min(recipe_.training.batch, held_out.images()),
                         batches = held_out.images() / batch;
      const std::int64_t round = t / batches + 1, within = t % batches;
      const std::vector<std::int64_t> order = epoch_order(held_out.images(), job_.seed, round);
      const auto first = order.begin() + within * batch;
      judged_on_ = subset(held_out, {first, first + batch});
      judged_at_ = t;
    }
    const torch::NoGradGuard no_gradients;
    const SharedNetwork network = weights_.network(genotype);
    network.module->train();
    const std::unique_ptr<Objective> objective = make_objective(network.module->graph(), train(), recipe_.training);
    const auto outputs = network.module->forward({image_tensor(judged_on_, normalisation_)});
    return objective->loss(outputs, objective->targets(judged_on_)).item<double>();
  }

  Checkpoint::Texts source_state() const { return source_ == nullptr ? Checkpoint::Texts{} : source_->state(); }

  [[noreturn]] void refuse_loss(const nas::Genotype& genotype) const {
    throw Error(
        fmt::format("supernet of '{}', seed {}: the loss of step {}, network '{}', is no number: a lower "
                    "learning_rate, a longer warm_up or a smaller clip keeps it one",
                    space_.name(), job_.seed, file_.steps + 1, space_.encode(genotype)));
  }

  const SupernetJob& job_;
  const TrainingData& data_;
  const SupernetRecipe& recipe_;
  const Progress& progress_;
  StepSource* source_;
  SupernetSpace space_;
  DrawnNetworks drawn_;
  SharedWeights weights_;
  SharedOptimizer optimizer_;
  Normalisation normalisation_;
  std::vector<Augmentation> operations_;
  std::int64_t steps_per_epoch_ = 0, epoch_ = 0;
  std::vector<std::int64_t> order_;
  SupernetFile file_;
  Dataset judged_on_;
  std::int64_t judged_at_ = -1;  // step of which they are
  Window window_;
  std::string remark_;
  double earlier_seconds_ = 0;
  Clock::time_point began_;
};

}  // namespace

network::Graph supernet_example(const SupernetJob& job) {
  const SupernetSpace space(job.space_path, job.space, job.recipe.apart);
  return space.graph(nas::Genotype(space.genes().size(), 0));
}

SupernetResult train_supernet(const SupernetJob& job, const TrainingData& data, const Progress& progress,
                              StepSource* source) {
  at::set_num_threads(job.threads);
  keep_freed_memory();
  return SupernetTraining(job, data, progress, source).run();
}

}  // namespace lanewise::accuracy
