// SPDX-License-Identifier: Apache-2.0
// The server as a client sees it, message by message: what JSON-RPC 2.0 and the protocol ask for, and that answers are
// those of the command line.
#include "mcp/server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/process.hpp"

namespace lanewise::mcp {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string kProgram = std::string(LANEWISE_BINARY_DIR) + "/lanewise";

// What the command line answers.
Json command_line(std::vector<std::string> words) {
  ProcessRequest request;
  request.words = {kProgram};
  request.words.insert(request.words.end(), words.begin(), words.end());
  request.words.emplace_back("--json");
  request.most_output = std::size_t{64} << 20;
  Process process(request);
  while (!process.ended()) Process::wait_for_any({&process});
  return Json::parse(process.outcome().output, nullptr, false);
}

class Client {
 public:
  explicit Client(std::vector<std::string> allowed = {})
      : server_(settings(std::move(allowed)), [this](const std::string& message) {
          EXPECT_EQ(message.find('\n'), std::string::npos);
          const std::lock_guard<std::mutex> lock(guard_);
          received_.push_back(Json::parse(message));
          came_.notify_all();
        }) {}

  void send_text(const std::string& text) { server_.receive(text); }
  void send(const Json& message) { server_.receive(message.dump()); }
  // All that came so far, which is forgotten.
  std::vector<Json> taken() {
    const std::lock_guard<std::mutex> lock(guard_);
    return std::move(received_);
  }
  // The one message that came, once all calls are done.
  Json only() {
    server_.wait();
    const std::vector<Json> all = taken();
    EXPECT_EQ(all.size(), 1u);
    return all.size() == 1 ? all.front() : Json();
  }
  Json ask(const Json& message) {
    send(message);
    return only();
  }
  Json request(const std::string& method, const Json& parameters = Json::object()) {
    return ask({{"jsonrpc", "2.0"}, {"id", ++last_}, {"method", method}, {"params", parameters}});
  }
  Json initialize(const std::string& revision = "2025-11-25") {
    const Json answer = request("initialize", {{"protocolVersion", revision},
                                               {"capabilities", Json::object()},
                                               {"clientInfo", {{"name", "test"}, {"version", "1"}}}});
    send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
    return answer;
  }
  Json call(const std::string& tool, const Json& arguments) {
    return request("tools/call", {{"name", tool}, {"arguments", arguments}}).at("result");
  }
  // Waits until so many messages are there.
  void wait_for(std::size_t count) {
    std::unique_lock<std::mutex> lock(guard_);
    came_.wait_for(lock, std::chrono::minutes(5), [&] { return received_.size() >= count; });
  }
  Server& server() { return server_; }

 private:
  static ServerSettings settings(std::vector<std::string> allowed) {
    ServerSettings settings;
    settings.program = kProgram;
    settings.allowed = std::move(allowed);
    settings.cores = 2;
    return settings;
  }

