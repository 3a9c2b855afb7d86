// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/candidate_log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::study::testing {
namespace {

class Log : public ::testing::Test {
 protected:
  Log() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lanewise-log-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Log() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/candidates.log"; }
  std::string text() const {
    std::ifstream file(path(), std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  void write(const std::string& content) const { std::ofstream(path(), std::ios::binary) << content; }

  static CandidateBatch batch(int round, int gene) {
    CandidateBatch out{round, "network", "", {}};
    PricedCandidate priced;
    priced.genotype = {gene, 1};
    priced.metrics[nas::Metric::kLatency] = 1.0 / 3 + gene;
    PricedCandidate refused;
    refused.genotype = {gene, 0};
    refused.failure = "does not \"fit\"\n";
    out.candidates = {priced, refused};
    return out;
  }

  std::string folder_;
  CandidateSpace space_{"0123", {4, 2}};
};

TEST_F(Log, gives_back_what_was_appended_to_the_last_bit) {
  {
    CandidateLog log(path(), space_);
    log.append(batch(0, 1));
    log.append(batch(1, 2));
  }
  const CandidateLog log(path(), space_);
  ASSERT_EQ(log.batches().size(), 2u);
  const PricedCandidate* const found = log.find(1, {2, 1});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->metrics[nas::Metric::kLatency], 1.0 / 3 + 2);
  EXPECT_TRUE(std::isnan(found->metrics[nas::Metric::kEnergy]));
  EXPECT_EQ(log.find(1, {2, 0})->failure, "does not \"fit\"\n");
  EXPECT_EQ(log.find(0, {2, 1}), nullptr);
}

TEST_F(Log, cut_at_any_byte_it_keeps_every_whole_batch_and_ends_with_the_same_bytes) {
  {
    CandidateLog log(path(), space_);
    for (int i = 0; i < 3; ++i) log.append(batch(0, i));
  }
  const std::string whole = text();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    write(whole.substr(0, cut));
    CandidateLog log(path(), space_);
    const auto there = static_cast<int>(log.batches().size());
    for (int i = there; i < 3; ++i) log.append(batch(0, i));
    ASSERT_EQ(text(), whole) << "cut at byte " << cut;
  }
}

TEST_F(Log, damage_before_the_last_line_is_refused_by_line) {
  {
    CandidateLog log(path(), space_);
    for (int i = 0; i < 3; ++i) log.append(batch(0, i));
  }
  std::string damaged = text();
  damaged[damaged.find('\n') + 40] ^= 1;
  write(damaged);
  try {
    CandidateLog log(path(), space_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path() + ":2: "), std::string::npos) << error.what();
  }
  EXPECT_EQ(text(), damaged);
}

TEST_F(Log, of_a_version_with_fewer_metrics_is_refused_in_words) {
  {
    CandidateLog log(path(), space_);
    log.append(batch(0, 1));
  }
  // As a version that knew one metric less wrote it: whole, with a checksum that fits.
  const std::string whole = text();
  const std::size_t second = whole.find('\n') + 1;
  std::string line = whole.substr(second + 17, whole.size() - second - 18);
  for (std::size_t at = line.find("null,"); at != std::string::npos; at = line.find("null,", line.find("}", at))) {
    line.erase(at, 5);
  }
  write(whole.substr(0, second) + hex_hash(line) + " " + line + "\n");
  try {
    CandidateLog log(path(), space_);
    FAIL();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(path() + ":2: "), std::string::npos) << message;
    EXPECT_NE(message.find("has 12 metrics where this version has 13"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST_F(Log, of_another_space_or_no_log_at_all_is_refused) {
  { CandidateLog log(path(), space_); }
  EXPECT_THROW(CandidateLog(path(), (CandidateSpace{"4567", {4, 2}})), Error);
  EXPECT_THROW(CandidateLog(path(), (CandidateSpace{"0123", {4, 3}})), Error);
  write("a text\nof lines\n");
  EXPECT_THROW(CandidateLog(path(), space_), Error);
}

TEST_F(Log, remembers_where_a_search_began) {
  CandidateLog log(path(), space_);
  log.append(batch(0, 1));
  log.append({0, "engine", "as described", {}});
  log.append(batch(0, 2));
  EXPECT_EQ(log.begun(0, "engine", "as described"), std::optional<std::size_t>(1));
  EXPECT_EQ(log.begun(0, "engine", "otherwise"), std::nullopt);
  EXPECT_EQ(log.begun(1, "engine", "as described"), std::nullopt);
}

}  // namespace
}  // namespace lanewise::study::testing
