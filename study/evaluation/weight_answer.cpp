// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/weight_answer.hpp"

#include "core/mapping/array_work.hpp"
#include "core/mapping/weight_storage.hpp"

namespace lanewise::study {

std::optional<WeightAnswer> weight_answer(const mapping::SubgraphShape& shape, const engine::EngineConfig& engine) {
  if (!shape.uses_array() || shape.weight_form.plain()) return std::nullopt;
  WeightAnswer answer;
  answer.form = network::to_string(shape.weight_form);
  answer.mode = mapping::to_string(mapping::array_work(shape, engine).mode);
  answer.bytes = shape.weight_bytes().count();
  answer.stored_bytes = mapping::stored_weight_bytes(shape, engine).count();
  return answer;
}

}  // namespace lanewise::study
