// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/candidate_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKind = "lanewise candidates";
constexpr int kFormat = 1;
constexpr Bytes kLargestLog{std::int64_t{1} << 30};
constexpr std::size_t kHashLength = 16;

std::string checked_line(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return hex_hash(text) + " " + text + "\n";
}

Json header_of(const CandidateSpace& space) {
  return {{"kind", kKind}, {"format", kFormat}, {"space", space.hash}, {"values", space.values}};
}

Json json_of(const CandidateBatch& batch) {
  Json candidates = Json::array();
  for (const PricedCandidate& candidate : batch.candidates) {
    Json metrics = Json::array();
    for (const double value : candidate.metrics.values) {
      metrics.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
    }
    candidates.push_back({{"genes", candidate.genotype}, {"metrics", metrics}});
    if (!candidate.failure.empty()) candidates.back()["failure"] = candidate.failure;
  }
  Json json = {{"round", batch.round}, {"search", batch.search}};
  if (!batch.starts.empty()) json["starts"] = batch.starts;
  json["candidates"] = candidates;
  return json;
}

// Throws nlohmann's exceptions and Error; whoever calls adds the place.
CandidateBatch batch_of(const Json& json, const CandidateSpace& space) {
  CandidateBatch batch;
  batch.round = json.at("round").get<int>();
  batch.search = json.at("search").get<std::string>();
  if (json.contains("starts")) batch.starts = json.at("starts").get<std::string>();
  for (const Json& entry : json.at("candidates")) {
    PricedCandidate candidate;
    candidate.genotype = entry.at("genes").get<nas::Genotype>();
    bool fits = candidate.genotype.size() == space.values.size();
    for (std::size_t i = 0; fits && i < space.values.size(); ++i) {
      fits = candidate.genotype[i] >= 0 && candidate.genotype[i] < space.values[i];
    }
    if (!fits) throw Error("a candidate's genes do not fit the space");
    const Json& metrics = entry.at("metrics");
    if (!metrics.is_array() || metrics.size() != nas::kMetricCount) {
      throw Error(fmt::format("a candidate has {} metrics where this version has {}: another version searched",
                              metrics.size(), nas::kMetricCount));
    }
    for (std::size_t i = 0; i < nas::kMetricCount; ++i) {
      if (!metrics[i].is_null()) candidate.metrics.values[i] = metrics[i].get<double>();
    }
    if (entry.contains("failure")) candidate.failure = entry.at("failure").get<std::string>();
    batch.candidates.push_back(std::move(candidate));
  }
  return batch;
}

// The text behind the checksum; nullopt-like empty text where the line is not whole.
std::string checked_text(const std::string& line) {
  if (line.size() <= kHashLength + 1 || line[kHashLength] != ' ') return "";
  std::string text = line.substr(kHashLength + 1);
  return line.compare(0, kHashLength, hex_hash(text)) == 0 ? text : "";
}

[[noreturn]] void refuse_write(const std::string& path, int code) {
  throw Error(fmt::format("cannot write '{}': {}", path, std::generic_category().message(code)));
}

}  // namespace

struct CandidateLog::File {
  int descriptor = -1;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

CandidateLog::CandidateLog(const std::string& path, CandidateSpace space)
    : path_(path), space_(std::move(space)), file_(std::make_unique<File>()) {
  file_->descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_->descriptor < 0) refuse_write(path, errno);
  read();
}

CandidateLog::~CandidateLog() = default;

void CandidateLog::read() {
  const std::string text = read_input(path_, kLargestLog, "a log of candidates");
  std::size_t begin = 0;
  int number = 1;
  for (; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    const bool last = end == std::string::npos || end + 1 == text.size();
    const std::string content =
        end == std::string::npos ? std::string() : checked_text(text.substr(begin, end - begin));
    // Only what was being written when the job was killed may be incomplete.
    if (content.empty() && last && (number > 1 || end == std::string::npos)) break;
    const auto refuse = [&](const std::string& rule) {
      throw Error(fmt::format("{}:{}: {}; delete the file to search anew", path_, number, rule));
    };
    if (content.empty()) refuse(number == 1 ? "is no log of candidates" : "the checksum does not fit the line");
    try {
      const Json json = Json::parse(content);
      if (number == 1) {
        if (json != header_of(space_)) refuse("is a log of candidates of another space or version");
      } else {
        remember(batch_of(json, space_));
      }
    } catch (const Json::exception&) {
      refuse("is no batch of candidates");
    } catch (const Error& error) {
      if (std::string(error.what()).rfind(path_, 0) == 0) throw;
      refuse(error.what());
    }
    begin = end + 1;
  }
  if (begin < text.size() && ::ftruncate(file_->descriptor, static_cast<off_t>(begin)) != 0) {
    refuse_write(path_, errno);
  }
  if (begin > 0) return;
  const std::string header = checked_line(header_of(space_));
  if (::write(file_->descriptor, header.data(), header.size()) != static_cast<ssize_t>(header.size())) {
    refuse_write(path_, errno);
  }
}

void CandidateLog::remember(CandidateBatch batch) {
  for (std::size_t i = 0; i < batch.candidates.size(); ++i) {
    places_.try_emplace({batch.round, batch.candidates[i].genotype}, batches_.size(), i);
  }
  batches_.push_back(std::move(batch));
}

std::optional<std::size_t> CandidateLog::begun(int round, const std::string& search, const std::string& starts) const {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const CandidateBatch& batch = batches_[i];
    if (batch.round == round && batch.search == search && batch.starts == starts) return i;
  }
  return std::nullopt;
}

const PricedCandidate* CandidateLog::find(int round, const nas::Genotype& genotype) const {
  const auto found = places_.find({round, genotype});
  return found == places_.end() ? nullptr : &batches_[found->second.first].candidates[found->second.second];
}

void CandidateLog::append(CandidateBatch batch) {
  const std::string line = checked_line(json_of(batch));
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(file_->descriptor, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse_write(path_, errno);
    done += static_cast<std::size_t>(written);
  }
  if (::fdatasync(file_->descriptor) != 0 && errno != EINVAL) refuse_write(path_, errno);
  remember(std::move(batch));
}

}  // namespace lanewise::study
