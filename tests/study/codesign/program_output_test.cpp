// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/program_output.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lanewise::study {
namespace {

double score_of(const std::string& output) {
  const ProgramAnswer answer = read_program_output(output);
  EXPECT_EQ(answer.answer.failure, "") << output;
  return answer.answer.score;
}
std::string failure_of(const std::string& output) {
  const ProgramAnswer answer = read_program_output(output);
  EXPECT_TRUE(std::isnan(answer.answer.score)) << output;
  return answer.answer.failure;
}

TEST(ProgramOutput, is_an_object_alone_or_on_the_last_line) {
  EXPECT_EQ(score_of(R"({"accuracy": 0.91})"), 0.91);
  EXPECT_EQ(score_of("{\n  \"accuracy\": 71,\n  \"loss\": 1.5\n}\n"), 71);
  EXPECT_EQ(score_of("epoch 1\nepoch 2\n{\"accuracy\": -1e-3}\n\n"), -0.001);
  EXPECT_EQ(score_of("{\"accuracy\": 1}\r\n"), 1);
  EXPECT_EQ(score_of("{\"accuracy\": 0.5, \"failure\": null}"), 0.5);
}

TEST(ProgramOutput, a_stated_failure_is_final_and_on_one_line) {
  const ProgramAnswer answer = read_program_output(R"({"failure": "loss is\nNaN", "accuracy": 0.1})");
  EXPECT_EQ(answer.answer.failure, "the program says: loss is\\nNaN");
  EXPECT_FALSE(answer.may_be_retried);
  EXPECT_LT(read_program_output("{\"failure\": \"" + std::string(5000, 'x') + "\"}").answer.failure.size(), 300u);
  EXPECT_EQ(failure_of(R"({"failure": ""})"), "the program says: no reason");
}

TEST(ProgramOutput, garbage_is_a_failure_with_its_reason_that_may_be_retried) {
  const std::string rule = R"(: must be {"accuracy": NUMBER} or {"failure": "REASON"})";
  EXPECT_EQ(failure_of(""), "the program wrote nothing");
  EXPECT_EQ(failure_of(" \n\t\r\n"), "the program wrote nothing");
  EXPECT_EQ(failure_of("accuracy: 0.9"), "the program's last line is no JSON object" + rule);
  EXPECT_EQ(failure_of("0.9"), "the program's last line is no JSON object" + rule);
  EXPECT_EQ(failure_of("[0.9]"), "the program's last line is no JSON object" + rule);
  EXPECT_EQ(failure_of("{\"accuracy\": 0.9}\ndone"), "the program's last line is no JSON object" + rule);
  EXPECT_EQ(failure_of("{\"accuracy\": NaN}"), "the program's 'accuracy' is no finite number");
  EXPECT_EQ(failure_of("{\"accuracy\": -Infinity}"), "the program's 'accuracy' is no finite number");
  EXPECT_NE(failure_of("{\"accuracy\": 1e999}"), "");
  EXPECT_EQ(failure_of("{\"accuracy\": \"0.9\"}"), "the program's 'accuracy' is no number");
  EXPECT_EQ(failure_of("{\"accuracy\": true}"), "the program's 'accuracy' is no number");
  EXPECT_EQ(failure_of("{\"accuracy\": null}"), "the program's 'accuracy' is no number");
  EXPECT_EQ(failure_of("{\"acc\": 0.9}"), "the program's answer has no 'accuracy'" + rule);
  EXPECT_EQ(failure_of("{\"failure\": 3}"), "the program's 'failure' is no text");
  EXPECT_NE(failure_of(std::string(50000, '[')), "");
  EXPECT_NE(failure_of(std::string("{\"accuracy\"\0: 1}", 16)), "");
  EXPECT_TRUE(read_program_output("garbage").may_be_retried);
}

TEST(ProgramOutput, only_a_program_that_exits_well_is_listened_to) {
  using End = ProcessOutcome::End;
  const auto failure = [](End end, int status, const std::string& words) {
    ProcessOutcome outcome;
    outcome.end = end;
    outcome.status = status;
    outcome.output = R"({"accuracy": 0.9})";
    outcome.last_words = words;
    ProcessRequest request;
    request.timeout = std::chrono::seconds(60);
    return answer_of(outcome, request).answer.failure;
  };
  EXPECT_EQ(failure(End::kExited, 0, "warning"), "");
  EXPECT_EQ(failure(End::kExited, 3, ""), "the program exited with status 3");
  EXPECT_EQ(failure(End::kExited, 1, "ValueError: x"), "the program exited with status 1: ValueError: x");
  EXPECT_EQ(failure(End::kSignalled, 11, ""), "the program was ended by signal 11");
  EXPECT_EQ(failure(End::kTimedOut, 0, "slow"), "the program gave no answer within 60 s");
  EXPECT_EQ(failure(End::kTooMuchOutput, 0, ""), "the program wrote more than 1 MiB");
}

TEST(CommandText, quotes_what_a_person_would) {
  EXPECT_EQ(command_text({"python3", "a b.py", "", "--x=1"}), "python3 'a b.py' '' --x=1");
}

}  // namespace
}  // namespace lanewise::study