  std::mutex guard_;
  std::condition_variable came_;
  std::vector<Json> received_;
  int last_ = 100;
  Server server_;
};

// The code of the error that a message is answered with; 0: it is not an error.
int code_of(const Json& answer) { return answer.contains("error") ? answer.at("error").at("code").get<int>() : 0; }

// The line of a call that failed; "": it did not.
std::string failure_of(const Json& result) {
  return result.at("isError") == true ? result.at("content").at(0).at("text").get<std::string>() : "";
}

TEST(Rpc, what_is_no_message_is_answered_without_an_id) {
  Client client;
  const std::vector<std::pair<std::string, int>> wrong = {
      {"{", -32700},
      {"nonsense", -32700},
      {"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"\xff\"}", -32700},
      {"1", -32600},
      {"\"ping\"", -32600},
      {"null", -32600},
      {"[]", -32600},
      {"{}", -32600},
      {R"({"jsonrpc": "2.0", "id": null, "method": "ping"})", -32600},
      {R"({"jsonrpc": "2.0", "id": 1.5, "method": "ping"})", -32600},
      {R"({"jsonrpc": "2.0", "id": [], "method": "ping"})", -32600}};
  for (const auto& [text, code] : wrong) {
    client.send_text(text);
    const Json answer = client.only();
    EXPECT_EQ(code_of(answer), code) << text;
    EXPECT_TRUE(answer.at("id").is_null()) << text;
    EXPECT_EQ(answer.at("jsonrpc"), "2.0");
  }
}

TEST(Rpc, a_wrong_request_is_answered_with_its_id) {
  Client client;
  for (const Json& id : {Json(7), Json("seven"), Json(-1), Json("")}) {
    Json answer = client.ask({{"jsonrpc", "1.0"}, {"id", id}, {"method", "ping"}});
    EXPECT_EQ(code_of(answer), -32600);
    EXPECT_EQ(answer.at("id"), id);
    answer = client.ask({{"jsonrpc", "2.0"}, {"id", id}, {"method", 3}});
    EXPECT_EQ(code_of(answer), -32600);
    EXPECT_EQ(answer.at("id"), id);
    answer = client.ask({{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}, {"params", {1}}});
    EXPECT_EQ(code_of(answer), -32602);
    EXPECT_EQ(answer.at("id"), id);
    answer = client.ask({{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}});
    EXPECT_EQ(answer, (Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", Json::object()}}));
  }
}

TEST(Rpc, notifications_and_answers_are_not_answered) {
  Client client;
  client.initialize();
  client.send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/anything"}});
  client.send(Json{{"jsonrpc", "2.0"}, {"method", "ping"}});
  client.send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 99}}}});
  client.send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", 3}});
  client.send(Json{{"jsonrpc", "2.0"}, {"id", 5}, {"result", Json::object()}});
  client.send(Json{{"jsonrpc", "2.0"}, {"id", 5}, {"error", {{"code", 1}, {"message", ""}}}});
  client.send_text("   \r");
  EXPECT_TRUE(client.taken().empty());
}

TEST(Rpc, a_message_that_is_too_large_is_refused_and_the_next_one_read) {
  Client client;
  client.send_text("\"" + std::string(kLargestMessage, 'x') + "\"");
  EXPECT_EQ(code_of(client.only()), -32600);
  client.send_text(std::string(1000, '[') + std::string(1000, ']'));
  const Json nested = client.only();  // a batch of one, which is no message
  ASSERT_EQ(nested.size(), 1u);
  EXPECT_EQ(code_of(nested.at(0)), -32600);
  EXPECT_EQ(client.request("ping").at("result"), Json::object());
}

TEST(Rpc, batches_are_answered_as_one_where_the_revision_has_them) {
  Client client;
  client.initialize("2025-03-26");
  const Json ping = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "ping"}};
  const Json call = {{"jsonrpc", "2.0"},
                     {"id", "c"},
                     {"method", "tools/call"},
                     {"params", {{"name", "list_networks"}, {"arguments", Json::object()}}}};
  const Json note = {{"jsonrpc", "2.0"}, {"method", "notifications/anything"}};
  const Json answer = client.ask(Json::array({ping, note, 5, call}));
  ASSERT_TRUE(answer.is_array());
  ASSERT_EQ(answer.size(), 3u);
  EXPECT_EQ(answer.at(0).at("id"), 1);
  EXPECT_EQ(code_of(answer.at(1)), -32600);
  EXPECT_EQ(answer.at(2).at("id"), "c");
  client.send(Json::array({note, note}));
  EXPECT_TRUE(client.taken().empty());
  Client newer;
  newer.initialize("2025-06-18");
  EXPECT_EQ(code_of(newer.ask(Json::array({ping}))), -32600);
}

