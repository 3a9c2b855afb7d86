// SPDX-License-Identifier: Apache-2.0
// Messages as JSON-RPC 2.0 and the revisions of the Model Context Protocol say.
#include "mcp/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "core/base/printable.hpp"
#include "core/base/version.hpp"
#include "mcp/call.hpp"

namespace lanewise::mcp {
namespace {

// Revisions that are spoken, the newest first.
constexpr std::array<const char*, 4> kRevisions = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
constexpr const char* kStructuredSince = "2025-06-18";  // titles, output schemas, structured content; no batches
constexpr std::size_t kMostCalls = 64;                  // under way and waiting
constexpr std::size_t kMostInBatch = 64;

constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601, kInvalidParams = -32602,
              kInternalError = -32603;

constexpr const char* kInstructions =
    "Lanewise says how fast, how power-hungry and how big a neural network is on a neural engine that need not exist, "
    "and searches for better networks and engines. Begin with list_networks and list_engines; simulate measures, "
    "estimate predicts with an interval, sweep compares engines, explain looks into one layer, advise says which "
    "changes pay, codesign searches. Each answer says what bounds the latency (cause), whether its numbers are "
    "simulated or estimated (source), how wrong they may be (error), and what it does not show (left_out). Only "
    "engines whose family was checked against RTL have absolute times to be trusted.";

// What went wrong with a request.
struct Refusal {
  int code;
  std::string message;
};

Json failed(const Json& id, int code, const std::string& message) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}};
}

Json done(const Json& id, Json result) { return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}; }

bool is_id(const Json& id) { return id.is_string() || id.is_number_integer(); }

// Where the answer to a request goes: out, or to the batch that it came in.
class Replies {
 public:
  virtual ~Replies() = default;
  virtual void put(Json reply) = 0;
  virtual void none() = 0;  // the request is not answered
};

class Single : public Replies {
 public:
  explicit Single(std::function<void(const Json&)> send) : send_(std::move(send)) {}
  void put(Json reply) override { send_(reply); }
  void none() override {}

 private:
  std::function<void(const Json&)> send_;
};

// Sent as one array when the last of them is there.
class Batch : public Replies {
 public:
  Batch(std::size_t open, std::function<void(const Json&)> send) : open_(open), send_(std::move(send)) {}
  void put(Json reply) override {
    const std::lock_guard<std::mutex> lock(guard_);
    replies_.push_back(std::move(reply));
    close_one();
  }
  void none() override {
    const std::lock_guard<std::mutex> lock(guard_);
    close_one();
  }

 private:
  void close_one() {
    if (--open_ == 0 && !replies_.empty()) send_(replies_);
  }

  std::mutex guard_;
  std::size_t open_;
  Json replies_ = Json::array();
  std::function<void(const Json&)> send_;
};

}  // namespace

// Shared with the threads of calls.
struct Server::State : std::enable_shared_from_this<Server::State> {
  struct Call {
    std::atomic<bool> cancelled{false};
  };

  State(ServerSettings given, std::function<void(const std::string&)> send)
      : settings(std::move(given)),
        paths(settings.allowed),
        cores(std::max(settings.cores, 1)),
        send_text(std::move(send)) {}

  void send(const Json& message) {
    const std::lock_guard<std::mutex> lock(sending);
    send_text(line_of(message));
  }
  std::function<void(const Json&)> sender() {
    return [self = shared_from_this()](const Json& message) { self->send(message); };
  }

  void handle(const Json& message, const std::shared_ptr<Replies>& replies, bool in_batch);
  Json answer(const std::string& method, const Json& parameters, bool in_batch);
  Json initialize(const Json& parameters);
  Json list_tools(const Json& parameters) const;
  void start_call(const Json& id, const Json& parameters, const std::shared_ptr<Replies>& replies);
  void notice(const std::string& method, const Json& parameters);
  void run_call(const Tool& tool, const Json& id, const Json& arguments, const Json& token,
                const std::shared_ptr<Call>& call, const std::shared_ptr<Replies>& replies);
  bool structured() const { return revision >= kStructuredSince; }

  const ServerSettings settings;
  const Paths paths;
  Cores cores;
  std::mutex sending;
  std::function<void(const std::string&)> send_text;
  std::string revision;  // "": not initialized
  std::mutex guard;      // of what follows
  std::condition_variable ended;
  std::map<std::string, std::shared_ptr<Call>> calls;  // by their ids, as JSON
};

