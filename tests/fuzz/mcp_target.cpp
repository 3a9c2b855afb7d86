// SPDX-License-Identifier: Apache-2.0
// What a client of `lanewise mcp` writes, line by line: whatever it is, each answer is one line of JSON-RPC 2.0, and
// nothing is started that the arguments do not allow.
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "mcp/server.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {
namespace {

using Json = nlohmann::json;

void check_reply(const Json& reply) {
  if (reply.is_array()) {
    if (reply.empty()) throw Nonsense("an empty batch was sent");
    for (const Json& one : reply) check_reply(one);
    return;
  }
  if (!reply.is_object() || reply.value("jsonrpc", "") != "2.0") throw Nonsense("no message of JSON-RPC was sent");
  if (reply.contains("method")) {
    if (reply.contains("id")) throw Nonsense("the server asked something");
    return;
  }
  if (!reply.contains("id") || reply.contains("result") == reply.contains("error")) {
    throw Nonsense("an answer has both a result and an error, neither, or no id");
  }
}

}  // namespace

void read_mcp(const std::string& path, const std::string&) {
  const std::string text = record::read_file(path);
  std::mutex guard;
  std::string wrong;
  std::size_t results = 0, errors = 0;
  {
    mcp::ServerSettings settings;
    settings.program = "/bin/true";  // whatever is started answers nothing, which is not an answer
    settings.timeout = std::chrono::seconds(5);
    mcp::Server server(settings, [&](const std::string& message) {
      const std::lock_guard<std::mutex> lock(guard);
      const Json reply = Json::parse(message, nullptr, false);
      if (reply.is_discarded() || message.find('\n') != std::string::npos) {
        wrong = "no line of JSON was sent";
        return;
      }
      try {
        check_reply(reply);
        const bool refused = reply.is_object() && reply.contains("error");
        (refused ? errors : results) += 1;
      } catch (const std::exception& error) {
        wrong = error.what();
      }
    });
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      server.receive(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    server.wait();
  }
  if (!wrong.empty()) throw Nonsense(wrong);
  if (results == 0 && errors > 0) throw Error(path + ": every message was refused");
}

}  // namespace lanewise::fuzz
