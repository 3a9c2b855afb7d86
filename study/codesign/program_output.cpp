// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/program_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/process_text.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::json;

constexpr const char* kRule = R"(must be {"accuracy": NUMBER} or {"failure": "REASON"})";
ProgramAnswer failed(std::string reason, bool may_be_retried = true) {
  ProgramAnswer out;
  out.answer.failure = std::move(reason);
  out.may_be_retried = may_be_retried;
  return out;
}

// What Python's json writes for numbers that JSON does not have.
bool has_no_number(const std::string& line) {
  return line.find("NaN") != std::string::npos || line.find("Infinity") != std::string::npos;
}

ProgramAnswer read_object(const Json& json) {
  const Json failure = json.value("failure", Json());
  if (!failure.is_null()) {
    if (!failure.is_string()) return failed("the program's 'failure' is no text");
    const auto reason = failure.get<std::string>();
    return failed("the program says: " + (reason.empty() ? "no reason" : shortened_line(reason)), false);
  }
  if (!json.contains("accuracy")) return failed(std::string("the program's answer has no 'accuracy': ") + kRule);
  const Json accuracy = json.value("accuracy", Json());
  if (!accuracy.is_number()) return failed("the program's 'accuracy' is no number");
  ProgramAnswer out;
  out.answer.score = accuracy.get<double>();
  if (!std::isfinite(out.answer.score)) return failed("the program's 'accuracy' is no finite number");
  return out;
}

}  // namespace

ProgramAnswer read_program_output(const std::string& output) {
  Json json = Json::parse(output, nullptr, false);
  const std::string line = last_text_line(output);
  if (!json.is_object()) json = Json::parse(line, nullptr, false);
  if (json.is_object()) return read_object(json);
  if (line.empty()) return failed("the program wrote nothing");
  if (has_no_number(line)) return failed("the program's 'accuracy' is no finite number");
  return failed(std::string("the program's last line is no JSON object: ") + kRule);
}

ProgramAnswer answer_of(const ProcessOutcome& outcome, const ProcessRequest& request) {
  std::string failure = failure_of("the program", outcome, request);
  return failure.empty() ? read_program_output(outcome.output) : failed(std::move(failure));
}

}  // namespace lanewise::study
