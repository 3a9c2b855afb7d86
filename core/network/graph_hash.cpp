// SPDX-License-Identifier: Apache-2.0
// What identifies a graph. Kept apart from the JSON that people see, so that a field added there changes no identity.
#include <string>

#include "core/base/random.hpp"
#include "core/network/graph.hpp"

namespace lanewise::network {
namespace {

// Every part is written with its length or a separator, so that no two graphs give the same text.
class Text {
 public:
  void add(const std::string& text) { text_ += std::to_string(text.size()) + ':' + text; }
  void add(std::int64_t value) { text_ += std::to_string(value) + ' '; }
  template <class Numbers>
  void add_all(const Numbers& numbers) {
    add(static_cast<std::int64_t>(numbers.size()));
    for (const auto number : numbers) add(static_cast<std::int64_t>(number));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add(const Tensor& tensor, Text& text) {
  text.add(tensor.name);
  text.add_all(tensor.shape);
  text.add(std::string(to_string(tensor.precision)));
  text.add(static_cast<std::int64_t>(tensor.role));
  text.add(tensor.trained ? *tensor.trained : -1);
  // Absent where there is nothing to say, so that other graphs keep their hashes.
  if (!tensor.form.plain()) text.add(form_text(tensor.form));
}

void add(const Operator& op, Text& text) {
  text.add(op.name);
  text.add(std::string(to_string(op.kind)));
  text.add(op.source_type);
  text.add_all(op.inputs);
  text.add_all(op.weights);
  text.add_all(op.outputs);
  for (const auto* pair :
       {op.window.kernel, op.window.stride, op.window.dilation, op.window.pad_begin, op.window.pad_end}) {
    text.add(pair[0]);
    text.add(pair[1]);
  }
  text.add(op.groups);
  text.add(static_cast<std::int64_t>(op.transposed));
  text.add(std::string(to_string(op.activation)));
  text.add(std::string(to_string(op.elementwise)));
  text.add_all(op.axes);
  text.add_all(op.offsets);
  text.add_all(op.steps);
}

}  // namespace

std::string graph_hash(const Graph& graph) {
  Text text;
  text.add(static_cast<std::int64_t>(graph.tensors().size()));
  for (const Tensor& tensor : graph.tensors()) add(tensor, text);
  for (const Operator& op : graph.operators()) add(op, text);
  text.add_all(graph.inputs());
  text.add_all(graph.outputs());
  return hex_hash(text.text());
}

}  // namespace lanewise::network
