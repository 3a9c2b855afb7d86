// SPDX-License-Identifier: Apache-2.0
// Numbers that an ONNX file keeps in another file beside it.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

// A small constant whose bytes lie outside of the ONNX file. They are read when they are asked for first, so that a
// network whose weights are missing is still read where nothing needs them.
class ExternalConstant {
 public:
  // `tensor` (without its bytes) says type, shape and place; `network_path` is the ONNX file, in whose folder, or below
  // it, the bytes must lie.
  ExternalConstant(const onnx::TensorProto& tensor, const std::string& network_path);

  // Null where they cannot be read, which failure() then explains.
  const Constant* read();
  // "lie in 'NAME', which is missing"; empty before the first reading and after a successful one.
  const std::string& failure() const { return failure_; }

 private:
  onnx::TensorProto tensor_;
  std::string network_path_;
  bool was_read_ = false;
  std::optional<Constant> constant_;
  std::string failure_;

  // Throws Error with the text of failure().
  void load();
};

// The numbers of a tensor that lie in another file, into the tensor itself. Throws Error naming the network's file and
// the tensor.
void load_external(onnx::TensorProto& tensor, const std::string& network_path);

}  // namespace lanewise::network::importing
