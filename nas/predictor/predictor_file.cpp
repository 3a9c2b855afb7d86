// SPDX-License-Identifier: Apache-2.0
// The model file: what was measured and the parameters that were fitted to it, as lines of words. What follows from
// them is computed anew, so that a file cannot contradict itself.
//
//   lanewise-predictor 1
//   space NAME                       "-" where there is none; names with blanks and the like are written as %20
//   value NAME higher|lower
//   scores COUNT NAME …
//   features COUNT NAME …
//   process AMPLITUDE NOISE LENGTH   logarithms; one line for each process
//   network ENCODING VALUE COUNT WITHIN SCORE … FEATURE …
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"
#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kHead = "lanewise-predictor";
constexpr int kVersion = 1;
constexpr std::size_t kMostScores = 100;

// A name as one word: whatever could part words is spelled out.
std::string as_word(const std::string& name) {
  if (name.empty()) return "-";
  std::string word;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte == 127 || name == "-") {
      word += fmt::format("%{:02X}", byte);
    } else {
      word += c;
    }
  }
  return word;
}

class Lines {
 public:
  Lines(std::string path, const std::string& text) : path_(std::move(path)), text_(text) {}

  // The words of the next line, of which there must be one that begins with `first`.
  void next(const char* first) {
    if (!more()) refuse(fmt::format("ends before a line '{} …'", first));
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    words_.clear();
    word_ = 0;
    ++line_;
    std::string word;
    for (std::size_t i = at_; i <= end; ++i) {
      if (i < end && text_[i] != ' ' && text_[i] != '\r') {
        word += text_[i];
      } else if (!word.empty()) {
        words_.push_back(std::exchange(word, ""));
      }
    }
    at_ = std::min(end + 1, text_.size());
    if (take() != first) refuse(fmt::format("must begin with '{}'", first));
  }
  bool more() const { return at_ < text_.size(); }
  void end() const {
    if (word_ != words_.size()) refuse(fmt::format("has more words than the {} that it should have", word_));
  }
  const std::string& take() {
    if (word_ >= words_.size()) refuse("ends too early");
    return words_[word_++];
  }
  std::string name() {
    const std::string& word = take();
    if (word == "-") return "";
    std::string text;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] != '%') {
        text += word[i];
        continue;
      }
      unsigned value = 0;
      const char* const begin = word.data() + std::min(i + 1, word.size());
      const char* const end = word.data() + std::min(i + 3, word.size());
      const auto [stop, status] = std::from_chars(begin, end, value, 16);
      if (status != std::errc() || stop != end || end - begin != 2) {
        refuse(fmt::format("'{}' must have two hexadecimal digits behind each '%'", printable(word)));
      }
      text += static_cast<char>(value);
      i += 2;
    }
    return text;
  }
  double number() {
    const std::string& word = take();
    double value = 0;
    const auto [stop, status] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (status != std::errc() || stop != word.data() + word.size() || !std::isfinite(value) || std::abs(value) > 1e15) {
      refuse(fmt::format("'{}' must be a number of at most 1e15", printable(word)));
    }
    return value;
  }
  std::int64_t whole(std::int64_t low, std::int64_t high) {
    const std::string& word = take();
    std::int64_t value = 0;
    const auto [stop, status] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (status != std::errc() || stop != word.data() + word.size() || value < low || value > high) {
      refuse(fmt::format("'{}' must be a whole number from {} to {}", printable(word), low, high));
    }
    return value;
  }
  [[noreturn]] void refuse(const std::string& rule) const { throw Error(fmt::format("{}:{}: {}", path_, line_, rule)); }

 private:
  std::string path_;
  const std::string& text_;
  std::vector<std::string> words_;
  std::size_t at_ = 0, word_ = 0;
  int line_ = 0;
};

// Where each feature of the file stands among those of this version, which must be the same ones.
std::vector<std::size_t> read_features(Lines& lines) {
  const std::vector<TopologyFeature>& known = topology_features();
  lines.next("features");
  const std::int64_t count = lines.whole(0, 1000000);
  if (count != static_cast<std::int64_t>(known.size())) {
    lines.refuse(
        fmt::format("{} features, but this version of Lanewise reads {}: fit the predictor anew", count, known.size()));
  }
  std::vector<std::size_t> places;
  std::set<std::size_t> seen;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = lines.name();
    std::size_t place = 0;
    while (place < known.size() && known[place].name != name) ++place;
    if (place == known.size() || !seen.insert(place).second) {
      lines.refuse(
          fmt::format("feature '{}' is none of this version of Lanewise: fit the predictor anew", printable(name)));
    }
    places.push_back(place);
  }
  lines.end();
  return places;
}

