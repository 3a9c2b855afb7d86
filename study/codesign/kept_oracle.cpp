// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/kept_oracle.hpp"

#include <set>

namespace lanewise::study {
KeptOracle::KeptOracle(const nas::AccuracySettings& settings, const ProgramPlace& place)
    : settings_(settings),
      place_(place),
      cache_(settings.text("cache", place.cache), settings.text("cache").empty()),
      log_(cache_path().empty() ? "" : cache_path() + ".seconds") {
  account_.earlier_networks = log_.networks();
  account_.earlier_seconds = log_.seconds();
}

std::vector<nas::AccuracyAnswer> KeptOracle::answer(const std::vector<nas::AccuracyQuery>& queries) {
  std::vector<std::string> keys;
  keys.reserve(queries.size());
  std::vector<Open> open;
  std::set<std::string> known;
  for (const nas::AccuracyQuery& query : queries) {
    keys.push_back(key_of(query));
    if (cache_.find(keys.back()) != nullptr) {
      ++account_.from_cache;
    } else if (known.insert(keys.back()).second) {
      open.push_back({&query, keys.back()});
    }
  }
  if (!open.empty()) ask(open);
  cache_.sort();
  std::vector<nas::AccuracyAnswer> answers;
  answers.reserve(queries.size());
  for (const std::string& key : keys) answers.push_back(*cache_.find(key));
  return answers;
}

void KeptOracle::settle(const Open& open, const nas::AccuracyAnswer& answer) {
  cache_.add(open.key, open.query->encoding, answer);
}

void KeptOracle::took(std::int64_t networks, double seconds) {
  account_.run_networks += networks;
  account_.run_seconds += seconds;
  log_.add(networks, seconds);
}

}  // namespace lanewise::study
