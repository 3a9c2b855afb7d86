// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/compress.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "accuracy/compression/setting.hpp"
#include "accuracy/network/trained_onnx.hpp"
#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/record/file.hpp"

namespace lanewise::accuracy {

namespace {

std::vector<CompressedLayer> describe_layers(const GraphModule& module, const GraphModule& before,
                                             const CompressionPlan& plan) {
  const torch::NoGradGuard no_gradients;
  std::vector<CompressedLayer> layers;
  std::set<network::TensorId> described;
  for (const network::Operator& op : module.graph().operators()) {
    if (op.weights.empty() || plan.weights.count(op.weights[0]) == 0) continue;
    if (!described.insert(op.weights[0]).second) continue;
    const WeightPlan& planned = plan.weights.at(op.weights[0]);
    const torch::Tensor now = module.whole(op.weights[0]).detach().to(torch::kCPU, torch::kFloat).flatten();
    const torch::Tensor then = before.whole(op.weights[0]).detach().to(torch::kCPU, torch::kFloat).flatten();
    CompressedLayer layer;
    layer.name = planned.layer;
    layer.form = planned.form;
    layer.precision = planned.precision;
    layer.weights = now.numel();
    layer.nonzero = now.count_nonzero().item<std::int64_t>();
    const float* numbers = now.data_ptr<float>();
    // Minus zero is zero.
    std::set<float> values(numbers, numbers + now.numel());
    layer.values = static_cast<std::int64_t>(values.size());
    const double squares = then.to(torch::kDouble).square().sum().item<double>();
    const double apart = (now - then).to(torch::kDouble).square().sum().item<double>();
    layer.change = squares > 0 ? apart / squares : 0;
    layers.push_back(std::move(layer));
  }
  return layers;
}

class Compressing {
 public:
  Compressing(const CompressionJob& job, const TrainingData& data, const Progress& progress)
      : job_(job), data_(data), progress_(progress), setting_(job, data) {}

  CompressionResult run() {
    const FoldedNetwork& folded = setting_.folded();
    const CompressionPlan plan = make_plan(folded.graph, job_.quantises, job_.prune, job_.cluster);
    result_.network = job_.graph->name();
    result_.task = to_string(data_.images.train.task);
    result_.folded = folded.folded;
    result_.left = folded.left;
    result_.rounded_activations = static_cast<std::int64_t>(plan.activations.size());
    result_.calibration_images = plan.activations.empty() ? 0 : setting_.calibration().images.size(0);
    const auto original = setting_.original();
    result_.stages.push_back(measured("before", *original, true));
    auto compression = std::make_shared<Compression>(folded.graph, plan, setting_.calibration());
    const auto module = setting_.module();
    const auto before = setting_.module();
    compression->attach(*module, setting_.compute());
    result_.layers = describe_layers(*module, *before, plan);
    result_.stages.push_back(measured("after", *module, !job_.fine_tunes));
    if (job_.fine_tunes) {
      fine_tune(plan);
    } else if (!job_.out.empty()) {
      module->to(torch::kCPU);
      write_onnx(*module, job_.out, job_.source);
    }
    if (!job_.out.empty() && job_.quantises) {
      result_.precision_file = std::filesystem::path(job_.out).replace_extension(".precisions").string();
      write_file(result_.precision_file, precision_lines(folded.graph, plan));
    }
    return result_;
  }

 private:
  CompressionStage measured(const char* name, GraphModule& module, bool tests) {
    CompressionStage stage;
    stage.name = name;
    const Dataset& validation = data_.images.validation;
    const Measured on_validation = setting_.measure(module, validation, validation.images(), progress_);
    stage.validation = on_validation.metrics;
    stage.validation_loss = on_validation.loss;
    const Dataset& test = data_.images.test;
    if (tests && test.images() > 0) stage.test = setting_.measure(module, test, test.images(), progress_).metrics;
    return stage;
  }

  void fine_tune(const CompressionPlan& plan) {
    const FoldedNetwork& folded = setting_.folded();
    TrainingJob training;
    training.name = job_.graph->name();
    training.graph = &folded.graph;
    training.file = folded.file;
    training.source = job_.source;
    training.keep_weights = true;
    training.change = std::make_shared<Compression>(folded.graph, plan, setting_.calibration());
    training.recipe = job_.recipe;
    training.seed = job_.seed;
    training.device = job_.device;
    training.threads = job_.threads;
    training.folder = job_.folder;
    result_.training = train(training, data_, progress_);
    CompressionStage stage;
    stage.name = "fine-tuned";
    stage.validation = result_.training->validation;
    stage.test = result_.training->test;
    result_.stages.push_back(std::move(stage));
    const std::string trained = job_.folder + "/network.onnx";
    const auto tuned = read_onnx(trained);
    const auto changes = result_.layers;
    describe_tuned(*tuned, plan, changes);
    if (!job_.out.empty()) write_file(job_.out, record::read_file(trained));
  }

  // The file's ids are its own: layers are found by name.
  void describe_tuned(const GraphModule& tuned, const CompressionPlan& plan,
                      const std::vector<CompressedLayer>& before) {
    CompressionPlan of_file;
    for (const network::Operator& op : tuned.graph().operators()) {
      for (const auto& [id, planned] : plan.weights) {
        if (planned.layer == op.name && !op.weights.empty()) of_file.weights[op.weights[0]] = planned;
      }
    }
    result_.layers = describe_layers(tuned, tuned, of_file);
    for (CompressedLayer& layer : result_.layers) {
      for (const CompressedLayer& old : before) {
        if (old.name == layer.name) layer.change = old.change;
      }
    }
  }

  const CompressionJob& job_;
  const TrainingData& data_;
  const Progress& progress_;
  CompressionSetting setting_;
  CompressionResult result_;
};

}  // namespace

CompressionResult compress(const CompressionJob& job, const TrainingData& data, const Progress& progress) {
  if (job.fine_tunes && job.folder.empty()) throw InternalError("fine-tuning needs a folder for its checkpoints");
  return Compressing(job, data, progress).run();
}

}  // namespace lanewise::accuracy
