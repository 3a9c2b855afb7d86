// SPDX-License-Identifier: Apache-2.0
// Changes what the tables of a TensorFlow Lite file hold and leaves the tables where they are, so that most inputs get
// past the check of the structure.
#include <flatbuffers/lanewise/schema_generated.h>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

namespace schema = network::tflite::schema;

template <class Vector>
const auto* pick_table(const Vector* items, Random& random) {
  using Item = decltype(items->Get(0));
  return items == nullptr || items->size() == 0
             ? Item{nullptr}
             : items->Get(static_cast<flatbuffers::uoffset_t>(random.below(items->size())));
}

// An index or a small size far more often than an odd one.
std::int32_t small_number(Random& random) {
  if (random.chance(0.8)) return static_cast<std::int32_t>(random.between(-1, 12));
  return static_cast<std::int32_t>(odd_integer(random));
}

void change_list(const flatbuffers::Vector<std::int32_t>* list, Random& random) {
  if (list == nullptr || list->size() == 0) return;
  const auto at = static_cast<flatbuffers::uoffset_t>(random.below(list->size()));
  const_cast<flatbuffers::Vector<std::int32_t>*>(list)->Mutate(at, small_number(random));
}

// One byte of a field that the table has: codes, types, strides, masks.
void change_field(const void* table, Random& random, std::string& bytes) {
  if (table == nullptr) return;
  const auto* start = static_cast<const std::uint8_t*>(table);
  const auto* fields = start - flatbuffers::ReadScalar<flatbuffers::soffset_t>(start);
  const auto size = flatbuffers::ReadScalar<flatbuffers::voffset_t>(fields);
  constexpr std::uint64_t kHeader = 4, kEntry = 2;
  if (size <= kHeader) return;
  const std::uint64_t entry = kHeader + kEntry * random.below((size - kHeader) / kEntry);
  const auto place = flatbuffers::ReadScalar<flatbuffers::voffset_t>(fields + entry);
  if (place == 0) return;
  const auto offset = static_cast<std::size_t>(start - reinterpret_cast<const std::uint8_t*>(bytes.data())) + place;
  if (offset < bytes.size()) bytes[offset] = static_cast<char>(small_number(random));
}

void change_model(std::string& bytes, Random& random) {
  const schema::Model* model = schema::GetModel(bytes.data());
  const schema::SubGraph* graph = pick_table(model->subgraphs(), random);
  if (graph == nullptr) return;
  const schema::Tensor* tensor = pick_table(graph->tensors(), random);
  const schema::Operator* op = pick_table(graph->operators(), random);
  switch (random.below(9)) {
    case 0:
    case 1:
      if (tensor != nullptr) change_list(random.chance(0.8) ? tensor->shape() : tensor->signature(), random);
      return;
    case 2:
      return change_field(tensor, random, bytes);
    case 3:
      if (tensor != nullptr) change_field(tensor->quantization(), random, bytes);
      return;
    case 4:
      if (op != nullptr) change_list(random.chance(0.7) ? op->inputs() : op->outputs(), random);
      return;
    case 5:
      if (op != nullptr) change_field(op->options(), random, bytes);
      return;
    case 6:
      return change_field(pick_table(model->codes(), random), random, bytes);
    case 7:
      return change_list(random.chance(0.5) ? graph->inputs() : graph->outputs(), random);
    default:
      if (const schema::Buffer* buffer = pick_table(model->buffers(), random)) {
        const auto* data = buffer->data();
        if (data == nullptr || data->size() == 0) return;
        const auto at = static_cast<flatbuffers::uoffset_t>(random.below(data->size()));
        const_cast<flatbuffers::Vector<std::uint8_t>*>(data)->Mutate(at,
                                                                     static_cast<std::uint8_t>(small_number(random)));
      }
  }
}

}  // namespace

std::string mutate_tflite(const Inputs& corpus, Random& random) {
  if (random.chance(0.2)) return mutate_bytes(corpus, random);
  std::string bytes = random.pick(corpus);
  for (int i = changes(random); i > 0; --i) {
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (!schema::VerifyModelBuffer(verifier)) break;
    change_model(bytes, random);
  }
  return bytes;
}

}  // namespace lanewise::fuzz
