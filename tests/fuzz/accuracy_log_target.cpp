// SPDX-License-Identifier: Apache-2.0
// The kept answers of a program: read, added to, and ordered; and the same file as the seconds that programs took, in
// which nothing is refused.
#include <filesystem>

#include "study/codesign/score_cache.hpp"
#include "study/codesign/seconds_log.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_accuracy_log(const std::string& path, const std::string& folder) {
  const std::string copy = folder + "/copy.log";
  std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
  const study::SecondsLog seconds(copy);
  if (seconds.networks() < 0 || !(seconds.seconds() >= 0)) throw Nonsense("programs took less than no time");
  {
    study::ScoreCache cache(copy, true);
    nas::AccuracyAnswer answer;
    answer.score = 0.5;
    cache.add("0123456789abcdef", "of-no-file", answer);
    cache.sort();
  }
  const study::ScoreCache again(copy, true);
  const nas::AccuracyAnswer* const kept = again.find("0123456789abcdef");
  if (kept == nullptr || kept->score != 0.5) throw Nonsense("an answer that was kept is lost");
}

}  // namespace lanewise::fuzz
