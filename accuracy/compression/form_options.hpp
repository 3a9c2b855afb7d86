// SPDX-License-Identifier: Apache-2.0
// What becomes of the weights of each layer, as a person says it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/network/weight_form.hpp"

namespace lanewise::accuracy {

// A form that layers get: 2:4, a density, or a number of clusters.
struct LayerForm {
  std::string layer = "*";  // name of an operator; '*' stands for any text
  network::WeightForm form;
};

// Reads "[LAYER=]2:4", "[LAYER=]0.5" and "[LAYER=]dense". Throws Error naming the text and the rule.
LayerForm parse_prune(const std::string& text);
// Reads "[LAYER=]16"; 0 leaves the layer as it is. Throws Error naming the text and the rule.
LayerForm parse_cluster(const std::string& text);

// The last of the forms whose layer matches the name; a plain form where none does.
network::WeightForm form_of(const std::vector<LayerForm>& forms, const std::string& layer);

}  // namespace lanewise::accuracy
