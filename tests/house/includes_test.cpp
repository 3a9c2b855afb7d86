// SPDX-License-Identifier: Apache-2.0
// The table of modules in docs/architecture.md, enforced: who may include whom, directly and through others, and which
// third party lives where.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = LANEWISE_SOURCE_DIR;

struct Module {
  Names may_include;    // other modules
  Names third_parties;  // beginnings of the #include <…> that only its own files, and no public header, may have
};

const Names kCore = {"core/base", "core/engine", "core/network", "core/mapping", "core/record"};

Names with(Names names, const Names& more) {
  names.insert(more.begin(), more.end());
  return names;
}

const Names kStudies = {"study/evaluation", "study/campaign",   "study/external",    "study/dataset",
                        "study/training",   "study/validation", "study/calibration", "study/workload",
                        "study/codesign",   "study/curation",   "study/advice",      "study/installation"};

// A module is a folder with the folders below it that have no line of their own.
const std::map<std::string, Module> kModules = {
    {"core/base", {{}, {"fmt/"}}},
    {"core/engine", {{"core/base"}, {"yaml-cpp/", "fmt/"}}},
    {"core/network", {{"core/base"}, {"boost/", "onnx/", "google/protobuf", "flatbuffers/", "fmt/"}}},
    {"core/mapping", {{"core/base", "core/engine", "core/network"}, {"fmt/"}}},
    {"core/record", {{"core/base", "core/engine", "core/mapping"}, {"sqlite3", "fmt/"}}},
    {"sim", {with(kCore, {"sim/units"}), {"fmt/"}}},
    {"sim/units", {kCore, {"systemc", "tlm", "tlm_utils/"}}},
    {"sim/pool", {with(kCore, {"sim"}), {"fmt/"}}},
    {"estimator", {kCore, {"xgboost/", "Eigen/", "nlohmann/", "fmt/"}}},
    {"nas", {kCore, {"Eigen/", "fmt/"}}},
    {"study/evaluation", {with(kCore, {"sim", "sim/pool", "estimator", "nas"}), {"fmt/"}}},
    {"study/campaign", {with(kCore, {"sim", "sim/pool"}), {"boost/", "fmt/"}}},
    {"study/external", {with(kCore, {"sim/pool", "study/campaign"}), {"nlohmann/", "fmt/"}}},
    {"study/dataset", {with(kCore, {"estimator"}), {"fmt/"}}},
    {"study/training", {with(kCore, {"sim/pool", "estimator", "study/campaign", "study/dataset"}), {"fmt/"}}},
    {"study/validation", {with(kCore, {"sim", "study/evaluation"}), {"fmt/"}}},
    {"study/calibration", {with(kCore, {"sim", "estimator", "study/validation"}), {"Eigen/", "fmt/"}}},
    {"study/workload", {with(kCore, {"sim", "nas", "study/evaluation"}), {"fmt/"}}},
    {"study/codesign",
     {with(kCore, {"sim/pool", "estimator", "nas", "study/evaluation", "study/campaign", "study/dataset",
                   "study/training", "study/workload"}),
      {"nlohmann/", "fmt/"}}},
    {"study/curation", {with(kCore, {"sim/pool", "estimator", "nas", "study/evaluation", "study/codesign"}), {"fmt/"}}},
    {"study/advice",
     {with(kCore, {"sim/pool", "estimator", "nas", "study/evaluation", "study/codesign"}), {"nlohmann/", "fmt/"}}},
    {"study/installation", {with(kCore, {"sim", "sim/pool", "estimator"}), {"fmt/"}}},
    {"accuracy/data", {{"core/base"}, {"png.h", "jpeglib.h", "jerror.h", "zlib.h", "nlohmann/", "yaml-cpp/", "fmt/"}}},
    {"accuracy/metrics", {{"core/base"}, {"fmt/"}}},
    {"accuracy",
     {with(kCore, {"nas", "accuracy/data", "accuracy/metrics"}), {"torch/", "ATen/", "c10/", "nlohmann/", "fmt/"}}},
    {"accuracy/fit",
     {with(kCore, {"nas", "accuracy/data", "accuracy/metrics", "accuracy", "cli/console"}),
      {"CLI/", "nlohmann/", "fmt/"}}},
    {"page", {{"core/base"}, {"fmt/"}}},
    {"report", {with(kCore, with(kStudies, {"estimator", "nas", "page"})), {"nlohmann/", "fmt/"}}},
    {"mcp", {{"core/base"}, {"nlohmann/", "fmt/"}}},
    {"explore",
     {with(kCore, {"estimator", "nas", "study/evaluation", "study/codesign", "report", "page"}),
      {"httplib.h", "nlohmann/", "fmt/"}}},
    {"cli/console", {{"core/base", "core/engine"}, {"CLI/", "fmt/"}}},
    {"cli",
     {with(kCore, with(kStudies, {"sim", "sim/pool", "estimator", "nas", "report", "explore", "mcp", "cli/console"})),
      {"CLI/", "nlohmann/", "fmt/"}}},
    {"python",
     {with(kCore, with(kStudies, {"sim", "sim/pool", "estimator", "nas", "report", "cli"})), {"pybind11/", "fmt/"}}},
};

