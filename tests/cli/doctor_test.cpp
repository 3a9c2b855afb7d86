// SPDX-License-Identifier: Apache-2.0
// What doctor says of an installation that is whole, and of one from which something was taken.
#include <map>

#include "core/base/version.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

// A program in a folder of its own, which has nothing but what the test puts there.
class Doctor : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"LANEWISE_HOME", "LANEWISE_ESTIMATORS", "LANEWISE_FIT"}) ::unsetenv(name);
    fs::create_directories(scratch_.file("prefix/bin"));
    fs::create_directories(scratch_.file("prefix/libexec/lanewise"));
    fs::create_directories(scratch_.file("prefix/share/lanewise"));
    fs::create_directories(scratch_.file("empty"));
    const std::string build = LANEWISE_BINARY_DIR;
    fs::copy_file(build + "/lanewise", scratch_.file("prefix/bin/lanewise"));
    fs::copy_file(build + "/lanewise-worker", scratch_.file("prefix/libexec/lanewise/lanewise-worker"));
    for (const char* kind : {"hwconfigs", "models", "spaces", "campaigns", "workloads"}) {
      fs::copy(kind, scratch_.file("prefix/share/lanewise/" + std::string(kind)), fs::copy_options::recursive);
    }
    source_ = fs::current_path();
    fs::current_path(scratch_.file("empty"));
  }
  void TearDown() override { fs::current_path(source_); }

  Finished ask(Arguments arguments = {}) const {
    arguments.insert(arguments.begin(), "doctor");
    return Running(arguments, scratch_.file("prefix/bin/lanewise")).wait();
  }
  // The findings by name.
  std::map<std::string, Json> findings(int status) const {
    const Finished finished = ask({"--json"});
    EXPECT_EQ(finished.status, status) << finished.out;
    EXPECT_EQ(finished.err, "");
    const Json json = Json::parse(finished.out, nullptr, false);
    EXPECT_EQ(json["works"], status == 0);
    EXPECT_EQ(json["tool_version"], version());
    std::map<std::string, Json> found;
    for (const Json& finding : json["findings"]) {
      found[finding["name"]] = finding;
      // Whoever is told that something is amiss is told what to do.
      EXPECT_EQ(finding["remedy"] == "", finding["health"] == "fine") << finding;
    }
    return found;
  }

  ScratchFolder scratch_;
  fs::path source_;
};

TEST_F(Doctor, finds_a_whole_installation_whole) {
  const auto found = findings(0);
  for (const char* name :
       {"engines", "families of engines", "networks", "search spaces", "campaigns", "workloads", "worker"}) {
    ASSERT_EQ(found.count(name), 1u) << name;
    EXPECT_EQ(found.at(name)["health"], "fine") << found.at(name);
  }
  EXPECT_NE(found.at("engines")["found"].get<std::string>().find("ne-256"), std::string::npos);
  // None comes with the tool, and nothing needs one.
  for (const char* family : {"ne", "nvdla", "neureka"}) {
    const Json& estimator = found.at(std::string("estimator ") + family);
    EXPECT_EQ(estimator["health"], "missing");
    EXPECT_EQ(estimator["needed"], false);
    const std::string remedy = estimator["remedy"];
    EXPECT_NE(remedy.find("lanewise measure"), std::string::npos);
    EXPECT_EQ(remedy.find("make-estimator") != std::string::npos, std::string(family) != "neureka") << remedy;
  }
  const Finished text = ask();
  EXPECT_EQ(text.status, 0);
  EXPECT_NE(text.out.find("Measuring, searching and proving work."), std::string::npos) << text.out;
}

TEST_F(Doctor, names_libraries_with_their_versions_and_the_machine) {
  const Json json = Json::parse(ask({"--json"}).out);
  std::map<std::string, Json> libraries;
  for (const Json& library : json["libraries"]) libraries[library["name"]] = library;
  for (const char* name : {"systemc", "xgboost", "protobuf", "sqlite3", "yaml-cpp", "fmt"}) {
    ASSERT_EQ(libraries.count(name), 1u) << name;
    EXPECT_TRUE(fs::exists(libraries[name]["file"].get<std::string>()));
    EXPECT_NE(libraries[name]["version"], "") << name;
  }
  EXPECT_GT(json["machine"]["cores"], 0);
  EXPECT_GT(json["machine"]["memory_bytes"], json["machine"]["free_bytes"]);
  EXPECT_EQ(json["program"], fs::canonical(scratch_.file("prefix/bin/lanewise")).string());
}

