// SPDX-License-Identifier: Apache-2.0
// What a person's program writes: whatever it is, it becomes a score or a failure on one line.
#include <cmath>

#include "core/record/file.hpp"
#include "study/codesign/program_output.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_program_output(const std::string& path, const std::string&) {
  const nas::AccuracyAnswer answer = study::read_program_output(record::read_file(path)).answer;
  if (answer.failure.empty() != std::isfinite(answer.score)) throw Nonsense("a score and a failure, or neither");
  if (answer.failure.find('\n') != std::string::npos) throw Nonsense("a failure has two lines");
  require_sane("bytes of a failure", static_cast<double>(answer.failure.size()), 1000);
}

}  // namespace lanewise::fuzz
