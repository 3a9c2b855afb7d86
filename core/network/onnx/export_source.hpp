// SPDX-License-Identifier: Apache-2.0
// The file that a graph came from, for what the graph does not keep: numbers of weights, and attributes that change no
// cost.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "core/network/onnx/network.hpp"

namespace lanewise::network::exporting {

class Source {
 public:
  // Throws Error as importing the file does.
  Source(const std::string& path, const ImportOptions& read_as);

  int opset() const { return opset_; }
  // FLOAT, FLOAT16, DOUBLE or BFLOAT16: that of most trained numbers.
  int real_type() const { return real_type_; }
  // The element type of a graph input; nothing where the file has no such input.
  std::optional<int> input_type(const std::string& name) const;
  // The node of the file's graph that writes the tensor; null where none does.
  const onnx::NodeProto* maker(const std::string& tensor) const;
  bool is_constant(const std::string& tensor) const;
  // The numbers of a small constant; null where they are not known.
  const importing::Constant* numbers(const std::string& tensor) const;

  // The element types of the outputs of the node that writes the tensor, given those of its inputs; 0 where not known.
  std::vector<int> output_types(const std::string& tensor, const std::vector<int>& input_types) const;

  // How a weight can be had again: the stored tensors and the nodes that make it from them.
  struct Kept {
    std::vector<onnx::TensorProto> stored;      // with their numbers, each handed out once
    std::set<std::string> in_text;              // those of them that stand in the graph's text: nodes of type Constant
    std::vector<onnx::ValueInfoProto> inputs;   // that stand for numbers which the file does not have either
    std::vector<const onnx::NodeProto*> nodes;  // in topological order
    std::string name;                           // the tensor that they give
    importing::Shape shape;                     // and its shape
    int type = 0;                               // and its element type
    bool turned = false;                        // a matrix stored [inputs, outputs]
    std::string scale, zero_point;              // of quantised numbers that nothing has dequantised yet; "" where none
    std::optional<std::int64_t> axis;           // along which there is one scale for each index
  };
  // Nothing where the weight changed since, or cannot be made from constants alone.
  std::optional<Kept> keep(const Tensor& weight, bool is_matrix);

  // The operators that the file was read as, patterns recognised.
  const importing::Network& canonical() const { return *canonical_; }
  const importing::Shape* shape_of(const std::string& tensor) const;  // null where it is not known
  // Whether most numbers are left out of the file, and those that it has were made up.
  bool is_stripped() const { return stripped_; }

 private:
  std::string path_;
  onnx::ModelProto model_;
  int opset_ = 0;
  int real_type_ = onnx::TensorProto::FLOAT;
  std::optional<importing::Network> network_, canonical_;
  bool stripped_ = false;
  std::map<std::string, importing::ValueId> values_;        // by name, the first
  std::map<std::string, onnx::TensorProto*> initializers_;  // by name; also constants in the graph's text
  std::map<std::string, const onnx::ValueInfoProto*> inputs_;
  std::map<std::string, const onnx::NodeProto*> makers_;
  std::multimap<std::string, std::pair<const onnx::NodeProto*, int>> readers_;     // node and position
  std::multimap<std::string, std::pair<importing::Shape, std::int64_t>> weights_;  // of the graph: shape, trained
  std::set<std::string> handed_out_;

  void find_real_type();
  // Sizes and indices that nodes compute from constants, once computed; null for everything else.
  const importing::Constant* folded(const std::string& tensor) const;
  // Whether the tensor is made from stored tensors alone; collects what makes it.
  bool collect(const std::string& tensor, std::set<std::string>& seen, Kept& kept, int depth);
  void hand_out(const std::string& tensor, Kept& kept);
  int type_of(const std::string& tensor, int depth) const;
  std::optional<bool> is_turned(const std::string& tensor) const;
  void find_scale(const std::string& tensor, Kept& kept);
};

}  // namespace lanewise::network::exporting
