// SPDX-License-Identifier: Apache-2.0
// Logs of candidates: opened as they are, and with checksums that fit, so that what is behind them is read as well.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "study/codesign/candidate_log.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

void open(const std::string& path) {
  study::CandidateLog log(path, {"0123", {4, 2}});
  for (const study::CandidateBatch& batch : log.batches()) {
    for (const study::PricedCandidate& candidate : batch.candidates) {
      if (log.find(batch.round, candidate.genotype) == nullptr) throw Nonsense("a candidate of the log is not found");
    }
  }
  study::CandidateBatch more{0, "network", "", {}};
  more.candidates.push_back({{1, 1}, {}, "no"});
  log.append(more);
}

}  // namespace

void read_candidates(const std::string& path, const std::string& folder) {
  constexpr std::size_t kHash = 17;  // with the space behind it
  std::ifstream file(path, std::ios::binary);
  std::string mended;
  for (std::string line; std::getline(file, line);) {
    const std::string text = line.size() > kHash ? line.substr(kHash) : line;
    mended += hex_hash(text) + " " + text + "\n";
  }
  std::ofstream(folder + "/mended.log", std::ios::binary) << mended;
  try {
    open(folder + "/mended.log");
  } catch (const Error&) {
    // Lines that were cut off fit their checksums now, and are no batches.
  }
  std::filesystem::copy_file(path, folder + "/as_is.log", std::filesystem::copy_options::overwrite_existing);
  open(folder + "/as_is.log");
}

}  // namespace lanewise::fuzz
