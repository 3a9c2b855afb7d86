// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/tensor_arrays.hpp"

#include <cstring>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

Checkpoint::Type type_of(const torch::Tensor& tensor) {
  if (tensor.scalar_type() == torch::kFloat) return Checkpoint::Type::kFloat;
  if (tensor.scalar_type() == torch::kDouble) return Checkpoint::Type::kDouble;
  if (tensor.scalar_type() == torch::kLong) return Checkpoint::Type::kInteger;
  throw InternalError("a tensor of a type that no checkpoint holds");
}

}  // namespace

std::vector<Checkpoint::Array> to_arrays(const std::string& beginning, const std::vector<torch::Tensor>& tensors) {
  std::vector<Checkpoint::Array> arrays;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const torch::Tensor values = tensors[i].detach().to(torch::kCPU).contiguous();
    arrays.push_back({beginning + std::to_string(i), type_of(values), values.sizes().vec(),
                      std::string(static_cast<const char*>(values.data_ptr()), values.nbytes())});
  }
  return arrays;
}

void from_arrays(const std::string& path, const Checkpoint& checkpoint, const std::string& beginning,
                 const std::vector<torch::Tensor>& tensors) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Checkpoint::Array* array = checkpoint.find(beginning + std::to_string(i));
    if (array == nullptr || array->type != type_of(tensors[i]) || array->shape != tensors[i].sizes().vec()) {
      throw Error(path + ": the checkpoint is damaged: delete it to begin anew");
    }
    torch::Tensor values = torch::empty(tensors[i].sizes(), tensors[i].scalar_type());
    std::memcpy(values.data_ptr(), array->bytes.data(), array->bytes.size());
    torch::Tensor(tensors[i]).copy_(values);
  }
}

}  // namespace lanewise::accuracy
