// SPDX-License-Identifier: Apache-2.0
// Checkpoints read back as they were written; one that is damaged, cut off or another's is refused by one line.
#include "accuracy/training/checkpoint.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

Checkpoint example() {
  Checkpoint checkpoint;
  checkpoint.identity = {{"network", "B-r/s1"}, {"seed", "3"}, {"recipe key epochs", "8"}};
  checkpoint.progress = {{"result", "{}"}};
  checkpoint.arrays = {{"weight 0", Checkpoint::Type::kFloat, {2, 3}, std::string(24, '\1')},
                       {"steps", Checkpoint::Type::kInteger, {}, std::string(8, '\2')},
                       {"none", Checkpoint::Type::kDouble, {0, 4}, ""}};
  return checkpoint;
}

std::string refusal(const std::string& bytes) {
  try {
    parse_checkpoint("there", bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Checkpoint, it_reads_back_as_it_was_written) {
  const Checkpoint checkpoint = example();
  const Checkpoint again = parse_checkpoint("there", checkpoint_bytes(checkpoint));
  EXPECT_EQ(again.identity, checkpoint.identity);
  EXPECT_EQ(again.progress, checkpoint.progress);
  ASSERT_EQ(again.arrays.size(), 3u);
  EXPECT_EQ(again.find("weight 0")->shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(again.find("steps")->bytes, std::string(8, '\2'));
  EXPECT_EQ(again.find("weight"), nullptr);
  EXPECT_EQ(checkpoint_bytes(again), checkpoint_bytes(checkpoint));
}

TEST(Checkpoint, any_changed_byte_and_any_missing_end_is_refused) {
  const std::string whole = checkpoint_bytes(example());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_EQ(refusal(damaged).rfind("there: ", 0), 0u) << i;
    EXPECT_NE(refusal(whole.substr(0, i)), "") << i;
  }
  EXPECT_NE(refusal(whole + "x"), "");
  EXPECT_NE(refusal(""), "");
  EXPECT_EQ(refusal("PK\3\4 a zip file"), "there: is no checkpoint of a training");
}

TEST(Checkpoint, one_of_another_job_is_refused_by_the_key_that_differs) {
  Checkpoint::Texts identity = example().identity;
  EXPECT_NO_THROW(require_same_job("there", example(), identity));
  identity[2].second = "9";
  try {
    require_same_job("there", example(), identity);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "there: the checkpoint belongs to another training: its recipe key epochs is '8', not '9'; give another "
              "--out, or delete it to begin anew");
  }
  identity.emplace_back("recipe key new", "1");
  identity[2].second = "8";
  EXPECT_THROW(require_same_job("there", example(), identity), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
