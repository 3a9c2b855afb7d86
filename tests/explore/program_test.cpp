// SPDX-License-Identifier: Apache-2.0
// `lanewise explore` as a person runs it: start it, open the address that it prints, ask, end it by Ctrl-C.
#include <httplib.h>

#include <regex>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// The program with its address, which it prints first.
class Exploring {
 public:
  explicit Exploring(const Arguments& more) {
    Arguments arguments = {std::string(LANEWISE_BINARY_DIR) + "/lanewise", "explore"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : arguments) argv.push_back(word.data());
    argv.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder_.file("err").c_str(), O_WRONLY | O_CREAT, 0600);
    EXPECT_EQ(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    for (char c; ::read(ends[0], &c, 1) == 1 && c != '\n';) line_ += c;
    ::close(ends[0]);
    std::smatch parts;
    const bool is_address =
        std::regex_match(line_, parts, std::regex("http://127\\.0\\.0\\.1:([0-9]+)/\\?token=([0-9a-f]{32})"));
    EXPECT_TRUE(is_address) << line_ << text_of(folder_.file("err"));
    if (!is_address) return;
    port_ = std::stoi(parts[1]);
    token_ = parts[2];
  }
  ~Exploring() {
    if (pid_ > 0) end(SIGKILL);
  }

  int port() const { return port_; }
  const std::string& line() const { return line_; }
  std::string errors() const { return text_of(folder_.file("err")); }
  Json ask(const std::string& path, const Json& body) const {
    httplib::Client client("127.0.0.1", port_);
    client.set_read_timeout(120);
    const httplib::Headers headers = {{"X-Lanewise-Token", token_},
                                      {"Origin", "http://127.0.0.1:" + std::to_string(port_)}};
    const httplib::Result reply =
        body.is_null() ? client.Get(path, headers) : client.Post(path, headers, body.dump(), "application/json");
    EXPECT_TRUE(reply) << path;
    return reply ? Json::parse(reply->body, nullptr, false) : Json();
  }
  // The exit status.
  int end(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  ScratchFolder folder_;
  pid_t pid_ = -1;
  std::string line_, token_;
  int port_ = 0;
};

class Explore : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new ScratchFolder;
    model = folder->file("m.lwm");
    const Finished measured =
        run({"measure", kSqueezeNet, "--hw", kEngine, "--rows", "300", "--engines", "8", "--out", folder->file("s")});
    ASSERT_EQ(measured.status, 0) << measured.err;
    const Finished trained = run({"train", folder->file("s"), "--out", model, "--trees", "20", "--depth", "4"});
    ASSERT_EQ(trained.status, 0) << trained.err;
  }
  static void TearDownTestSuite() { delete folder; }

  static Arguments arguments(const Arguments& more = {}) {
    Arguments all = {kSqueezeNet, "--hw", kEngine, "--estimator", model};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Json design(const Json& keys, std::size_t network = 0) {
    return {{"design", {{"network", network}, {"keys", keys}}}};
  }

  static ScratchFolder* folder;
  static std::string model;
};
ScratchFolder* Explore::folder = nullptr;
std::string Explore::model;

TEST_F(Explore, answers_what_estimate_and_simulate_answer) {
  Exploring exploring(arguments({"--level", "0.8"}));
  const Json keys = {{"engine.parallelism_factor", "24"}, {"memory.bank_size", "16 KiB"}};
  const Arguments sets = {"--hw", kEngine, "--set", "engine.parallelism_factor=24", "--set", "memory.bank_size=16 KiB"};
  Arguments estimate = {"estimate", kSqueezeNet, "--estimator", model, "--level", "0.8"};
  estimate.insert(estimate.end(), sets.begin(), sets.end());
  Arguments simulate = {"simulate", kSqueezeNet};
  simulate.insert(simulate.end(), sets.begin(), sets.end());
  const Json answer = exploring.ask("/api/simulate", design(keys));
  ASSERT_TRUE(answer.contains("simulated")) << answer;
  for (const auto& [page, line] :
       {std::pair{answer.at("answer"), estimate}, std::pair{answer.at("simulated").at("answer"), simulate}}) {
    Arguments json = line;
    json.emplace_back("--json");
    const Finished finished = run(json);
    ASSERT_EQ(finished.status, 0) << finished.err;
    Json truth = Json::parse(finished.out);
    truth.erase("subgraphs");
    truth.erase("memory");
    EXPECT_EQ(page, truth);
  }
  EXPECT_EQ(exploring.end(SIGINT), 0);
  EXPECT_EQ(exploring.errors(), "");
}

