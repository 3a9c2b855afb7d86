// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/program_oracle.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/process.hpp"
#include "core/base/random.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "study/codesign/program_output.hpp"
#include "study/codesign/score_cache.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A folder that goes with its object.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) {
    std::string pattern = (parent / "lanewise-candidate-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw Error(fmt::format("{}: cannot make a folder for a candidate: {}", pattern, std::strerror(errno)));
    }
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code none;
    fs::remove_all(path_, none);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

// Where candidates have their folders: beside the job's cache, where a job that goes on after a kill finds and removes
// them, else where the system keeps temporary files.
class ScratchParent {
 public:
  explicit ScratchParent(const std::string& cache) {
    if (cache.empty()) {
      path_ = fs::temp_directory_path();
      return;
    }
    own_ = true;
    path_ = fs::absolute(cache + ".candidates");
    remove();
    fs::create_directories(path_);
  }
  ~ScratchParent() { remove(); }
  ScratchParent(const ScratchParent&) = delete;
  ScratchParent& operator=(const ScratchParent&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code none;
    if (own_) fs::remove_all(path_, none);
  }

  fs::path path_;
  bool own_ = false;
};

// A candidate that the program is asked about.
struct Asked {
  Asked(std::size_t its_query, std::string its_key, const fs::path& parent)
      : query(its_query), key(std::move(its_key)), folder(parent) {}

  std::size_t query;  // the first of those that ask for it
  std::string key;
  ScratchFolder folder;
  int tries = 0;
  std::optional<Process> process;
};

class ProgramOracle : public nas::AccuracyOracle {
 public:
  ProgramOracle(const nas::AccuracySettings& settings, ProgramPlace place)
      : settings_(settings),
        words_(settings.words.at("command")),
        per_design_(settings.text("per", "network") == "design"),
        retries_(static_cast<int>(settings.number("retries", 0))),
        jobs_(static_cast<std::size_t>(settings.number("jobs", 1))),
        place_(std::move(place)),
        cache_(settings.text("cache", place_.cache), settings.text("cache").empty()) {
    request_.words = words_;
    request_.folder = settings.folder;
    request_.timeout = std::chrono::milliseconds(std::llround(1000 * settings.number("timeout", 600)));
    require_words_beside_the_space();
  }

  std::string name() const override { return "accuracy by the program " + command_text(words_); }
  bool measures() const override { return true; }
  bool higher_is_better() const override { return settings_.text("better", "higher") == "higher"; }
  std::string identity() const override {
    return fmt::format("program {}, per {}, {} is better", command_text(words_), per_design_ ? "design" : "network",
                       higher_is_better() ? "higher" : "lower");
  }