TEST_F(Doctor, says_where_data_are_missing) {
  fs::remove_all(scratch_.file("prefix/share/lanewise"));
  ::setenv("LANEWISE_HOME", scratch_.file("nowhere").c_str(), 1);
  auto found = findings(1);
  EXPECT_EQ(found["LANEWISE_HOME"]["health"], "wrong");
  EXPECT_NE(found["LANEWISE_HOME"]["found"].get<std::string>().find("nowhere"), std::string::npos);
  EXPECT_EQ(found["engines"]["health"], "missing");
  EXPECT_EQ(found["engines"]["needed"], true);
  EXPECT_EQ(found["worker"]["health"], "wrong");  // it has no engine to simulate
  // The checkout has all of them.
  ::setenv("LANEWISE_HOME", source_.c_str(), 1);
  found = findings(0);
  EXPECT_EQ(found.count("LANEWISE_HOME"), 0u);
  EXPECT_EQ(found["engines"]["health"], "fine");
}

TEST_F(Doctor, says_that_a_wrong_home_is_wrong_though_nothing_needs_it) {
  ::setenv("LANEWISE_HOME", scratch_.file("nowhere").c_str(), 1);
  const auto found = findings(0);
  EXPECT_EQ(found.at("LANEWISE_HOME")["health"], "wrong");
}

TEST_F(Doctor, says_that_the_worker_is_gone_or_no_worker) {
  const std::string worker = scratch_.file("prefix/libexec/lanewise/lanewise-worker");
  fs::remove(worker);
  EXPECT_EQ(findings(1)["worker"]["health"], "missing");
  std::ofstream(worker) << "#!/bin/sh\nexit 3\n";
  fs::permissions(worker, fs::perms::owner_all);
  EXPECT_EQ(findings(1)["worker"]["health"], "wrong");
  const Finished text = ask();
  EXPECT_EQ(text.status, 1);
  EXPECT_NE(text.out.find("wrong, needed"), std::string::npos) << text.out;
}

TEST_F(Doctor, says_which_estimators_are_there_and_whether_they_fit) {
  fs::create_directories(scratch_.file("prefix/share/lanewise/trained"));
  const std::string model = scratch_.file("prefix/share/lanewise/trained/ne.lwm");
  std::ofstream(model) << "lanewise-model 1 2 3 4\n{}";
  const auto found = findings(1);
  EXPECT_EQ(found.at("estimator ne")["health"], "wrong");
  EXPECT_EQ(found.at("estimator ne")["needed"], true);
  EXPECT_NE(found.at("estimator ne")["found"].get<std::string>().find(model.substr(model.find("/prefix"))),
            std::string::npos)
      << found.at("estimator ne");
  fs::remove(model);
  if (!fs::exists(source_ / "trained/ne.lwm")) GTEST_SKIP() << "no estimator was made here";
  fs::copy_file(source_ / "trained/ne.lwm", model);
  EXPECT_EQ(findings(0)["estimator ne"]["health"], "fine");
  // A model of another version of its file says which.
  std::string text = text_of(model);
  const std::size_t number = text.find_first_of("0123456789");
  text[number] = text[number] == '9' ? '8' : '9';
  std::ofstream(model, std::ios::binary) << text;
  const Json other = findings(1)["estimator ne"];
  EXPECT_NE(other["found"].get<std::string>().find("version"), std::string::npos) << other;
}

TEST_F(Doctor, says_which_shells_complete_and_where_a_script_goes) {
  fs::create_directories(scratch_.file("bin"));
  for (const char* shell : {"bash", "zsh", "fish"}) {
    std::ofstream(scratch_.file("bin/" + std::string(shell))) << "";
  }
  ::setenv("PATH", (scratch_.file("bin") + ":/usr/bin:/bin").c_str(), 1);
  ::setenv("HOME", scratch_.file("empty").c_str(), 1);
  auto found = findings(0);
  EXPECT_EQ(found["completion in zsh"]["health"], "missing");
  EXPECT_NE(found["completion in zsh"]["remedy"].get<std::string>().find("lanewise completion zsh"), std::string::npos);
  fs::create_directories(scratch_.file("prefix/share/zsh/vendor-completions"));
  std::ofstream(scratch_.file("prefix/share/zsh/vendor-completions/_lanewise")) << "";
  EXPECT_EQ(findings(0)["completion in zsh"]["health"], "fine");
}

TEST_F(Doctor, says_that_the_trainer_is_of_another_version) {
  const std::string fit = scratch_.write("prefix/bin/lanewise-fit", "#!/bin/sh\necho lanewise-fit 0.0.9\n");
  fs::permissions(fit, fs::perms::owner_all);
  auto found = findings(0);
  EXPECT_EQ(found["lanewise-fit"]["health"], "wrong");
  EXPECT_NE(found["lanewise-fit"]["found"].get<std::string>().find("0.0.9"), std::string::npos);
  std::ofstream(fit) << "#!/bin/sh\necho lanewise-fit " << version() << "\n";
  EXPECT_EQ(findings(0)["lanewise-fit"]["health"], "fine");
}

}  // namespace
}  // namespace lanewise::cli::testing
