// SPDX-License-Identifier: Apache-2.0
// lanewise-fuzz: replays the corpora of the file formats, or changes them for so many inputs or minutes, and saves what
// is neither taken nor refused by a line.
//   lanewise-fuzz --replay [FORMAT…]
//   lanewise-fuzz --inputs N | --minutes M [--seed S] [--found FOLDER] [--json FILE] [FORMAT…]
//   lanewise-fuzz --read FORMAT FILE      what comes of one file
//   lanewise-fuzz --minimise FORMAT FILE  a smaller file with the same fault, to FILE.min
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/file.hpp"
#include "tests/fuzz/minimise.hpp"
#include "tests/fuzz/sandbox.hpp"

namespace lanewise::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Arguments {
  bool replay = false;
  std::uint64_t inputs = 0, seed = 1;
  double minutes = 0;
  std::string found = "found", json, read, minimise;
  std::vector<std::string> words;
};

Arguments parse(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (++i >= argc) throw Error(word + " needs a value");
      return std::string(argv[i]);
    };
    if (word == "--replay") {
      out.replay = true;
    } else if (word == "--inputs") {
      out.inputs = std::stoull(value());
    } else if (word == "--minutes") {
      out.minutes = std::stod(value());
    } else if (word == "--seed") {
      out.seed = std::stoull(value());
    } else if (word == "--found") {
      out.found = value();
    } else if (word == "--json") {
      out.json = value();
    } else if (word == "--read") {
      out.read = value();
    } else if (word == "--minimise") {
      out.minimise = value();
    } else if (word.rfind("--", 0) == 0) {
      throw Error("unknown option " + word);
    } else {
      out.words.push_back(word);
    }
  }
  return out;
}

const Target& target_of(const std::string& format) {
  for (const Target& target : targets()) {
    if (format == target.format) return target;
  }
  throw Error("no fuzz target for the format '" + format + "'");
}

std::vector<const Target*> wanted(const std::vector<std::string>& formats) {
  std::vector<const Target*> out;
  for (const Target& target : targets()) {
    if (formats.empty() || std::count(formats.begin(), formats.end(), target.format) > 0) out.push_back(&target);
  }
  for (const std::string& format : formats) target_of(format);
  return out;
}

std::string corpus_of(const Target& target) { return source_folder() + "/tests/fuzz/corpus/" + target.format; }

