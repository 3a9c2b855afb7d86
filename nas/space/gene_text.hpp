// SPDX-License-Identifier: Apache-2.0
// Genotypes as text: what a genotype changes, "NAME=VALUE" for each gene that is not at its default.
#pragma once

#include <string>
#include <vector>

#include "nas/space/gene.hpp"

namespace lanewise::nas {

// The encoding of a genotype that changes nothing.
inline constexpr const char* kUnchanged = "default";
// Stands before each change of the engine in the encoding of a design.
inline constexpr char kEngineMark = '@';

// "NAME=VALUE" of the genes that are not at their default, in gene order, with `separator` between; kUnchanged where
// all are. Blanks of values are left out, as in "8KiB". Names and values must hold neither separator nor '='.
// `always`, one for each gene or none: which are written at their default, too.
std::string encode_changes(const std::vector<Gene>& genes, const Genotype& genotype, char separator,
                           const std::vector<bool>& always = {});
// The genotype of such a text; genes may stand in any order, each once. Throws Error naming the text, the part and the
// rule, with the nearest gene where one is near.
Genotype decode_changes(const std::vector<Gene>& genes, const std::string& text, char separator);

// For messages: the texts with commas between, of many the first few and how many there are.
std::string some_of(const std::vector<std::string>& texts);
// For messages: a text, or the beginning of a long one.
std::string beginning_of(const std::string& text);
// A text without its blanks.
std::string without_blanks(const std::string& text);
// Throws InternalError where the genotype does not fit the genes.
void require_fits(const std::vector<Gene>& genes, const Genotype& genotype);

}  // namespace lanewise::nas
