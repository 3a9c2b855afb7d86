// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/setting.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "accuracy/training/augmentation.hpp"
#include "accuracy/training/image_tensor.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {

namespace {

std::shared_ptr<GraphModule> make_module(const network::Graph& graph, std::shared_ptr<const network::FileDetails> file,
                                         const ComputeDevice& compute) {
  GraphModuleOptions options;
  options.file = std::move(file);
  auto module = std::make_shared<GraphModule>(graph, options);
  module->to(compute.device);
  module->eval();
  return module;
}

// A network without its weights has no accuracy to lose.
void expect_weights(const CompressionJob& job, const GraphModule& module) {
  for (const GraphModule::Weight& weight : module.weights()) {
    const std::string& name = module.graph().tensor(weight.id).name;
    const bool has = job.file != nullptr && job.file->numbers.count(name) > 0;
    if (has) continue;
    throw Error(fmt::format("{}: has no numbers of the weight '{}': a trained network is needed",
                            job.source.empty() ? job.graph->name() : job.source, name));
  }
}

}  // namespace

CompressionSetting::CompressionSetting(const CompressionJob& job, const TrainingData& data)
    : job_(job),
      compute_(choose_compute(job.device, job.recipe.precision)),
      objective_(make_objective(*job.graph, data.images.train, job.recipe)),
      normalisation_(normalisation_of(job.recipe, data.images.normalisation, data.images.train.channels)) {
  TrainingJob trained;
  trained.name = job.graph->name();
  trained.graph = job.graph;
  trained.file = job.file;
  trained.recipe = job.recipe;
  trained.device = job.device;
  expect_trainable(trained, data);
  at::set_num_threads(job.threads);
  keep_freed_memory();
  if (data.images.validation.images() == 0) {
    throw Error("no images are kept apart for validation: --set validation=SHARE keeps some of the training images");
  }
  const auto module = original();
  expect_weights(job, *module);
  folded_ = fold_batch_norms(*module);
  const Dataset& train = data.images.train;
  std::vector<std::int64_t> drawn = epoch_order(train.images(), job.seed, 1);
  drawn.resize(static_cast<std::size_t>(std::min(job.calibration_images, train.images())));
  calibration_.images = image_tensor(subset(train, drawn), normalisation_);
  calibration_.batch = job.recipe.batch;
  calibration_.percentile = job.percentile;
  calibration_.identity = fmt::format("{} images of {}, seed {}", drawn.size(), data.identity, job.seed);
}

std::shared_ptr<GraphModule> CompressionSetting::original() const {
  return make_module(*job_.graph, job_.file, compute_);
}

std::shared_ptr<GraphModule> CompressionSetting::module() const {
  return make_module(folded_.graph, folded_.file, compute_);
}

Measured CompressionSetting::measure(GraphModule& module, const Dataset& images, std::int64_t count,
                                     const Progress& progress) const {
  return evaluate(module, *objective_, images, count, job_.recipe.batch, normalisation_, compute_, progress);
}

}  // namespace lanewise::accuracy
