// SPDX-License-Identifier: Apache-2.0
// What a program of `measure --with` answers: whatever it is, it becomes a measurement or a failure on one line.
#include "core/record/file.hpp"
#include "study/external/external_answer.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_external_answer(const std::string& path, const std::string&) {
  const study::ExternalAnswer answer = study::read_external_answer(record::read_file(path));
  const record::SubgraphResult& result = answer.result;
  if (result.failure.empty() != (result.measurement.latency.count() > 0)) throw Nonsense("cycles and a failure");
  if (answer.stated && result.failure.empty()) throw Nonsense("a failure was stated, and there is none");
  if (result.failure.find('\n') != std::string::npos) throw Nonsense("a failure has two lines");
  require_sane("bytes of a failure", static_cast<double>(result.failure.size()), 1000);
  require_sane("energy", result.measurement.energy.count());
  require_sane("bytes read", static_cast<double>(result.measurement.dram_read.count()));
}

}  // namespace lanewise::fuzz
