// SPDX-License-Identifier: Apache-2.0
// The table of rooms in docs/architecture.md, enforced: who may include whom, and which third party lives where.
#include <gtest/gtest.h>

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

const fs::path kSource = fs::path(LANEWISE_SOURCE_DIR) / "src";

struct Room {
  Names may_include;
  Names third_parties;  // beginnings of the #include <…> that only its own files, and no public header, may have
};

const std::map<std::string, Room> kRooms = {
    {"base", {{}, {"fmt/"}}},
    {"engine", {{"base"}, {"yaml-cpp/", "fmt/"}}},
    {"network", {{"base"}, {"boost/", "onnx/", "google/protobuf", "fmt/"}}},
    {"mapping", {{"base", "engine", "network"}, {"fmt/"}}},
    {"record", {{"base", "engine", "network", "mapping"}, {"sqlite3", "fmt/"}}},
    {"sim", {{"base", "engine", "network", "mapping", "record"}, {"systemc", "tlm", "tlm_utils/"}}},
    {"estimator", {{"base", "engine", "network", "mapping", "record"}, {"xgboost/", "nlohmann/", "fmt/"}}},
    {"nas", {{"base", "engine", "network", "mapping", "record"}, {"yaml-cpp/", "fmt/"}}},
    {"report", {{"base", "engine", "network", "mapping", "record"}, {"nlohmann/", "fmt/"}}},
    {"study",
     {{"base", "engine", "network", "mapping", "record", "sim", "estimator", "nas", "report"},
      {"Eigen/", "nlohmann/", "boost/", "fmt/"}}},
    {"cli",
     {{"base", "engine", "network", "mapping", "record", "sim", "estimator", "nas", "report", "study"},
      {"CLI/", "nlohmann/", "fmt/"}}},
};

struct Include {
  std::string file, target;
  bool quoted = false;
};

std::vector<Include> includes_of(const fs::path& folder) {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> includes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
    std::ifstream file(entry.path());
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_search(line, match, pattern)) continue;
      includes.push_back({fs::relative(entry.path(), kSource).string(), match[2], match[1] == "\""});
    }
  }
  return includes;
}

bool begins_with(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }

// Headers that others include: named as "room/file.hpp" from outside the room.
Names public_headers() {
  Names headers;
  for (const auto& [room, rules] : kRooms) {
    for (const Include& include : includes_of(kSource / room)) {
      if (include.quoted && !begins_with(include.target, room + "/")) headers.insert(include.target);
    }
  }
  return headers;
}

TEST(House, every_folder_is_a_room_of_the_table) {
  Names folders;
  for (const auto& entry : fs::directory_iterator(kSource)) folders.insert(entry.path().filename().string());
  Names rooms;
  for (const auto& [room, rules] : kRooms) rooms.insert(room);
  EXPECT_EQ(folders, rooms);
}

TEST(House, rooms_include_only_what_the_table_allows) {
  for (const auto& [room, rules] : kRooms) {
    const std::vector<Include> includes = includes_of(kSource / room);
    EXPECT_FALSE(includes.empty()) << room;
    for (const Include& include : includes) {
      if (!include.quoted) continue;
      const std::string target = include.target.substr(0, include.target.find('/'));
      EXPECT_TRUE(target == room || rules.may_include.count(target) == 1)
          << include.file << " includes " << include.target;
    }
  }
}

TEST(House, the_estimator_never_sees_tile_plans) {
  for (const Include& include : includes_of(kSource / "estimator")) {
    for (const char* forbidden : {"mapping/tile_plan.hpp", "mapping/tile_search.hpp", "mapping/dma_order.hpp"}) {
      EXPECT_NE(include.target, forbidden) << include.file;
    }
  }
}

TEST(House, third_parties_stay_in_their_rooms) {
  Names known;
  for (const auto& [room, rules] : kRooms) known.insert(rules.third_parties.begin(), rules.third_parties.end());
  for (const auto& [room, rules] : kRooms) {
    for (const Include& include : includes_of(kSource / room)) {
      if (include.quoted) continue;
      for (const std::string& party : known) {
        if (begins_with(include.target, party)) {
          EXPECT_EQ(rules.third_parties.count(party), 1u) << include.file << " includes <" << include.target << ">";
        }
      }
    }
  }
}

TEST(House, public_headers_show_no_third_party) {
  const Names headers = public_headers();
  EXPECT_GT(headers.size(), 10u);
  for (const auto& [room, rules] : kRooms) {
    for (const Include& include : includes_of(kSource / room)) {
      if (include.quoted || headers.count(include.file) == 0) continue;
      for (const std::string& party : rules.third_parties) {
        EXPECT_FALSE(begins_with(include.target, party)) << include.file << " shows <" << include.target << ">";
      }
    }
  }
}

TEST(House, no_room_without_an_idea) {
  for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
    const std::string name = entry.path().stem().string();
    for (const char* vague : {"common", "util", "utils", "helper", "helpers", "misc"}) EXPECT_NE(name, vague);
  }
}

TEST(House, every_source_carries_the_licence) {
  for (const char* folder : {"src", "tests", "benchmarks", "cmake"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(LANEWISE_SOURCE_DIR) / folder)) {
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
