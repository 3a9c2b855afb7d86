// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/fold.hpp"

#include <map>
#include <utility>
#include <vector>

namespace lanewise::accuracy {

namespace {

using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

class Folding {
 public:
  explicit Folding(const GraphModule& module)
      : module_(module), graph_(module.graph()), builder_(graph_.name()), details_(std::make_shared<Details>()) {
    if (module.options().file != nullptr) *details_ = *module.options().file;
  }

  FoldedNetwork run() {
    const torch::NoGradGuard no_gradients;
    FoldedNetwork out;
    for (const TensorId id : graph_.inputs()) builder_.mark_input(kept(id));
    for (const Operator& op : graph_.operators()) {
      if (op.kind == OperatorKind::kBatchNormalization) {
        if (folds_into(op) != kNone) {
          ++out.folded;
          continue;  // its convolution writes its result
        }
        ++out.left;
      }
      add(op);
    }
    for (const TensorId id : graph_.outputs()) builder_.mark_output(kept(id));
    out.graph = std::move(builder_).build();
    out.file = details_;
    return out;
  }

 private:
  using Details = network::FileDetails;

  // The convolution that takes in a normalization; kNone: none does.
  OperatorId folds_into(const Operator& normalization) const {
    const TensorId read = normalization.inputs.front();
    const OperatorId producer = graph_.producer(read);
    if (producer == kNone || graph_.consumers(read).size() != 1 || graph_.is_output(read)) return kNone;
    const Operator& op = graph_.op(producer);
    if (op.kind != OperatorKind::kConvolution || op.weights.empty()) return kNone;
    if (op.transposed && op.groups != 1) return kNone;  // outputs lie along two axes of the weight
    for (const TensorId id : op.weights) {
      // Another layer would be scaled with it, or the number of trained numbers is another than that of elements.
      const network::Tensor& weight = graph_.tensor(id);
      if (graph_.consumers(id).size() > 1 || weight.parameters() != weight.elements()) return kNone;
    }
    return producer;
  }

  // The tensor of the new graph that stands for one of the old.
  TensorId kept(TensorId old) {
    const auto known = ids_.find(old);
    if (known != ids_.end()) return known->second;
    const network::Tensor& tensor = graph_.tensor(old);
    if (tensor.role == network::TensorRole::kWeight && tensor.parameters() > 0)
      remember(tensor.name, module_.whole(old));
    for (const GraphModule::Weight& weight : module_.weights()) {
      if (weight.id == old && weight.is_statistic) remember(tensor.name, weight.tensor);
    }
    return ids_[old] = builder_.add_tensor(tensor);
  }

  void remember(const std::string& name, const torch::Tensor& value) {
    const torch::Tensor flat = value.to(torch::kCPU, torch::kFloat).contiguous(at::MemoryFormat::Contiguous);
    const float* first = flat.data_ptr<float>();
    details_->numbers[name].assign(first, first + flat.numel());
  }

  void add(Operator op) {
    const Operator* normalization = nullptr;
    if (op.kind == OperatorKind::kConvolution) {
      const std::vector<OperatorId>& readers = graph_.consumers(op.outputs.front());
      if (readers.size() == 1 && graph_.op(readers.front()).kind == OperatorKind::kBatchNormalization &&
          folds_into(graph_.op(readers.front())) != kNone) {
        normalization = &graph_.op(readers.front());
      }
    }
    const Operator old = op;
    for (TensorId& id : op.inputs) id = kept(id);
    for (TensorId& id : op.weights) id = kept(id);
    if (normalization != nullptr) {
      op.outputs = normalization->outputs;
      fold(old, *normalization, op);
    }
    for (TensorId& id : op.outputs) id = kept(id);
    builder_.add_operator(std::move(op));
  }

  void fold(const Operator& old, const Operator& normalization, Operator& op) {
    const auto number = [&](std::size_t place) {
      return module_.whole(normalization.weights[place]).detach().to(torch::kCPU, torch::kDouble);
    };
    const torch::Tensor scale = number(0) / torch::sqrt(number(3) + epsilon(normalization));
    const torch::Tensor weight = module_.whole(old.weights[0]).detach().to(torch::kCPU, torch::kDouble);
    std::vector<std::int64_t> along(static_cast<std::size_t>(weight.dim()), 1);
    along[old.transposed ? 1 : 0] = -1;
    remember(graph_.tensor(old.weights[0]).name, weight * scale.view(along));
    torch::Tensor bias = -number(2);
    if (old.weights.size() > 1) bias = bias + module_.whole(old.weights[1]).detach().to(torch::kCPU, torch::kDouble);
    bias = bias * scale + number(1);
    if (old.weights.size() > 1) {
      remember(graph_.tensor(old.weights[1]).name, bias);
      return;
    }
    network::Tensor added;
    added.name = old.name + "/folded_bias";
    added.shape = {bias.numel()};
    added.precision = graph_.tensor(old.weights[0]).precision;
    added.role = network::TensorRole::kWeight;
    remember(added.name, bias);
    op.weights.push_back(builder_.add_tensor(std::move(added)));
  }

  double epsilon(const Operator& normalization) const {
    constexpr double kUsual = 1e-5;  // ONNX's own default
    const auto found = details_->operators.find(normalization.name);
    if (found == details_->operators.end()) return kUsual;
    const auto given = found->second.numbers.find("epsilon");
    return given == found->second.numbers.end() ? kUsual : given->second;
  }

  const GraphModule& module_;
  const network::Graph& graph_;
  network::GraphBuilder builder_;
  std::shared_ptr<Details> details_;
  std::map<TensorId, TensorId> ids_;
};

}  // namespace

FoldedNetwork fold_batch_norms(const GraphModule& module) { return Folding(module).run(); }

}  // namespace lanewise::accuracy
