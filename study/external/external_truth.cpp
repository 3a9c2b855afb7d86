// SPDX-License-Identifier: Apache-2.0
#include "study/external/external_truth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/process_runs.hpp"
#include "core/base/process_text.hpp"
#include "core/base/random.hpp"
#include "core/base/replace_text.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "study/external/external_answer.hpp"
#include "study/external/subgraph_graph.hpp"
#include "study/external/subgraph_json.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownFailures = 5;
constexpr std::int64_t kFewestTried = 3;
constexpr Bytes kLargestAnswer(1 << 20);
constexpr const char* kAnswerFile = "answer.json";

const char* const kPlaceholders[] = {"{onnx}", "{json}", "{folder}", "{answer}"};

bool names_a_file(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders),
                       [&](const char* placeholder) { return word.find(placeholder) != std::string::npos; });
  });
}

// A program that lies in a folder of the person's is found from where lanewise was started, as all other paths are; it
// runs there, too.
ProcessRequest request_of(const ExternalSettings& settings, const SubgraphFiles& files) {
  ProcessRequest request;
  for (std::string word : settings.words) {
    word = replaced(std::move(word), "{onnx}", files.onnx);
    word = replaced(std::move(word), "{json}", files.json);
    word = replaced(std::move(word), "{folder}", files.folder);
    request.words.push_back(replaced(std::move(word), "{answer}", files.answer));
  }
  if (!names_a_file(settings.words)) request.words.push_back(files.json);
  request.input = files.json;
  request.timeout = settings.timeout;
  return request;
}

// Where subgraphs have their folders: beside the store, where a run that goes on after a kill finds and removes them.
class ScratchParent {
 public:
  explicit ScratchParent(const std::string& path) : path_(fs::absolute(path)) {
    remove();
    std::error_code failed;
    fs::create_directories(path_, failed);
    if (failed) throw Error(fmt::format("{}: cannot make this folder: {}", path_.string(), failed.message()));
  }
  ~ScratchParent() { remove(); }
  ScratchParent(const ScratchParent&) = delete;
  ScratchParent& operator=(const ScratchParent&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code none;
    fs::remove_all(path_, none);
  }
  fs::path path_;
};

SubgraphFiles files_in(const std::string& folder) {
  const fs::path at(folder);
  SubgraphFiles files;
  files.folder = folder;
  files.json = (at / "subgraph.json").string();
  files.onnx = (at / "subgraph.onnx").string();
  files.answer = (at / kAnswerFile).string();
  return files;
}

// What the person's program reads. A subgraph that cannot be told in ONNX is told in JSON alone.
void write_files(const sim::WorkerJob& job, SubgraphFiles& files) {
  const mapping::Subgraph subgraph = mapping::parse_subgraph_key(job.subgraph_key);
  try {
    network::export_onnx(graph_of(subgraph), files.onnx);
  } catch (const Error& error) {
    files.onnx.clear();
    files.no_onnx = shortened_line(error.what());
  }
  record::write_file(files.json, subgraph_json(subgraph, *job.engine, files));
}

void keep_files(const std::string& keep, const sim::WorkerJob& job, const std::string& folder) {
  const fs::path to = fs::path(keep) / hex_hash(job.engine_hash + " " + job.subgraph_key);
  std::error_code failed;
  fs::create_directories(keep, failed);
  fs::remove_all(to, failed);
  fs::copy(folder, to, fs::copy_options::recursive, failed);
  if (failed) throw Error(fmt::format("{}: cannot be written: {}", to.string(), failed.message()));
}

ExternalAnswer answer_of(const ProcessOutcome& outcome, const ProcessRequest& request, const SubgraphFiles& files) {
  const std::string failure = failure_of("the program", outcome, request);
  if (!failure.empty()) {
    ExternalAnswer out;
    out.result.failure = failure;
    return out;
  }
  std::error_code none;
  if (!fs::exists(files.answer, none)) return read_external_answer(outcome.output);
  try {
    return read_external_answer(read_input(files.answer, kLargestAnswer, "an answer"));
  } catch (const Error& error) {
    ExternalAnswer out;
    out.result.failure = shortened_line(error.what());
    return out;
  }
}

}  // namespace

std::vector<std::string> command_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;  // a word has begun, be it empty
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (open) words.push_back(std::exchange(word, ""));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) throw Error(fmt::format("the command {} has an open {}: it must be closed", text, quote));
  if (open) words.push_back(word);
  if (words.empty() || words.front().empty()) throw Error("a command must name a program");
  return words;
}

ExternalTruth::ExternalTruth(ExternalSettings settings) : settings_(std::move(settings)) {
  if (settings_.words.empty()) throw Error("a command must name a program");
  if (settings_.source.empty()) settings_.source = shortened_line(command_text(settings_.words));
}

