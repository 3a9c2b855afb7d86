// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/inheritance.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

#include "accuracy/network/trained_onnx.hpp"
#include "accuracy/supernet/recalibration.hpp"
#include "accuracy/supernet/shared_weights.hpp"
#include "accuracy/training/augmentation.hpp"
#include "accuracy/training/device.hpp"
#include "accuracy/training/evaluate.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "accuracy/training/objective.hpp"
#include "accuracy/training/optimizer.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"

namespace lanewise::accuracy {
namespace {

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

struct Inheritance::State {
  State(const std::string& path, const SupernetFile& file, const TrainingData& data, const InheritSettings& settings)
      : recipe_(file.recipe),
        seed_(file.seed),
        data_(data),
        settings_(settings),
        space_(path, file.space, file.recipe.apart),
        weights_(space_, file.seed),
        normalisation_(normalisation_of(recipe_.training, data.images.normalisation, data.images.train.channels)) {
    if (data.identity != file.images) {
      throw Error(
          fmt::format("{}: the supernet was trained on '{}', whose images or split are others than those of "
                      "'{}' as read here",
                      path, file.data, data.name));
    }
    if (data.images.validation.images() == 0) {
      throw Error(
          fmt::format("{}: no image was held out of its training (recipe key validation is 0, and the data "
                      "have none for validation): there is nothing to measure on",
                      path));
    }
    weights_.load(path, file.weights);
    const Dataset& held_out = data.images.validation;
    held_out_ = subset(held_out, spread_over(held_out.images(), settings.held_out));
    for (const std::string& operation : recipe_.training.augment) operations_.push_back(parse_augmentation(operation));
    // The order of an epoch is one at random, and the same for every network.
    std::vector<std::int64_t> order = epoch_order(data.images.train.images(), seed_, 1);
    order.resize(std::min(order.size(), static_cast<std::size_t>(settings.recalibration)));
    recalibrated_on_ = subset(data.images.train, order);
  }

  Inherited one(const nas::Genotype& genotype) {
    at::set_num_threads(1);
    const double began = thread_seconds();
    Inherited out;
    out.encoding = space_.encode(genotype);
    const SharedNetwork network = weights_.network(genotype);
    GraphModule& module = *network.module;
    const auto objective = make_objective(module.graph(), data_.images.train, recipe_.training);
    if (settings_.tune_steps > 0) tune(network, *objective);
    out.tune_seconds = thread_seconds() - began;
    out.statistics = recalibrate(module, recalibrated_on_, settings_.batch, normalisation_);
    const Measured measured = evaluate(module, *objective, held_out_, held_out_.images(), settings_.batch,
                                       normalisation_, ComputeDevice{}, Progress{});
    out.metrics = measured.metrics;
    if (!settings_.onnx.empty()) write_onnx(module, settings_.onnx);
    out.seconds = thread_seconds() - began;
    return out;
  }

  void tune(const SharedNetwork& network, const Objective& objective) {
    Recipe recipe = recipe_.training;
    recipe.optimizer = Recipe::Optimizer::kSgd;
    std::vector<Optimizer::Weight> trained;
    for (const SharedNetwork::Weight& weight : network.weights) trained.push_back({weight.tensor, weight.is_decayed});
    Optimizer optimizer(trained, recipe);
    const Dataset& train = data_.images.train;
    const std::int64_t batch = std::min(recipe.batch, train.images()), per_epoch = train.images() / batch;
    network.module->train();
    std::vector<std::int64_t> order;
    for (std::int64_t t = 0; t < settings_.tune_steps; ++t) {
      // Epochs that the supernet's training did not have, so that images are changed in ways of their own.
      const std::int64_t epoch = 1'000'000 + t / per_epoch, within = t % per_epoch;
      if (within == 0) order = epoch_order(train.images(), seed_, epoch);
      const auto first = order.begin() + within * batch;
      const Dataset images = augmented_batch(train, {first, first + batch}, operations_, seed_, epoch);
      const auto outputs = network.module->forward({image_tensor(images, normalisation_)});
      objective.loss(outputs, objective.targets(images)).backward();
      const double left = static_cast<double>(settings_.tune_steps - t) / static_cast<double>(settings_.tune_steps);
      optimizer.step(settings_.tune_rate * left);
      optimizer.clear_gradients();
    }
  }

  const SupernetRecipe& recipe_;
  std::uint64_t seed_;
  const TrainingData& data_;
  const InheritSettings& settings_;
  SupernetSpace space_;
  SharedWeights weights_;
  Normalisation normalisation_;
  std::vector<Augmentation> operations_;
  Dataset held_out_, recalibrated_on_;
};

Inheritance::Inheritance(const std::string& path, const SupernetFile& file, const TrainingData& data,
                         const InheritSettings& settings)
    : state_(std::make_unique<State>(path, file, data, settings)) {}
Inheritance::~Inheritance() = default;
const SupernetSpace& Inheritance::space() const { return state_->space_; }
std::int64_t Inheritance::held_out() const { return state_->held_out_.images(); }
std::int64_t Inheritance::recalibration() const { return state_->recalibrated_on_.images(); }
Inherited Inheritance::one(const nas::Genotype& genotype) { return state_->one(genotype); }

std::vector<std::int64_t> spread_over(std::int64_t all, std::int64_t count) {
  if (count <= 0 || count > all) count = all;
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(i * all / count);
  return out;
}

InheritedNetworks inherit(const std::string& path, const SupernetFile& file, const std::vector<std::string>& encodings,
                          const TrainingData& data, const InheritSettings& settings, const Progress& progress) {
  at::set_num_threads(1);
  keep_freed_memory();
  Inheritance inheritance(path, file, data, settings);
  std::vector<nas::Genotype> genotypes;
  for (const std::string& encoding : encodings) genotypes.push_back(inheritance.space().decode(encoding));
  InheritedNetworks out;
  out.recalibration = inheritance.recalibration();
  out.held_out = inheritance.held_out();
  out.networks.resize(encodings.size());
  parallel_for(
      encodings.size(), settings.jobs, [&](std::size_t i) { out.networks[i] = inheritance.one(genotypes[i]); },
      [&](std::size_t done) {
        progress("measuring", static_cast<std::int64_t>(done), static_cast<std::int64_t>(encodings.size()));
      });
  return out;
}

}  // namespace lanewise::accuracy