TEST(Protocol, revisions_are_agreed_on) {
  for (const char* revision : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
    Client client;
    const Json result = client.initialize(revision).at("result");
    EXPECT_EQ(result.at("protocolVersion"), revision);
    EXPECT_EQ(result.at("serverInfo").at("name"), "lanewise");
    EXPECT_TRUE(result.at("capabilities").contains("tools"));
    const bool structured = std::string(revision) >= "2025-06-18";
    const Json list = client.request("tools/list").at("result");
    for (const Json& tool : list.at("tools")) {
      EXPECT_EQ(tool.contains("outputSchema"), structured) << revision;
    }
    EXPECT_EQ(client.call("list_networks", Json::object()).contains("structuredContent"), structured);
  }
  Client client;
  EXPECT_EQ(client.initialize("1999-01-01").at("result").at("protocolVersion"), "2025-11-25");
}

TEST(Protocol, initialize_comes_first_and_once) {
  Client client;
  EXPECT_EQ(code_of(client.request("tools/list")), -32600);
  EXPECT_EQ(code_of(client.request("tools/call", {{"name", "simulate"}})), -32600);
  EXPECT_EQ(code_of(client.request("initialize", {{"protocolVersion", 3}})), -32602);
  EXPECT_EQ(code_of(client.request("initialize", {{"protocolVersion", "2025-11-25"}})), -32602);
  EXPECT_EQ(code_of(client.initialize()), 0);
  EXPECT_EQ(code_of(client.initialize()), -32600);
}

TEST(Protocol, what_it_does_not_have_is_said) {
  Client client;
  client.initialize();
  EXPECT_EQ(code_of(client.request("resources/list")), -32601);
  EXPECT_EQ(code_of(client.request("no/such")), -32601);
  EXPECT_EQ(code_of(client.request("tools/list", {{"cursor", "2"}})), -32602);
  EXPECT_EQ(code_of(client.request("tools/call", {{"name", "no_such"}})), -32602);
  EXPECT_EQ(code_of(client.request("tools/call", {{"name", 3}})), -32602);
  EXPECT_EQ(code_of(client.request("tools/call", {{"name", "simulate"}, {"arguments", 3}})), -32602);
}

