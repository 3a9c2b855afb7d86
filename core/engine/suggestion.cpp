// SPDX-License-Identifier: Apache-2.0
#include "core/engine/suggestion.hpp"

#include <algorithm>
#include <iterator>

namespace lanewise::engine {
namespace {

// Letters to insert, delete or change to get from one to the other (Levenshtein), row by row.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// The key without its section, or only the beginning of it.
bool ends_in(const std::string& known, const std::string& key) {
  const std::string tail = "." + key;
  return known.size() >= tail.size() && known.compare(known.size() - tail.size(), tail.size(), tail) == 0;
}
bool starts_in(const std::string& known, const std::string& key) { return known.compare(0, key.size(), key) == 0; }

}  // namespace

std::string suggestion(const std::string& key, const std::vector<std::string>& known) {
  constexpr std::size_t kLongestCompared = 128;  // longer than any key: nothing is near
  if (key.empty() || key.size() > kLongestCompared) return "";
  for (const auto& near : {ends_in, starts_in}) {
    std::vector<std::string> candidates;
    std::copy_if(known.begin(), known.end(), std::back_inserter(candidates),
                 [&](const std::string& candidate) { return near(candidate, key); });
    if (candidates.size() == 1) return " (did you mean '" + candidates.front() + "'?)";
  }
  std::string nearest;
  std::size_t smallest = std::max<std::size_t>(2, key.size() / 4) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(key, candidate);
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : " (did you mean '" + nearest + "'?)";
}

}  // namespace lanewise::engine
