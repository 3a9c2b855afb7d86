// SPDX-License-Identifier: Apache-2.0
// One label per image: cross-entropy towards it, and how often it is the likeliest.
#include <fmt/format.h>

#include "accuracy/metrics/classification.hpp"
#include "accuracy/training/objective.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

// [images, classes, 1, 1] as well as [images, classes].
torch::Tensor logits_of(const std::vector<torch::Tensor>& outputs) { return outputs.front().flatten(1); }

class ClassificationEvaluation : public Evaluation {
 public:
  void add(const std::vector<torch::Tensor>& outputs, const Dataset& batch) override {
    const torch::Tensor logits = logits_of(outputs);
    const torch::Tensor chosen = logits.argmax(1).contiguous();
    const std::int64_t* first = chosen.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < chosen.numel(); ++i) predicted_.push_back(static_cast<int>(first[i]));
    labels_.insert(labels_.end(), batch.labels.begin(), batch.labels.end());
    const torch::Tensor labels = torch::tensor(std::vector<std::int64_t>(batch.labels.begin(), batch.labels.end()));
    negative_log_likelihood_ +=
        torch::nn::functional::cross_entropy(logits, labels,
                                             torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum))
            .item<double>();
  }

  std::vector<Metric> metrics() override {
    return {{"accuracy", top1_accuracy(predicted_, labels_), "share of images whose likeliest class is their label"},
            {"loss", negative_log_likelihood_ / static_cast<double>(labels_.size()),
             "mean cross-entropy in nats, without label smoothing", false}};
  }

 private:
  std::vector<int> predicted_, labels_;
  double negative_log_likelihood_ = 0;
};

class Classification : public Objective {
 public:
  explicit Classification(double label_smoothing) : label_smoothing_(label_smoothing) {}

  std::vector<torch::Tensor> targets(const Dataset& batch) const override {
    return {torch::tensor(std::vector<std::int64_t>(batch.labels.begin(), batch.labels.end()))};
  }

  torch::Tensor loss(const std::vector<torch::Tensor>& outputs,
                     const std::vector<torch::Tensor>& targets) const override {
    return torch::nn::functional::cross_entropy(
        logits_of(outputs), targets.front(),
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(label_smoothing_));
  }

  std::unique_ptr<Evaluation> evaluation() const override { return std::make_unique<ClassificationEvaluation>(); }
  std::string main_metric() const override { return "accuracy"; }

 private:
  double label_smoothing_;
};

}  // namespace

std::unique_ptr<Objective> make_classification(const network::Graph& graph, const Dataset& data, const Recipe& recipe) {
  if (graph.outputs().size() != 1) {
    throw Error(fmt::format("network '{}' has {} outputs: a classifier has one", graph.name(), graph.outputs().size()));
  }
  const network::Tensor& output = graph.tensor(graph.outputs().front());
  const std::int64_t classes = static_cast<std::int64_t>(data.classes.size());
  const std::int64_t batch = output.shape.empty() ? 1 : output.shape.front();
  if (output.shape.size() < 2 || output.elements() != batch * classes) {
    throw Error(fmt::format("network '{}': output '{}' is of shape {}: the {} classes of the data need [{}, {}]",
                            graph.name(), output.name, fmt::join(output.shape, "x"), classes, batch, classes));
  }
  return std::make_unique<Classification>(recipe.label_smoothing);
}

}  // namespace lanewise::accuracy