std::vector<std::string> files_in(const std::string& folder, const std::string& suffix) {
  std::vector<std::string> out;
  if (!fs::is_directory(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == suffix) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The corpus of the repository, and what was made anew.
Inputs inputs_of(const Target& target, const std::string& scratch) {
  Inputs out;
  for (const std::string& folder : {corpus_of(target), scratch + "/grown/" + target.format}) {
    for (const std::string& file : files_in(folder, target.suffix)) out.push_back(record::read_file(file));
  }
  if (out.empty()) throw Error(fmt::format("{}: the corpus is empty", corpus_of(target)));
  return out;
}

// A model is made in any case: networks are estimated with it.
void grow(const Sandbox& sandbox, const std::string& scratch) {
  for (const Target& target : targets()) {
    if (target.grow == nullptr) continue;
    const std::string folder = scratch + "/grown/" + target.format;
    fs::create_directories(folder);
    sandbox.apart([&] { target.grow(folder); });
  }
}

// A file whose name begins with "good" must be taken; whatever else, each must be taken or refused by a line.
int replay(const Sandbox& sandbox, const std::string& scratch, const std::vector<const Target*>& chosen) {
  int failed = 0;
  for (const Target* target : chosen) {
    std::vector<std::string> files = files_in(corpus_of(*target), target->suffix);
    for (std::string& file : files_in(scratch + "/grown/" + target->format, target->suffix)) {
      files.push_back(std::move(file));
    }
    if (files.empty()) throw Error(fmt::format("{}: the corpus is empty", corpus_of(*target)));
    int good = 0;
    for (const std::string& file : files) {
      const std::string name = fs::path(file).filename().string();
      const std::string verdict = sandbox.verdict(*target, record::read_file(file));
      const bool must_be_taken = name.rfind("good", 0) == 0 || name.rfind("grown", 0) == 0;
      good += must_be_taken ? 1 : 0;
      if (verdict == "accepted" || (!must_be_taken && verdict.rfind("refused", 0) == 0)) continue;
      ++failed;
      std::printf("%s: %s\n", file.c_str(), verdict.c_str());
    }
    if (good == 0)
      throw Error(fmt::format("{}: no file good*{} that must be taken", corpus_of(*target), target->suffix));
    std::printf("%s: %zu files, %d of them must be taken\n", target->format, files.size(), good);
  }
  return failed == 0 ? 0 : 1;
}

class Campaign {
 public:
  Campaign(const Arguments& arguments, const Sandbox& sandbox, const std::string& scratch,
           const std::vector<const Target*>& chosen)
      : arguments_(arguments), sandbox_(sandbox), began_(Clock::now()) {
    for (const Target* target : chosen) {
      runs_.push_back({target, inputs_of(*target, scratch), {}, 0, {}});
      weights_ += target->weight;
    }
  }

  int run() {
    constexpr std::uint64_t kBatch = 25;  // per unit of weight; small, so that every format has its share of the time
    while (!done()) {
      for (Run& run : runs_) {
        const std::uint64_t share = share_of(run);
        std::uint64_t count = kBatch * static_cast<std::uint64_t>(run.target->weight);
        if (arguments_.inputs > 0) count = std::min(count, share - std::min(share, run.next));
        if (count == 0 || (arguments_.minutes > 0 && minutes() >= arguments_.minutes)) continue;
        go_on(run, count);
      }
      std::printf("%s", progress().c_str());
      std::fflush(stdout);
    }
    if (!arguments_.json.empty()) record::write_file(arguments_.json, report().dump(2) + "\n");
    return faults() == 0 ? 0 : 1;
  }

 private:
  struct Run {
    const Target* target;
    Inputs corpus;
    Tally tally;
    std::uint64_t next;  // number of the next input
    std::map<std::string, int> saved;
  };

  double minutes() const { return std::chrono::duration<double>(Clock::now() - began_).count() / 60; }
  std::uint64_t share_of(const Run& run) const {
    const double share = static_cast<double>(arguments_.inputs) * run.target->weight / weights_;
    return static_cast<std::uint64_t>(std::ceil(share));
  }
  bool done() const {
    if (arguments_.minutes > 0) return minutes() >= arguments_.minutes;
    return std::all_of(runs_.begin(), runs_.end(), [&](const Run& run) { return run.next >= share_of(run); });
  }
  std::int64_t faults() const {
    std::int64_t out = 0;
    for (const Run& run : runs_) out += run.tally.faults;
    return out;
  }

  void go_on(Run& run, std::uint64_t count) {
    const Target& target = *run.target;
    const MakeInput make = [&](std::uint64_t index) {
      Random random(stable_hash(fmt::format("{} {} {}", arguments_.seed, target.format, index)));
      return target.mutate(run.corpus, random);
    };
    sandbox_.run(target, run.next, run.next + count, make, run.tally, [&](const Fault& fault) { save(run, fault); });
    run.next += count;
  }

  void save(Run& run, const Fault& fault) const {
    constexpr int kOfOneKind = 3;
    if (++run.saved[fault.kind] > kOfOneKind) return;
    fs::create_directories(arguments_.found);
    const std::string name =
        fmt::format("{}/{}-{}-{}", arguments_.found, run.target->format, arguments_.seed, fault.index);
    record::write_file(name + run.target->suffix, fault.input);
    record::write_file(name + ".report", fault.detail);
    std::printf("%s%s: %s\n", name.c_str(), run.target->suffix, fault.kind.c_str());
    std::fflush(stdout);
  }

  std::string progress() const {
    std::uint64_t inputs = 0;
    for (const Run& run : runs_) inputs += run.next;
    return fmt::format("{} inputs, {} faults, {:.1f} minutes\n", inputs, faults(), minutes());
  }

  nlohmann::ordered_json report() const {
    nlohmann::ordered_json json = {{"tool_version", version()}, {"seed", arguments_.seed}};
    nlohmann::ordered_json formats = nlohmann::ordered_json::object();
    std::uint64_t inputs = 0;
    std::int64_t peak = 0;
    for (const Run& run : runs_) {
      inputs += run.next;
      peak = std::max(peak, run.tally.peak_mib);
      formats[run.target->format] = {{"inputs", run.next},
                                     {"accepted", run.tally.accepted},
                                     {"refused", run.tally.refused},
                                     {"faults", run.tally.faults},
                                     {"fault_kinds", run.tally.fault_kinds},
                                     {"cpu_seconds", std::round(run.tally.cpu_seconds)},
                                     {"slowest_seconds", std::round(run.tally.slowest_seconds * 100) / 100},
                                     {"slowest_input", run.tally.slowest_index},
                                     {"peak_mib", run.tally.peak_mib}};
    }
    json["inputs"] = inputs;
    json["faults"] = faults();
    json["seconds"] = std::round(minutes() * 60);
    json["peak_mib"] = peak;
    json["formats"] = formats;
    return json;
  }

  const Arguments& arguments_;
  const Sandbox& sandbox_;
  Clock::time_point began_;
  std::vector<Run> runs_;
  int weights_ = 0;
};

// A folder that goes with the program.
struct Scratch {
  std::string path;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "lanewise-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Error("no folder for scratch files");
    path = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

int run(const Arguments& arguments) {
  const Scratch scratch;
  const Sandbox sandbox(scratch.path, default_limits());
  grow(sandbox, scratch.path);
  if (!arguments.read.empty() || !arguments.minimise.empty()) {
    const Target& target = target_of(arguments.read + arguments.minimise);
    for (const std::string& file : arguments.words) {
      const std::string input = record::read_file(file);
      if (arguments.minimise.empty()) {
        std::printf("%s: %s\n", file.c_str(), sandbox.verdict(target, input).c_str());
      } else {
        record::write_file(file + ".min", minimise(sandbox, target, input));
      }
    }
    return 0;
  }
  const std::vector<const Target*> chosen = wanted(arguments.words);
  if (arguments.replay) return replay(sandbox, scratch.path, chosen);
  if (arguments.inputs == 0 && !(arguments.minutes > 0))
    throw Error("one of --replay, --inputs and --minutes is needed");
  return Campaign(arguments, sandbox, scratch.path, chosen).run();
}

}  // namespace
}  // namespace lanewise::fuzz

int main(int argc, char** argv) {
  try {
    return lanewise::fuzz::run(lanewise::fuzz::parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lanewise-fuzz: error: %s\n", error.what());
    return 2;
  }
}
