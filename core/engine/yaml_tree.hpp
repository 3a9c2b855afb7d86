// SPDX-License-Identifier: Apache-2.0
// A YAML document as a tree of bounded size. Private to this module: raw_config.hpp is the one reader of YAML files.
#pragma once

#include <string>
#include <vector>

namespace lanewise::engine {

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;                 // counted from 1
  std::string text;             // kScalar
  std::vector<YamlNode> items;  // kList; kMap: key, value, key, value, …
};

// An alias stands for a copy of what it names, and counts in full: what a few bytes spell out may be no larger than
// what is written out. Throws Error naming the file, and the line where there is one, for what is not YAML, for a text
// without a document or with several, and for a document of more than kMostNodes nodes or kDeepestNesting levels.
inline constexpr int kMostNodes = 20000;
inline constexpr int kDeepestNesting = 32;
YamlNode parse_yaml(const std::string& path, const std::string& text);

}  // namespace lanewise::engine
