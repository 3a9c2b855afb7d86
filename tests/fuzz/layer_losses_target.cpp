// SPDX-License-Identifier: Apache-2.0
// Losses of layers (advise --sensitivity), asked for every form that they have.
#include "nas/oracles/layer_losses.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_layer_losses(const std::string& path, const std::string&) {
  const nas::LayerLosses losses(path);
  for (const auto& [layer, forms] : losses.forms()) {
    for (const network::LayerNumbers& form : forms) {
      const auto loss = losses.of(layer, form);
      if (!loss) throw Nonsense("a row of the file is not found");
      require_sane("loss", *loss);
    }
  }
}

}  // namespace lanewise::fuzz