// What the files that begin with the first may not see, not even through others, and why.
struct Barrier {
  std::string from, target, why;
};
const std::vector<Barrier> kBarriers = {
    {"estimator", "sim", "a prediction knows nothing of the simulator"},
    {"estimator", "nas", "the regressor may be trained anew without touching the search"},
    {"sim", "estimator", "a simulation knows nothing of predictions"},
    {"sim", "nas", "a simulation knows nothing of searches"},
    {"nas", "sim", "a search knows its oracles alone"},
    {"nas", "estimator", "a search knows its oracles alone"},
    {"accuracy", "sim", "how good a network is has nothing to do with how fast it is"},
    {"accuracy", "estimator", "how good a network is has nothing to do with how fast it is"},
    {"core", "sim", "the core is below everything"},
    {"core", "estimator", "the core is below everything"},
    {"core", "nas", "the core is below everything"},
    {"study", "report", "a study makes answers, whoever prints them lives above it"},
    {"study", "cli", "a study can be run without the command line"},
    {"report", "sim", "rendering measures nothing"},
    {"estimator", "core/mapping/tile_plan.hpp", "features may not read what the planner decides"},
    {"estimator", "core/mapping/plan_tiles.hpp", "features may not read what the planner decides"},
    {"estimator", "core/mapping/tile_search.hpp", "features may not read what the planner decides"},
    {"estimator", "core/mapping/tile_planner.hpp", "features may not read what the planner decides"},
    {"estimator", "core/mapping/tile_steps.hpp", "features may not read what the planner decides"},
    {"estimator", "core/mapping/list_scheduler.hpp", "features may not read what the planner decides"},
    {"core/mapping", "core/record", "plans know nothing of measurements"},
};

struct Source {
  Names quoted, angled;
};
using Sources = std::map<std::string, Source>;  // by path below the repository's root

Sources read_sources() {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  Sources sources;
  for (const char* top :
       {"core", "sim", "estimator", "nas", "study", "page", "report", "explore", "mcp", "cli", "accuracy", "python"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      Source& source = sources[fs::relative(entry.path(), kRoot).string()];
      std::ifstream file(entry.path());
      std::smatch match;
      for (std::string line; std::getline(file, line);) {
        if (!std::regex_search(line, match, pattern)) continue;
        (match[1] == "\"" ? source.quoted : source.angled).insert(match[2]);
      }
    }
  }
  return sources;
}

const Sources& sources() {
  static const Sources all = read_sources();
  return all;
}

bool begins_with(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }
bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || begins_with(path, folder + "/");
}

// The longest line of the table that the file is below; "" if none.
std::string module_of(const std::string& path) {
  std::string found;
  for (const auto& [module, rules] : kModules) {
    if (is_below(path, module) && module.size() > found.size()) found = module;
  }
  return found;
}

// The file itself and all that it includes, directly and through others, each with the one that brought it.
std::map<std::string, std::string> seen_from(const std::string& path) {
  std::map<std::string, std::string> seen = {{path, ""}};
  std::vector<std::string> open = {path};
  while (!open.empty()) {
    const std::string file = open.back();
    open.pop_back();
    const auto source = sources().find(file);
    if (source == sources().end()) continue;
    for (const std::string& target : source->second.quoted) {
      if (seen.emplace(target, file).second) open.push_back(target);
    }
  }
  return seen;
}

std::string way_to(const std::map<std::string, std::string>& seen, std::string file) {
  std::string way = file;
  for (file = seen.at(file); !file.empty(); file = seen.at(file)) way = file + " -> " + way;
  return way;
}

