// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/program_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/printable.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::json;

constexpr const char* kRule = R"(must be {"accuracy": NUMBER} or {"failure": "REASON"})";
constexpr std::size_t kLongestReason = 200;

// At most so many bytes, on one line, cut between characters.
std::string shortened(const std::string& text) {
  std::string out = printable(text);
  if (out.size() <= kLongestReason) return out;
  std::size_t end = kLongestReason;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "";
  const std::size_t before = text.find_last_of('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.substr(begin, end - begin + 1);
}

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
    return failed("the program says: " + (reason.empty() ? "no reason" : shortened(reason)), false);
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
  const std::string line = last_line(output);
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

std::string failure_of(const std::string& who, const ProcessOutcome& outcome, const ProcessRequest& request) {
  using End = ProcessOutcome::End;
  const std::string words = outcome.last_words.empty() ? "" : ": " + shortened(outcome.last_words);
  const double seconds = static_cast<double>(request.timeout.count()) / 1000;
  switch (outcome.end) {
    case End::kTimedOut:
      return fmt::format("{} gave no answer within {}", who, to_text(Seconds(seconds)));
    case End::kTooMuchOutput:
      return fmt::format("{} wrote more than {}", who, to_text(Bytes(static_cast<std::int64_t>(request.most_output))));
    case End::kSignalled:
      return fmt::format("{} was ended by signal {}", who, outcome.status) + words;
    case End::kNotStarted:
      return who + " cannot be started" + words;
    case End::kExited:
      break;
  }
  return outcome.status == 0 ? "" : fmt::format("{} exited with status {}", who, outcome.status) + words;
}

std::string command_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_of(" \t'\"\\$`*?;&|<>()") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return printable(text);
}

}  // namespace lanewise::study