Json Server::State::initialize(const Json& parameters) {
  if (!revision.empty()) throw Refusal{kInvalidRequest, "initialize: was done before"};
  if (!parameters.contains("protocolVersion") || !parameters.at("protocolVersion").is_string()) {
    throw Refusal{kInvalidParams, "initialize: protocolVersion must be a string"};
  }
  if (!parameters.contains("capabilities") || !parameters.at("capabilities").is_object() ||
      !parameters.contains("clientInfo") || !parameters.at("clientInfo").is_object()) {
    throw Refusal{kInvalidParams, "initialize: capabilities and clientInfo must be objects"};
  }
  const auto& wanted = parameters.at("protocolVersion").get_ref<const std::string&>();
  const auto* const known = std::find(kRevisions.begin(), kRevisions.end(), wanted);
  revision = known == kRevisions.end() ? kRevisions.front() : *known;
  Json about = {{"name", "lanewise"}, {"version", version()}};
  if (structured()) about["title"] = "Lanewise";
  return {{"protocolVersion", revision},
          {"capabilities", {{"tools", {{"listChanged", false}}}}},
          {"serverInfo", about},
          {"instructions", kInstructions}};
}

Json Server::State::list_tools(const Json& parameters) const {
  if (parameters.contains("cursor"))
    throw Refusal{kInvalidParams, "tools/list: all tools are on one page, without a cursor"};
  Json list = Json::array();
  for (const Tool& tool : tools()) {
    Json one = {{"name", tool.name}};
    if (structured()) one["title"] = tool.title;
    one["description"] = tool.about;
    one["inputSchema"] = input_schema(tool);
    if (structured()) one["outputSchema"] = tool.output;
    one["annotations"] = {{"title", tool.title},
                          {"readOnlyHint", !tool.long_job},
                          {"destructiveHint", false},
                          {"idempotentHint", true},
                          {"openWorldHint", false}};
    list.push_back(std::move(one));
  }
  return {{"tools", list}};
}

void Server::State::start_call(const Json& id, const Json& parameters, const std::shared_ptr<Replies>& replies) {
  if (!parameters.contains("name") || !parameters.at("name").is_string()) {
    throw Refusal{kInvalidParams, "tools/call: name must be a string"};
  }
  const auto& name = parameters.at("name").get_ref<const std::string&>();
  const Tool* const tool = find_tool(name);
  if (tool == nullptr) throw Refusal{kInvalidParams, "unknown tool: " + printable(name.substr(0, 100))};
  Json arguments = Json::object();
  if (parameters.contains("arguments")) arguments = parameters.at("arguments");
  if (!arguments.is_object()) throw Refusal{kInvalidParams, "tools/call: arguments must be an object"};
  Json token;
  if (parameters.contains("_meta") && parameters.at("_meta").is_object() &&
      parameters.at("_meta").contains("progressToken")) {
    token = parameters.at("_meta").at("progressToken");
    if (!is_id(token)) throw Refusal{kInvalidParams, "tools/call: progressToken must be a string or a whole number"};
  }
  const auto call = std::make_shared<Call>();
  {
    const std::lock_guard<std::mutex> lock(guard);
    if (calls.size() >= kMostCalls)
      throw Refusal{kInternalError, fmt::format("{} calls are under way: try later", kMostCalls)};
    if (!calls.emplace(id.dump(), call).second) throw Refusal{kInvalidRequest, "the id is that of a call under way"};
  }
  const auto work = [self = shared_from_this(), tool, id, arguments = std::move(arguments), token = std::move(token),
                     call, replies] { self->run_call(*tool, id, arguments, token, call, replies); };
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {
    const std::lock_guard<std::mutex> lock(guard);
    calls.erase(id.dump());
    throw Refusal{kInternalError, "this machine has no thread left for the call: try later"};
  }
}

void Server::State::run_call(const Tool& tool, const Json& id, const Json& arguments, const Json& token,
                             const std::shared_ptr<Call>& call, const std::shared_ptr<Replies>& replies) {
  const auto began = std::chrono::steady_clock::now();
  ReportProgress report;
  if (!token.is_null()) {
    report = [&](double progress, const std::string& message) {
      Json parameters = {{"progressToken", token}, {"progress", progress}};
      if (revision > kRevisions.back()) parameters["message"] = message;
      if (!call->cancelled) {
        send({{"jsonrpc", "2.0"}, {"method", "notifications/progress"}, {"params", std::move(parameters)}});
      }
    };
  }
  const CallOutcome outcome = mcp::call(tool, arguments, settings, paths, cores, call->cancelled, report);
  if (settings.log) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    settings.log(fmt::format("{}: {} in {} ms", tool.name,
                             outcome.cancelled         ? "cancelled"
                             : outcome.failure.empty() ? "answered"
                                                       : "failed: " + outcome.failure,
                             ms.count()));
  }
  if (outcome.cancelled) {
    replies->none();  // the client said that it wants no answer
  } else if (outcome.failure.empty()) {
    Json result = {{"content", Json::array({{{"type", "text"}, {"text", line_of(outcome.answer)}}})}};
    if (structured()) result["structuredContent"] = outcome.answer;
    result["isError"] = false;
    replies->put(done(id, std::move(result)));
  } else {
    replies->put(
        done(id, {{"content", Json::array({{{"type", "text"}, {"text", outcome.failure}}})}, {"isError", true}}));
  }
  {
    const std::lock_guard<std::mutex> lock(guard);
    calls.erase(id.dump());
  }
  ended.notify_all();
}