TEST(House, every_source_is_in_a_module_of_the_table) {
  Names used;
  for (const auto& [path, source] : sources()) {
    EXPECT_NE(module_of(path), "") << path;
    used.insert(module_of(path));
  }
  for (const auto& [module, rules] : kModules) EXPECT_EQ(used.count(module), 1u) << module << " has no sources";
}

TEST(House, includes_name_files_from_the_root) {
  for (const auto& [path, source] : sources()) {
    for (const std::string& target : source.quoted) EXPECT_EQ(sources().count(target), 1u) << path << " " << target;
  }
}

TEST(House, modules_include_only_what_the_table_allows) {
  for (const auto& [path, source] : sources()) {
    const std::string module = module_of(path);
    for (const std::string& target : source.quoted) {
      const std::string other = module_of(target);
      EXPECT_TRUE(other == module || kModules.at(module).may_include.count(other) == 1)
          << path << " includes " << target;
    }
  }
}

TEST(House, the_table_has_no_circles) {
  // A module is done once all that it may include is done; in a circle none ever is.
  Names done;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [module, rules] : kModules) {
      const Names& needed = rules.may_include;
      if (done.count(module) == 1 || !std::includes(done.begin(), done.end(), needed.begin(), needed.end())) continue;
      done.insert(module);
      more = true;
    }
  }
  EXPECT_EQ(done.size(), kModules.size());
}

TEST(House, barriers_hold_through_others_too) {
  for (const auto& [path, source] : sources()) {
    const auto seen = seen_from(path);
    for (const Barrier& barrier : kBarriers) {
      if (!is_below(path, barrier.from)) continue;
      for (const auto& [target, by] : seen) {
        EXPECT_FALSE(is_below(target, barrier.target)) << way_to(seen, target) << ": " << barrier.why;
      }
    }
  }
}

TEST(House, barriers_name_what_exists) {
  for (const Barrier& barrier : kBarriers) {
    EXPECT_TRUE(fs::exists(kRoot / barrier.from)) << barrier.from;
    EXPECT_TRUE(fs::exists(kRoot / barrier.target)) << barrier.target;
  }
}

TEST(House, third_parties_stay_in_their_modules) {
  Names known;
  for (const auto& [module, rules] : kModules) known.insert(rules.third_parties.begin(), rules.third_parties.end());
  for (const auto& [path, source] : sources()) {
    for (const std::string& target : source.angled) {
      for (const std::string& party : known) {
        if (!begins_with(target, party)) continue;
        EXPECT_EQ(kModules.at(module_of(path)).third_parties.count(party), 1u)
            << path << " includes <" << target << ">";
      }
    }
  }
}

TEST(House, headers_that_others_include_show_no_third_party) {
  Names known;
  for (const auto& [module, rules] : kModules) known.insert(rules.third_parties.begin(), rules.third_parties.end());
  Names headers;
  for (const auto& [path, source] : sources()) {
    for (const std::string& target : source.quoted) {
      if (module_of(target) != module_of(path)) headers.insert(target);
    }
  }
  EXPECT_GT(headers.size(), 50u);
  for (const std::string& header : headers) {
    // sim/simulate.cpp is the one door to the units; whoever includes them compiles SystemC. Two programs parse their
    // command lines.
    if (module_of(header) == "sim/units" || module_of(header) == "cli/console") continue;
    for (const auto& [file, by] : seen_from(header)) {
      if (sources().count(file) == 0) continue;
      for (const std::string& target : sources().at(file).angled) {
        for (const std::string& party : known) {
          EXPECT_FALSE(begins_with(target, party)) << header << " shows <" << target << "> of " << file;
        }
      }
    }
  }
}

TEST(House, no_module_without_an_idea) {
  for (const auto& [path, source] : sources()) {
    for (const fs::path& part : fs::path(path)) {
      for (const char* vague : {"common", "util", "utils", "helper", "helpers", "misc"}) {
        EXPECT_NE(part.stem(), vague) << path;
      }
    }
  }
}

TEST(House, every_source_carries_the_licence) {
  for (const char* folder : {"core", "sim", "estimator", "nas", "study", "report", "explore", "mcp", "cli", "accuracy",
                             "python", "tests", "benchmarks", "cmake"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cpp" && extension != ".hpp" && extension != ".cmake") continue;
      std::ifstream file(entry.path());
      std::string first;
      std::getline(file, first);
      EXPECT_NE(first.find("SPDX-License-Identifier: Apache-2.0"), std::string::npos) << entry.path();
    }
  }
}

}  // namespace
