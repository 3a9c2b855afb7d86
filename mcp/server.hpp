// SPDX-License-Identifier: Apache-2.0
// A server of the Model Context Protocol: messages in, messages out, whatever carries them. docs/mcp.md describes it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lanewise::mcp {

// A message of more bytes is refused unread.
inline constexpr std::size_t kLargestMessage = std::size_t{1} << 20;

struct ServerSettings {
  std::string program;                          // what is started for a call: this program, whose verbs the tools are
  std::vector<std::string> allowed;             // folders that calls may read and write, beside the current one
  int cores = 1;                                // processes that calls may keep busy at once
  std::chrono::seconds timeout{600};            // of a call; a codesign may take kLongestJob
  std::function<void(const std::string&)> log;  // a line about a call, from any thread; may be empty
};
inline constexpr std::chrono::hours kLongestJob{24};

// Answers the messages of one client. Each call of a tool runs a verb of the command line in a process of its own, so
// that one that crashes, hangs or is cancelled harms no other, and numbers are those of the command line.
class Server {
 public:
  // `send` is given each outgoing message, one line of JSON without its end, from any thread but never from two at
  // once.
  Server(ServerSettings settings, std::function<void(const std::string&)> send);
  // Ends the calls that are under way; they are not answered.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Takes one message, or a batch of them. Never throws for what a client wrote: what is wrong with it is answered as
  // JSON-RPC 2.0 says. Returns without waiting for calls.
  void receive(std::string_view message);
  // A message of more than kLargestMessage bytes came, which was not kept.
  void refuse_large();
  // Waits until no call is under way.
  void wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lanewise::mcp
