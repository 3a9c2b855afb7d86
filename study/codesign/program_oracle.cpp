// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/program_oracle.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/process.hpp"
#include "core/base/random.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "study/codesign/fit_score_oracle.hpp"
#include "study/codesign/kept_oracle.hpp"
#include "study/codesign/program_output.hpp"
#include "study/codesign/training_oracle.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

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

class ProgramOracle : public KeptOracle {
 public:
  ProgramOracle(const nas::AccuracySettings& settings, const ProgramPlace& place)
      : KeptOracle(settings, place),
        words_(settings.words.at("command")),
        per_design_(settings.text("per", "network") == "design"),
        retries_(static_cast<int>(settings.number("retries", 0))),
        jobs_(static_cast<std::size_t>(settings.number("jobs", 1))) {
    request_.words = words_;
    request_.folder = settings.folder;
    request_.timeout = std::chrono::milliseconds(std::llround(1000 * settings.number("timeout", 600)));
    require_words_beside_the_space();
  }

  std::string name() const override { return "accuracy by the program " + command_text(words_); }
  std::string identity() const override {
    return fmt::format("program {}, per {}, {} is better", command_text(words_), per_design_ ? "design" : "network",
                       higher_is_better() ? "higher" : "lower");
  }

 protected:
  // The network may follow the engine, so that the encoding alone does not name it.
  std::string key_of(const nas::AccuracyQuery& query) const override {
    if (query.graph == nullptr) throw InternalError("a program is asked about a network without its graph");
    std::string text;
    for (const std::string& word : words_) text += word + '\0';
    text += query.encoding + '\0' + network::graph_hash(*query.graph);
    if (per_design_ && query.engine != nullptr) text += '\0' + engine::engine_hash(*query.engine);
    return hex_hash(text);
  }

  void ask(const std::vector<Open>& open) override {
    const ScratchParent scratch(place_.cache);
    std::map<std::size_t, Asked> asked;
    run_side_by_side(
        open.size(), jobs_, place_.progress, "asking the accuracy program",
        [&](std::size_t i) -> std::optional<ProcessRequest> {
          Asked& one = asked.try_emplace(i, scratch.path()).first->second;
          const std::string failure = one.tries > 0 ? "" : prepare(*open[i].query, one.folder);
          if (!failure.empty()) {
            settle(open[i], one.folder, {std::numeric_limits<double>::quiet_NaN(), failure});
            asked.erase(i);
            return std::nullopt;
          }
          ++account_.runs;
          if (one.tries++ > 0) ++account_.retries;
          ProcessRequest request = request_;
          request.input = one.folder.file("candidate.json");
          return request;
        },
        [&](std::size_t i, const ProcessOutcome& outcome, double seconds) {
          if (outcome.end == ProcessOutcome::End::kNotStarted) {
            throw Error(fmt::format("{}'{}' cannot be started: {}", settings_.place("command"), words_.front(),
                                    outcome.last_words));
          }
          took(1, seconds);
          const ProgramAnswer heard = answer_of(outcome, request_);
          if (heard.may_be_retried && asked.at(i).tries <= retries_) return true;
          settle(open[i], asked.at(i).folder, heard.answer);
          asked.erase(i);
          return false;
        });
  }

 private:
  // A candidate that the program is asked about.
  struct Asked {
    explicit Asked(const fs::path& parent) : folder(parent, "lanewise-candidate") {}

    ScratchFolder folder;
    int tries = 0;
  };

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

  // Writes what the program reads. Returns why there is nothing to write, or "".
  std::string prepare(const nas::AccuracyQuery& query, const ScratchFolder& folder) const {
    const std::string onnx = folder.file("candidate.onnx"), json = folder.file("candidate.json");
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
                {"folder", folder.path()}};
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

  // A reason may name the candidate's folder, which is another one each time.
  void settle(const Open& open, const ScratchFolder& scratch, nas::AccuracyAnswer answer) {
    const std::string folder = scratch.path();
    for (std::size_t at = answer.failure.find(folder); at != std::string::npos; at = answer.failure.find(folder, at)) {
      answer.failure.replace(at, folder.size(), "FOLDER");
    }
    KeptOracle::settle(open, answer);
  }

  std::vector<std::string> words_;
  bool per_design_;
  int retries_;
  std::size_t jobs_;
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
  context.trainer = [place](const nas::AccuracySettings& settings) { return make_training_oracle(settings, place); };
  context.scorer = [place](const nas::AccuracySettings& settings) { return make_fit_score_oracle(settings, place); };
  if (allow_commands) {
    context.program = [place = std::move(place)](const nas::AccuracySettings& settings) {
      return make_program_oracle(settings, place);
    };
  }
  return context;
}

}  // namespace lanewise::study
