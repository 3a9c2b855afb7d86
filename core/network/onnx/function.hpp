// SPDX-License-Identifier: Apache-2.0
// Model-local functions: operators whose body the file gives.
#pragma once

#include <onnx/onnx_pb.h>

#include <set>
#include <string>

namespace lanewise::network::importing {

// Whether the node calls this function: the same domain, type and overload.
bool is_call_of(const onnx::NodeProto& node, const onnx::FunctionProto& function);

// The version of the default operator set that the body uses; `otherwise` where the function imports none.
int opset_of(const onnx::FunctionProto& function, int otherwise);

// A node of the body as one call has it: attributes that refer to the call's take their values, or the function's
// default, or are left out where there is neither; inputs in `absent` (names of the function's inputs that the call
// leaves out) are left out too.
onnx::NodeProto instantiate(const onnx::NodeProto& node, const onnx::NodeProto& call,
                            const onnx::FunctionProto& function, const std::set<std::string>& absent);

}  // namespace lanewise::network::importing