TEST_F(Explore, saves_where_it_was_told_to_and_ends_by_a_signal) {
  const std::string out = folder->file("designs");
  Exploring exploring(arguments({"--out", out, "--limit", "latency_ms<=1 s"}));
  EXPECT_EQ(exploring.ask("/api/state", nullptr).at("limits").size(), 1u);
  exploring.ask("/api/basket/add", design({{"engine.clock", "1 GHz"}}));
  EXPECT_EQ(exploring.ask("/api/basket/save", Json::object()).at("files").size(), 3u);
  EXPECT_EQ(exploring.end(SIGTERM), 0);
  const Json saved = run_json({"simulate", out + "/design-1.onnx", "--hw", out + "/design-1.yaml"});
  const Json truth = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--set", "engine.clock=1 GHz"});
  EXPECT_EQ(saved.at("total").at("latency_cycles"), truth.at("total").at("latency_cycles"));
  EXPECT_EQ(saved.at("total").at("energy_uj"), truth.at("total").at("energy_uj"));
}

TEST_F(Explore, a_taken_port_is_one_line) {
  Exploring exploring(arguments());
  Arguments second = {"explore"};
  for (const std::string& word : arguments({"--port", std::to_string(exploring.port())})) second.push_back(word);
  expect_refused(second, 1, {"--port " + std::to_string(exploring.port()), "taken"});
  EXPECT_EQ(exploring.end(SIGINT), 0);
}

TEST_F(Explore, ends_while_it_simulates) {
  Exploring exploring(arguments());
  std::thread asking([&] { exploring.ask("/api/simulate", design({{"engine.clock", "500 MHz"}})); });
  while (!exploring.ask("/api/progress", nullptr).at("running") &&
         !exploring.ask("/api/estimate", design({{"engine.clock", "500 MHz"}})).contains("simulated")) {
  }
  const int status = exploring.end(SIGINT);
  asking.join();
  EXPECT_EQ(status, 0);
}

TEST_F(Explore, spaces_and_several_networks_have_their_sliders) {
  Exploring own({"--space", "speech", "--hw", kEngine, "--estimator", model});
  const Json state = own.ask("/api/state", nullptr);
  ASSERT_EQ(state.at("networks").size(), 1u);
  EXPECT_FALSE(state.at("networks")[0].at("dials").empty());
  EXPECT_GT(own.ask("/api/estimate", design(Json::object())).at("metrics").at("latency_ms"), 0);
  own.end(SIGINT);
  Exploring two({kSqueezeNet, kMobileNet, "--hw", kEngine, "--estimator", model, "--scale-with"});
  EXPECT_EQ(two.ask("/api/state", nullptr).at("networks").size(), 2u);
  EXPECT_TRUE(two.ask("/api/state", nullptr).at("follow"));
  EXPECT_NE(two.ask("/api/estimate", design(Json::object(), 0)).at("metrics"),
            two.ask("/api/estimate", design(Json::object(), 1)).at("metrics"));
  two.end(SIGINT);
}

TEST_F(Explore, mistakes_are_one_line) {
  expect_refused({"explore"}, 2, {"--hw"});
  expect_refused({"explore", "--hw", kEngine}, 2, {"MODEL"});
  expect_refused({"explore", "nothing.onnx", "--hw", kEngine}, 1, {"nothing.onnx"});
  expect_refused({"explore", kSqueezeNet, "--hw", kEngine, "--port", "0"}, 2, {"--port"});
  expect_refused({"explore", kSqueezeNet, "--hw", kEngine, "--port", "70000"}, 2, {"--port"});
  Arguments bad = {"explore"};
  for (const std::string& word : arguments({"--limit", "latency"})) bad.push_back(word);
  expect_refused(bad, 1, {"latency"});
  bad.back() = "latency_ms<=5";
  bad.insert(bad.end(), {"--out", kSqueezeNet});
  expect_refused(bad, 1, {"--out", "no folder"});
  expect_refused({"explore", kSqueezeNet, "--space", "speech", "--hw", kEngine}, 1, {"networks of its own"});
  expect_refused({"explore", kSqueezeNet, "--hw", kEngine, "--estimator", model, "--scale-with", "dram.burst"}, 1,
                 {"dram.burst"});
}

}  // namespace
}  // namespace lanewise::cli::testing