TEST(Tools, all_have_closed_schemas_with_descriptions) {
  Client client;
  client.initialize();
  std::vector<std::string> names;
  const Json list = client.request("tools/list").at("result");
  for (const Json& tool : list.at("tools")) {
    names.push_back(tool.at("name"));
    EXPECT_GT(tool.at("description").get<std::string>().size(), 20u);
    for (const char* schema : {"inputSchema", "outputSchema"}) {
      EXPECT_EQ(tool.at(schema).at("type"), "object");
      EXPECT_EQ(tool.at(schema).at("additionalProperties"), false);
      for (const auto& [name, field] : tool.at(schema).at("properties").items()) {
        EXPECT_TRUE(field.contains("description")) << names.back() << " " << name;
      }
    }
  }
  for (const char* name : {"simulate", "estimate", "sweep", "advise", "explain", "validate", "codesign"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

TEST(Tools, answers_are_those_of_the_command_line_and_short) {
  Client client;
  client.initialize();
  const Json result = client.call(
      "simulate",
      {{"model", "squeezenet1_1"}, {"engine", "ne-256"}, {"set", {{"dram.bandwidth", "6.4 GB/s"}}}, {"rows", 3}});
  ASSERT_EQ(failure_of(result), "");
  const Json answer = result.at("structuredContent");
  EXPECT_EQ(Json::parse(result.at("content").at(0).at("text").get<std::string>()), answer);
  const Json own = command_line({"simulate", "squeezenet1_1", "--hw", "ne-256", "--set", "dram.bandwidth=6.4 GB/s"});
  for (const char* name : {"latency_cycles", "latency_ms", "energy_uj", "area_mm2", "dram_bytes", "macs"}) {
    EXPECT_EQ(answer.at(name), own.at("total").at(name)) << name;
  }
  EXPECT_EQ(answer.at("engine_hash"), own.at("engine_hash"));
  EXPECT_EQ(answer.at("cause").at("bound_by"), own.at("total").at("bound_by"));
  EXPECT_EQ(answer.at("source"), "simulated");
  EXPECT_EQ(answer.at("error").at("text"), own.at("rtl_check").at("text"));
  // The most costly of all, and how many more there are.
  std::int64_t most = 0;
  for (const Json& subgraph : own.at("subgraphs")) {
    most = std::max(most, subgraph.at("in_network_cycles").get<std::int64_t>());
  }
  ASSERT_EQ(answer.at("subgraphs").size(), 3u);
  EXPECT_EQ(answer.at("subgraphs").at(0).at("in_network_cycles"), most);
  EXPECT_EQ(answer.at("left_out").at("count"), own.at("subgraphs").size() - 3);
  EXPECT_LT(result.dump().size(), 12000u);
}

TEST(Tools, a_wrong_argument_is_named_with_its_rule) {
  Client client;
  client.initialize();
  const auto refused = [&](const char* tool, const Json& arguments, const std::string& word) {
    const std::string failure = failure_of(client.call(tool, arguments));
    EXPECT_NE(failure.find(word), std::string::npos) << arguments << "\n" << failure;
    EXPECT_EQ(failure.find('\n'), std::string::npos);
  };
  const auto simulate = [&](Json change) {
    Json arguments = {{"model", "squeezenet1_1"}, {"engine", "ne-256"}};
    arguments.update(change);
    return arguments;
  };
  refused("simulate", {{"engine", "ne-256"}}, "'model': is required");
  refused("simulate", simulate({{"modle", 1}}), "'modle': is unknown");
  refused("simulate", simulate({{"batch", 0}}), "'batch': must be a whole number from 1");
  refused("simulate", simulate({{"batch", "1"}}), "'batch'");
  refused("simulate", simulate({{"plan_for", "speed"}}), "latency, energy, dram");
  refused("simulate", simulate({{"model", 3}}), "'model': must be a string");
  refused("simulate", simulate({{"model", "no_such_network"}}), "no_such_network");
  refused("simulate", simulate({{"rows", 51}}), "from 1 to 50");
  refused("simulate", simulate({{"set", {{"no.such_key", 1}}}}), "no.such_key");
  refused("simulate", simulate({{"set", {{"dram.bandwidth", "fast"}}}}), "dram.bandwidth");
  refused("sweep", {{"models", {"squeezenet1_1"}}, {"engine", "ne-256"}, {"vary", {{"engine.clock", {"1,2"}}}}},
          "comma");
  refused("explain", simulate({{"layer", "no_such_layer"}}), "no_such_layer");
}

TEST(Tools, no_value_becomes_an_option) {
  Client client;
  client.initialize();
  for (const char* model : {"--help", "-h", "--out=made", "--trace=made"}) {
    const std::string failure = failure_of(client.call("simulate", {{"model", model}, {"engine", "ne-256"}}));
    EXPECT_NE(failure.find("must not begin with '-'"), std::string::npos) << failure;
  }
  for (const char* key : {"x --trace", "x\n", "", "a=b"}) {
    EXPECT_NE(
        failure_of(client.call("simulate", {{"model", "squeezenet1_1"}, {"engine", "ne-256"}, {"set", {{key, 1}}}})),
        "");
  }
  // A value that looks like an option is a value.
  const std::string layer =
      failure_of(client.call("explain", {{"model", "squeezenet1_1"}, {"engine", "ne-256"}, {"layer", "--trace=made"}}));
  EXPECT_NE(layer.find("--trace=made"), std::string::npos) << layer;
  EXPECT_FALSE(fs::exists("made"));
}

TEST(Tools, files_are_those_of_the_allowed_folders) {
  const fs::path folder = fs::temp_directory_path() / ("lanewise-mcp-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  fs::copy_file("hwconfigs/ne-64.yaml", folder / "mine.yaml", fs::copy_options::overwrite_existing);
  const std::string engine = (folder / "mine.yaml").string();
  {
    Client client;
    client.initialize();
    EXPECT_NE(failure_of(client.call("show_engine", {{"engine", engine}})).find("outside"), std::string::npos);
    EXPECT_NE(failure_of(client.call("show_engine", {{"engine", "hwconfigs/../../../etc/passwd"}})), "");
    // A link inside that leads outside.
    const fs::path link = fs::path("build") / ("mcp-link-" + std::to_string(::getpid()));
    fs::create_directories("build");
    fs::create_symlink(engine, link);
    EXPECT_NE(failure_of(client.call("show_engine", {{"engine", link.string()}})).find("outside"), std::string::npos);
    fs::remove(link);
    for (const std::string& out :
         {(folder / "job").string(), std::string("../job"), std::string("."), std::string("/")}) {
      const std::string failure =
          failure_of(client.call("codesign", {{"model", "squeezenet1_1"}, {"engine", "ne-256"}, {"folder", out}}));
      EXPECT_NE(failure.find("not below"), std::string::npos) << out << ": " << failure;
    }
  }
  Client client({folder.string()});
  client.initialize();
  const Json result = client.call("show_engine", {{"engine", engine}, {"prefix", "dram."}});
  ASSERT_EQ(failure_of(result), "");
  for (const Json& key : result.at("structuredContent").at("keys")) {
    EXPECT_EQ(key.at("key").get<std::string>().rfind("dram.", 0), 0u);
  }
  fs::remove_all(folder);
}

TEST(Tools, calls_run_side_by_side_and_can_be_cancelled) {
  Client client;
  client.initialize();
  const std::string folder = "build/mcp-job-" + std::to_string(::getpid());
  client.send(Json{{"jsonrpc", "2.0"},
                   {"id", "job"},
                   {"method", "tools/call"},
                   {"params",
                    {{"name", "codesign"},
                     {"arguments", {{"model", "squeezenet1_1"}, {"engine", "ne-256"}, {"folder", folder}}},
                     {"_meta", {{"progressToken", "p"}}}}}});
  client.wait_for(2);  // it works, and says so
  for (const int id : {1, 2}) {
    client.send(Json{{"jsonrpc", "2.0"},
                     {"id", id},
                     {"method", "tools/call"},
                     {"params", {{"name", "show_engine"}, {"arguments", {{"engine", "ne-256"}}}}}});
  }
  client.send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", "job"}}}});
  client.server().wait();
  double progress = -1;
  std::vector<int> answered;
  for (const Json& message : client.taken()) {
    if (message.contains("id")) {
      ASSERT_TRUE(message.at("id").is_number()) << "the job was answered: " << message;
      answered.push_back(message.at("id"));
      continue;
    }
    EXPECT_EQ(message.at("method"), "notifications/progress");
    EXPECT_EQ(message.at("params").at("progressToken"), "p");
    EXPECT_GT(message.at("params").at("progress").get<double>(), progress);
    progress = message.at("params").at("progress");
  }
  EXPECT_EQ(answered.size(), 2u);
  EXPECT_GE(progress, 0);
  fs::remove_all(folder);
}

TEST(Tools, an_id_under_way_is_not_taken_twice) {
  Client client;
  client.initialize();
  const Json call = {
      {"jsonrpc", "2.0"},
      {"id", 1},
      {"method", "tools/call"},
      {"params", {{"name", "simulate"}, {"arguments", {{"model", "squeezenet1_1"}, {"engine", "ne-256"}}}}}};
  client.send(call);
  client.send(call);
  client.server().wait();
  int refused = 0, answered = 0;
  for (const Json& message : client.taken()) (code_of(message) == -32600 ? refused : answered) += 1;
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(answered, 1);
}

}  // namespace
}  // namespace lanewise::mcp