 protected:
  std::vector<nas::AccuracyAnswer> answer(const std::vector<nas::AccuracyQuery>& queries) override {
    std::vector<std::string> keys;
    keys.reserve(queries.size());
    std::deque<std::size_t> open;  // queries to be asked, each network once
    std::set<std::string> known;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      keys.push_back(key_of(queries[i]));
      if (cache_.find(keys.back()) != nullptr) {
        ++account_.from_cache;
      } else if (known.insert(keys.back()).second) {
        open.push_back(i);
      }
    }
    ask(queries, keys, open);
    cache_.sort();
    std::vector<nas::AccuracyAnswer> answers;
    answers.reserve(queries.size());
    for (const std::string& key : keys) answers.push_back(*cache_.find(key));
    return answers;
  }

 private:
  // The program runs in the folder of the space file. A word that names a file here and none there was meant to be read
  // from here.
  void require_words_beside_the_space() const {
    for (const std::string& word : words_) {
      const fs::path path(word);
      std::error_code none;
      if (word.empty() || path.is_absolute() || !fs::is_regular_file(path, none)) continue;
      if (fs::exists(fs::path(settings_.folder) / path, none)) continue;
      if (&word == &words_.front() && word.find('/') == std::string::npos) continue;  // looked for in PATH
      throw Error(
          fmt::format("{}'{}' is no file in {}, the space file's folder, where the program runs: must be a path "
                      "from there, or an absolute one",
                      settings_.place("command"), word, settings_.folder));
    }
  }

  // The network may follow the engine, so that the encoding alone does not name it.
  std::string key_of(const nas::AccuracyQuery& query) const {
    if (query.graph == nullptr) throw InternalError("a program is asked about a network without its graph");
    std::string text;
    for (const std::string& word : words_) text += word + '\0';
    text += query.encoding + '\0' + network::graph_hash(*query.graph);
    if (per_design_ && query.engine != nullptr) text += '\0' + engine::engine_hash(*query.engine);
    return hex_hash(text);
  }

  void ask(const std::vector<nas::AccuracyQuery>& queries, const std::vector<std::string>& keys,
           std::deque<std::size_t>& open) {
    const auto total = static_cast<std::int64_t>(open.size());
    if (open.empty()) return;
    const ScratchParent scratch(place_.cache);
    std::list<Asked> running;
    std::int64_t done = 0;
    while (!open.empty() || !running.empty()) {
      while (!open.empty() && running.size() < jobs_) {
        const std::size_t query = open.front();
        open.pop_front();
        Asked& asked = running.emplace_back(query, keys[query], scratch.path());
        const std::string failure = prepare(queries[query], asked);
        if (failure.empty()) {
          start(asked);
        } else {
          settle(queries[query], asked, {std::numeric_limits<double>::quiet_NaN(), failure});
          running.pop_back();
          ++done;
        }
      }
      place_.progress("asking the accuracy program", done, total);
      wait(running);
      for (auto asked = running.begin(); asked != running.end();) {
        if (!asked->process->ended() || !hear(queries[asked->query], *asked)) {
          ++asked;
          continue;
        }
        asked = running.erase(asked);
        ++done;
      }
    }
  }

  static void wait(const std::list<Asked>& running) {
    if (running.empty()) return;
    std::vector<const Process*> processes;
    for (const Asked& asked : running) processes.push_back(&*asked.process);
    Process::wait_for_any(processes);
  }

  // Writes what the program reads. Returns why there is nothing to write, or "".
  std::string prepare(const nas::AccuracyQuery& query, const Asked& asked) const {
    const std::string onnx = asked.folder.file("candidate.onnx"), json = asked.folder.file("candidate.json");
    try {
      network::export_onnx(*query.graph, onnx, {place_.weights_from, place_.read_as});
    } catch (const Error& error) {
      return std::string("the network cannot be written as ONNX: ") + error.what();
    }
    Json out = {{"encoding", query.encoding},
                {"macs", query.facts.macs},
                {"parameters", query.facts.parameters},
                {"genes", Json::object()},
                {"onnx", onnx},
                {"json", json},
                {"folder", asked.folder.path()}};
    for (const auto& [gene, value] : query.genes) out["genes"][gene] = value;
    if (query.engine != nullptr) {
      out["engine"] = {{"name", query.engine->name},
                       {"family", query.engine->family},
                       {"engine_hash", engine::engine_hash(*query.engine)},
                       {"parallelism_factor", query.engine->array.parallelism_factor}};
    }
    record::write_file(json, out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return "";
  }

  void start(Asked& asked) {
    ProcessRequest request = request_;
    request.input = asked.folder.file("candidate.json");
    ++account_.runs;
    if (asked.tries++ > 0) ++account_.retries;
    asked.process.emplace(request);
    if (!asked.process->ended() || asked.process->outcome().end != ProcessOutcome::End::kNotStarted) return;
    throw Error(fmt::format("{}'{}' cannot be started: {}", settings_.place("command"), words_.front(),
                            asked.process->outcome().last_words));
  }

  // Takes the answer of a program that has ended. False where it was started again.
  bool hear(const nas::AccuracyQuery& query, Asked& asked) {
    const ProgramAnswer heard = answer_of(asked.process->outcome(), request_);
    if (heard.may_be_retried && asked.tries <= retries_) {
      asked.process.reset();
      start(asked);
      return false;
    }
    settle(query, asked, heard.answer);
    return true;
  }

  // A reason may name the candidate's folder, which is another one each time.
  void settle(const nas::AccuracyQuery& query, const Asked& asked, nas::AccuracyAnswer answer) {
    const std::string folder = asked.folder.path();
    for (std::size_t at = answer.failure.find(folder); at != std::string::npos; at = answer.failure.find(folder, at)) {
      answer.failure.replace(at, folder.size(), "FOLDER");
    }
    cache_.add(asked.key, query.encoding, answer);
  }

  nas::AccuracySettings settings_;
  std::vector<std::string> words_;
  bool per_design_;
  int retries_;
  std::size_t jobs_;
  ProgramPlace place_;
  ScoreCache cache_;
  ProcessRequest request_;
};

}  // namespace

std::unique_ptr<nas::AccuracyOracle> make_program_oracle(const nas::AccuracySettings& settings, ProgramPlace place) {
  return std::make_unique<ProgramOracle>(settings, std::move(place));
}

nas::AccuracyContext accuracy_context(bool allow_commands, ProgramPlace place,
                                      std::function<std::string(const std::string&)> canonical) {
  nas::AccuracyContext context;
  context.canonical = std::move(canonical);
  if (allow_commands) {
    context.program = [place = std::move(place)](const nas::AccuracySettings& settings) {
      return make_program_oracle(settings, place);
    };
  }
  return context;
}

}  // namespace lanewise::study
