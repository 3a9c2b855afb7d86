// SPDX-License-Identifier: Apache-2.0
#include "nas/space/gene_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::nas {
namespace {

std::vector<std::string> names_of(const std::vector<Gene>& genes) {
  std::vector<std::string> names;
  names.reserve(genes.size());
  for (const Gene& gene : genes) names.push_back(gene.name);
  return names;
}

void decode_change(const std::vector<Gene>& genes, const std::string& text, const std::string& part,
                   std::vector<bool>& given, Genotype& genotype) {
  const std::size_t equals = part.find('=');
  if (equals == std::string::npos) {
    throw Error(fmt::format("encoding '{}': '{}' must be GENE=VALUE", beginning_of(text), beginning_of(part)));
  }
  const std::string name = part.substr(0, equals);
  const std::string value = part.substr(equals + 1);
  const auto gene = std::find_if(genes.begin(), genes.end(), [&](const Gene& g) { return g.name == name; });
  if (gene == genes.end()) {
    throw Error(fmt::format("encoding '{}': '{}' is no gene of the space{}", beginning_of(text), beginning_of(name),
                            engine::suggestion(name, names_of(genes))));
  }
  const auto at = static_cast<std::size_t>(gene - genes.begin());
  if (given[at]) throw Error(fmt::format("encoding '{}': gene '{}' is given twice", beginning_of(text), name));
  given[at] = true;
  for (std::size_t i = 0; i < gene->values.size(); ++i) {
    if (without_blanks(gene->values[i]) != value) continue;
    genotype[at] = static_cast<int>(i);
    return;
  }
  throw Error(fmt::format("encoding '{}': gene '{}': '{}' must be one of: {}", beginning_of(text), name,
                          beginning_of(value), some_of(gene->values)));
}

}  // namespace

std::string some_of(const std::vector<std::string>& texts) {
  constexpr std::size_t kMost = 12;
  if (texts.size() <= kMost) return fmt::format("{}", fmt::join(texts, ", "));
  return fmt::format("{} … ({} in all)", fmt::join(texts.begin(), texts.begin() + kMost, ", "), texts.size());
}

std::string beginning_of(const std::string& text) {
  constexpr std::size_t kMost = 200;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

std::string without_blanks(const std::string& text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

void require_fits(const std::vector<Gene>& genes, const Genotype& genotype) {
  bool fits = genotype.size() == genes.size();
  for (std::size_t i = 0; fits && i < genes.size(); ++i) {
    fits = genotype[i] >= 0 && static_cast<std::size_t>(genotype[i]) < genes[i].values.size();
  }
  if (!fits) throw InternalError("a genotype does not fit its space");
}

std::string encode_changes(const std::vector<Gene>& genes, const Genotype& genotype, char separator,
                           const std::vector<bool>& always) {
  require_fits(genes, genotype);
  std::string text;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (genotype[i] == 0 && (always.empty() || !always[i])) continue;
    if (!text.empty()) text += separator;
    text += genes[i].name;
    text += '=';
    text += without_blanks(genes[i].values[static_cast<std::size_t>(genotype[i])]);
  }
  return text.empty() ? kUnchanged : text;
}

Genotype decode_changes(const std::vector<Gene>& genes, const std::string& text, char separator) {
  Genotype genotype(genes.size(), 0);
  if (text == kUnchanged) return genotype;
  std::vector<bool> given(genes.size(), false);
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    decode_change(genes, text, text.substr(begin, end - begin), given, genotype);
    if (end == text.size()) return genotype;
    begin = end + 1;
  }
}

}  // namespace lanewise::nas
