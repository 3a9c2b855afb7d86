// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/seconds_log.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::study {
namespace {

constexpr Bytes kLargestLog{std::int64_t{1} << 26};
constexpr std::int64_t kMostNetworks = 1'000'000'000;
constexpr double kMostSeconds = 1e12;

// Whether the line is a number of networks and one of seconds, both possible.
bool read_line(const std::string& line, std::int64_t& networks, double& seconds) {
  const char* const end = line.data() + line.size();
  const auto [space, failure] = std::from_chars(line.data(), end, networks);
  if (failure != std::errc() || space == end || *space != ' ') return false;
  const auto [rest, no_number] = std::from_chars(space + 1, end, seconds);
  return no_number == std::errc() && rest == end && networks >= 0 && networks <= kMostNetworks && seconds >= 0 &&
         seconds <= kMostSeconds;
}

}  // namespace

SecondsLog::SecondsLog(std::string path) : path_(std::move(path)) {
  if (path_.empty() || !std::filesystem::exists(path_)) return;
  const std::string text = read_input(path_, kLargestLog, "seconds");
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    std::int64_t networks = 0;
    double seconds = 0;
    if (read_line(text.substr(begin, end - begin), networks, seconds)) {
      networks_ += networks;
      seconds_ += seconds;
    }
    begin = end + 1;
  }
}

void SecondsLog::add(std::int64_t networks, double seconds) const {
  if (path_.empty()) return;
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << fmt::format("{} {:.3f}\n", networks, seconds);
  file.close();
  if (!file) throw Error(path_ + ": cannot be written");
}

}  // namespace lanewise::study
