// SPDX-License-Identifier: Apache-2.0
#include "core/base/process_text.hpp"

#include <fmt/format.h>

#include "core/base/printable.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise {
namespace {

constexpr std::size_t kLongestReason = 200;

}  // namespace

std::string shortened_line(const std::string& text) {
  std::string out = printable(text);
  if (out.size() <= kLongestReason) return out;
  std::size_t end = kLongestReason;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

std::string last_text_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "";
  const std::size_t before = text.find_last_of('\n', end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.substr(begin, end - begin + 1);
}

std::string failure_of(const std::string& who, const ProcessOutcome& outcome, const ProcessRequest& request) {
  using End = ProcessOutcome::End;
  const std::string words = outcome.last_words.empty() ? "" : ": " + shortened_line(outcome.last_words);
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

}  // namespace lanewise
