// SPDX-License-Identifier: Apache-2.0
// Encodings by a template: "{P}-{activation}-s{stem.channels}", literals with placeholders between.
#pragma once

#include <string>
#include <vector>

#include "nas/space/block_settings.hpp"

namespace lanewise::nas {

// A literal or, with `is_name`, what stands between braces.
struct TemplatePart {
  std::string text;
  bool is_name = false;
};
// Throws Error for a brace without its other, an empty placeholder, and characters that an encoding must not hold.
std::vector<TemplatePart> template_parts(const std::string& text);

// Throws Error where some text would have two readings, or where a gene is never written: each placeholder's values
// must either begin differently or end where a literal begins whose first character no value has; what decides between
// the values of a placeholder must be written before it.
void require_readable(const std::vector<SpaceGene>& genes, const std::vector<EncodingPiece>& pieces);

// The text of a genotype. `stages` says which stages are there.
std::string write_encoding(const BlockSettings& settings, const Genotype& canonical);
// The genotype of a text; genes that it does not hold have their default. Throws Error naming the text, the part that
// is wrong and the rule.
Genotype read_encoding(const BlockSettings& settings, const std::string& text);

}  // namespace lanewise::nas