void Server::State::notice(const std::string& method, const Json& parameters) {
  if (method != "notifications/cancelled" || !parameters.contains("requestId")) return;
  const std::lock_guard<std::mutex> lock(guard);
  const auto found = calls.find(parameters.at("requestId").dump(-1, ' ', false, Json::error_handler_t::replace));
  if (found == calls.end()) return;  // it is done, or never was
  found->second->cancelled = true;
  cores.wake();
}

Json Server::State::answer(const std::string& method, const Json& parameters, bool in_batch) {
  if (method == "ping") return Json::object();
  if (method == "initialize") {
    if (in_batch) throw Refusal{kInvalidRequest, "initialize: must not be part of a batch"};
    return initialize(parameters);
  }
  if (method == "tools/list") return list_tools(parameters);
  throw Refusal{kMethodNotFound, "unknown method: " + printable(method.substr(0, 100))};
}

void Server::State::handle(const Json& message, const std::shared_ptr<Replies>& replies, bool in_batch) {
  const bool is_request = message.is_object() && message.contains("id");
  const Json id = is_request && is_id(message.at("id")) ? message.at("id") : Json(nullptr);
  try {
    if (!message.is_object()) throw Refusal{kInvalidRequest, "a message must be an object"};
    if (message.value("jsonrpc", Json()) != "2.0") throw Refusal{kInvalidRequest, "jsonrpc must be \"2.0\""};
    // This server asks a client nothing, so that an answer is to no question of it.
    if (!message.contains("method") && (message.contains("result") || message.contains("error")))
      return replies->none();
    if (!message.contains("method") || !message.at("method").is_string()) {
      throw Refusal{kInvalidRequest, "method must be a string"};
    }
    if (is_request && id.is_null()) throw Refusal{kInvalidRequest, "id must be a string or a whole number"};
    const auto& method = message.at("method").get_ref<const std::string&>();
    Json parameters = Json::object();
    if (message.contains("params")) parameters = message.at("params");
    if (!is_request) {
      if (parameters.is_object()) notice(method, parameters);
      return replies->none();
    }
    if (!parameters.is_object()) throw Refusal{kInvalidParams, "params must be an object"};
    const bool before = revision.empty() && method != "ping" && method != "initialize";
    if (before) throw Refusal{kInvalidRequest, "initialize comes first"};
    if (method == "tools/call") return start_call(id, parameters, replies);
    replies->put(done(id, answer(method, parameters, in_batch)));
  } catch (const Refusal& refusal) {
    replies->put(failed(id, refusal.code, refusal.message));
  }
}

Server::Server(ServerSettings settings, std::function<void(const std::string&)> send)
    : state_(std::make_shared<State>(std::move(settings), std::move(send))) {
  // Of the programs that calls start: how far they are, as lines that progress is made of.
  ::setenv("LANEWISE_PROGRESS", "json", 1);
}

Server::~Server() {
  std::unique_lock<std::mutex> lock(state_->guard);
  for (const auto& entry : state_->calls) entry.second->cancelled = true;
  state_->cores.wake();
  state_->ended.wait(lock, [&] { return state_->calls.empty(); });
}

void Server::wait() {
  std::unique_lock<std::mutex> lock(state_->guard);
  state_->ended.wait(lock, [&] { return state_->calls.empty(); });
}

void Server::refuse_large() {
  state_->send(failed(nullptr, kInvalidRequest, fmt::format("a message must have at most {} bytes", kLargestMessage)));
}

void Server::receive(std::string_view message) {
  if (message.size() > kLargestMessage) return refuse_large();
  if (message.find_first_not_of(" \t\r\n") == std::string_view::npos) return;  // an empty line is no message
  const Json parsed = Json::parse(message, nullptr, false);
  if (parsed.is_discarded())
    return state_->send(failed(nullptr, kParseError, "a message must be JSON, in UTF-8, on one line"));
  const auto single = std::make_shared<Single>(state_->sender());
  if (!parsed.is_array()) return state_->handle(parsed, single, false);
  const auto refuse = [&](const std::string& rule) { state_->send(failed(nullptr, kInvalidRequest, rule)); };
  if (parsed.empty()) return refuse("a batch must not be empty");
  if (parsed.size() > kMostInBatch) return refuse(fmt::format("a batch must have at most {} messages", kMostInBatch));
  if (!state_->revision.empty() && state_->structured()) {
    return refuse(fmt::format("revision {} of the protocol has no batches", state_->revision));
  }
  const auto batch = std::make_shared<Batch>(parsed.size(), state_->sender());
  for (const Json& one : parsed) state_->handle(one, batch, true);
}

}  // namespace lanewise::mcp