class ExternalTruth::Run {
 public:
  Run(ExternalTruth& truth, const std::vector<sim::WorkerJob>& jobs,
      const std::function<void(std::vector<sim::WorkerAnswer>&)>& done)
      : truth_(truth), jobs_(jobs), done_(done), scratch_(truth.settings_.scratch) {}

  void run(const std::function<bool()>& stopped) {
    Progress progress;
    progress.stopped = stopped;
    const auto at_once = static_cast<std::size_t>(std::max(1, truth_.settings_.jobs));
    run_side_by_side(
        jobs_.size(), at_once, progress, "measuring", [&](std::size_t i) { return request(i); },
        [&](std::size_t i, const ProcessOutcome& outcome, double seconds) { return heard(i, outcome, seconds); });
  }

 private:
  // A subgraph that the program is asked about.
  struct Asked {
    explicit Asked(const fs::path& parent) : folder(parent, "subgraph"), files(files_in(folder.path())) {}

    ScratchFolder folder;
    SubgraphFiles files;
    ProcessRequest request;
    int tries = 0;
  };

  std::optional<ProcessRequest> request(std::size_t i) {
    Asked& one = asked_.try_emplace(i, scratch_.path()).first->second;
    if (one.tries++ == 0) {
      write_files(jobs_[i], one.files);
      one.request = request_of(truth_.settings_, one.files);
    } else {
      ++truth_.account_.retries;
      // What the last try left must not answer for this one.
      std::error_code none;
      fs::remove(one.files.answer, none);
    }
    ++truth_.account_.runs;
    return one.request;
  }

  // Whether the program is to be asked again.
  bool heard(std::size_t i, const ProcessOutcome& outcome, double seconds) {
    Asked& one = asked_.at(i);
    if (outcome.end == ProcessOutcome::End::kNotStarted) {
      throw Error(fmt::format("'{}' cannot be started: {}", truth_.settings_.words.front(), outcome.last_words));
    }
    truth_.account_.seconds += seconds;
    ExternalAnswer answer = answer_of(outcome, one.request, one.files);
    const bool failed = !answer.result.failure.empty() && !answer.stated;
    if (failed && one.tries <= truth_.settings_.retries) return true;
    if (!truth_.settings_.keep.empty()) keep_files(truth_.settings_.keep, jobs_[i], one.folder.path());
    if (failed) {
      give_up(i, answer.result.failure);
    } else {
      hand_over(i, std::move(answer.result));
    }
    asked_.erase(i);
    return false;
  }

  // A reason may name the subgraph's folder, which is another one each time.
  std::string plain(std::size_t i, const std::string& reason) const {
    return replaced(reason, asked_.at(i).folder.path(), "FOLDER");
  }

  void give_up(std::size_t i, const std::string& reason) {
    ExternalAccount& account = truth_.account_;
    ++account.given_up;
    if (account.given_up_first.size() < kShownFailures) {
      account.given_up_first.emplace_back(jobs_[i].subgraph_key, plain(i, reason));
    }
    const std::int64_t tried = std::max<std::int64_t>(kFewestTried, truth_.settings_.jobs);
    if (truth_.heard_ || account.given_up < tried) return;
    throw Error(fmt::format("{} has measured none of the first {} subgraphs: {}", command_text(truth_.settings_.words),
                            account.given_up, plain(i, reason)));
  }

  void hand_over(std::size_t i, record::SubgraphResult result) {
    truth_.heard_ = true;
    result.failure = plain(i, result.failure);
    record::Measurement& m = result.measurement;
    if (result.failure.empty()) {
      m.macs = mapping::parse_subgraph_key(jobs_[i].subgraph_key).shape.macs();
      const engine::EngineConfig& engine = *jobs_[i].engine;
      const double peak =
          static_cast<double>(engine.array.parallelism_factor) * static_cast<double>(engine.array.dot_product_lanes);
      m.utilization = static_cast<double>(m.macs) / (static_cast<double>(m.latency.count()) * peak);
    }
    std::vector<sim::WorkerAnswer> answers;
    answers.push_back({i, std::move(result)});
    done_(answers);
  }

  ExternalTruth& truth_;
  const std::vector<sim::WorkerJob>& jobs_;
  const std::function<void(std::vector<sim::WorkerAnswer>&)>& done_;
  ScratchParent scratch_;
  std::map<std::size_t, Asked> asked_;
};

void ExternalTruth::run(const std::vector<sim::WorkerJob>& jobs,
                        const std::function<void(std::vector<sim::WorkerAnswer>& answers)>& done,
                        const std::function<bool()>& stopped) {
  if (jobs.empty()) return;
  Run(*this, jobs, done).run(stopped);
}

}  // namespace lanewise::study