MeasuredNetwork read_network(Lines& lines, std::size_t scores, const std::vector<std::size_t>& places) {
  lines.next("network");
  MeasuredNetwork network;
  network.encoding = lines.name();
  network.value = lines.number();
  network.count = lines.whole(1, 1000000);
  network.within = lines.number();
  if (network.within < 0 || (network.count == 1 && network.within != 0)) {
    lines.refuse("the squared deviations must be positive, and 0 of a single measurement");
  }
  for (std::size_t s = 0; s < scores; ++s) network.scores.push_back(lines.number());
  network.features.resize(places.size());
  for (const std::size_t place : places) network.features[place] = lines.number();
  lines.end();
  return network;
}

}  // namespace

std::string AccuracyPredictor::text() const {
  std::string out = fmt::format("{} {}\n", kHead, kVersion);
  out += fmt::format("space {}\n", as_word(settings_.space));
  out += fmt::format("value {} {}\n", as_word(settings_.value), settings_.higher_is_better ? "higher" : "lower");
  out += fmt::format("scores {}", settings_.scores.size());
  for (const std::string& name : settings_.scores) out += " " + as_word(name);
  out += fmt::format("\nfeatures {}", topology_features().size());
  for (const TopologyFeature& feature : topology_features()) out += " " + as_word(feature.name);
  out += "\n";
  for (const FeatureProcess& process : processes_) {
    out += fmt::format("process {}\n", fmt::join(process.parameters(), " "));
  }
  for (const MeasuredNetwork& network : networks_) {
    out += fmt::format("network {} {} {} {}", as_word(network.encoding), network.value, network.count, network.within);
    for (const double score : network.scores) out += fmt::format(" {}", score);
    for (const double feature : network.features) out += fmt::format(" {}", feature);
    out += "\n";
  }
  return out;
}

AccuracyPredictor AccuracyPredictor::parse(const std::string& path, const std::string& text) {
  Lines lines(path, text);
  AccuracyPredictor predictor;
  lines.next(kHead);
  if (lines.whole(0, 1000000) != kVersion) {
    lines.refuse(fmt::format("must be a predictor of version {}, which this version of Lanewise reads", kVersion));
  }
  lines.end();
  lines.next("space");
  predictor.settings_.space = lines.name();
  lines.end();
  lines.next("value");
  predictor.settings_.value = lines.name();
  const std::string better = lines.take();
  if (better != "higher" && better != "lower") lines.refuse("must say whether 'higher' or 'lower' is better");
  predictor.settings_.higher_is_better = better == "higher";
  lines.end();
  lines.next("scores");
  const std::int64_t scores = lines.whole(0, kMostScores);
  for (std::int64_t i = 0; i < scores; ++i) predictor.settings_.scores.push_back(lines.name());
  lines.end();
  const std::vector<std::size_t> places = read_features(lines);
  std::vector<FeatureProcess::Parameters> parameters;
  for (std::size_t p = 0; p < kProcesses; ++p) {
    lines.next("process");
    FeatureProcess::Parameters one;
    for (double& value : one) {
      value = lines.number();
      if (std::abs(value) > 7) lines.refuse("the parameters of a process lie from -7 to 7");
    }
    lines.end();
    parameters.push_back(one);
  }
  while (lines.more()) {
    if (predictor.networks_.size() >= kMostNetworks) lines.refuse(fmt::format("more than {} networks", kMostNetworks));
    predictor.networks_.push_back(read_network(lines, static_cast<std::size_t>(scores), places));
  }
  if (predictor.networks_.size() < kFewestNetworks) {
    lines.refuse(fmt::format("ends before {} networks, the fewest that there may be", kFewestNetworks));
  }
  try {
    predictor.scale();
    predictor.condition(parameters);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
  return predictor;
}

AccuracyPredictor AccuracyPredictor::load(const std::string& path) {
  return parse(path, read_input(path, kLargestModel, "a predictor"));
}

}  // namespace lanewise::nas
