// SPDX-License-Identifier: Apache-2.0
#include "explore/server.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "core/base/error.hpp"
#include "explore/page.hpp"

namespace lanewise::explore {
namespace {

constexpr const char* kHost = "127.0.0.1";
// Connections that a browser holds, each on a thread: a page opens six, and one of them may wait for a simulation.
constexpr std::size_t kThreads = 24;
constexpr int kKeepAliveSeconds = 2;  // how long Ctrl-C may wait for a connection that says nothing
constexpr int kReadSeconds = 5;

std::map<std::string, std::string> fields_of(const httplib::Request& request) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : request.params) fields.emplace(name, value);
  return fields;
}

// How many headers of that name there are: two may mean different things to different readers.
bool is_single(const httplib::Request& request, const char* name) { return request.get_header_value_count(name) <= 1; }

void put(const Reply& reply, httplib::Response& response) {
  response.status = reply.status;
  if (!reply.file_name.empty()) {
    response.set_header("Content-Disposition", fmt::format("attachment; filename=\"{}\"", reply.file_name));
  }
  response.set_content(reply.body, reply.type);
}

}  // namespace

std::string random_token() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) {
    throw Error("explore: the system gives no random numbers for a token");
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

bool equal_in_constant_time(const std::string& a, const std::string& b) {
  // Of a text of another length every character is compared with one of ours all the same.
  unsigned char differ = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differ = static_cast<unsigned char>(differ | (a[i] ^ (b.empty() ? '\0' : b[i % b.size()])));
  }
  return differ == 0;
}

struct Server::Listening {
  Session& session;
  httplib::Server http;
  std::thread thread;
  int port = 0;
  std::string token = random_token();

  explicit Listening(Session& of) : session(of) {}

  std::string origin() const { return fmt::format("http://{}:{}", kHost, port); }

  // Who asks for this host: the address, or the name that always means it.
  bool is_our_host(const std::string& host) const {
    for (const char* name : {kHost, "localhost"}) {
      if (host == fmt::format("{}:{}", name, port) || (port == 80 && host == name)) return true;
    }
    return false;
  }

  // What is wrong with where a request comes from; nullopt where nothing is. The page itself, which a person opens by
  // its address, has its token there and comes from no page.
  std::optional<Reply> refusal(const httplib::Request& request, bool page) const {
    for (const char* name : {"Host", "Origin", "X-Lanewise-Token", "Content-Length"}) {
      if (!is_single(request, name))
        return error_reply(400, fmt::format("request: header {}: given more than once", name));
    }
    if (!is_our_host(request.get_header_value("Host"))) {
      return error_reply(403, fmt::format("request: header Host: is another host's: must be {}:{}", kHost, port));
    }
    const bool changes = request.method == "POST";
    const std::string from = request.get_header_value("Origin");
    const std::string own = "http://" + request.get_header_value("Host");
    if ((changes || request.has_header("Origin")) && from != own) {
      return error_reply(403, fmt::format("request: header Origin: is not this page's: must be {}", origin()));
    }
    const std::string site = request.get_header_value("Sec-Fetch-Site");
    if (!page && !site.empty() && site != "same-origin" && site != "none") {
      return error_reply(403, "request: header Sec-Fetch-Site: comes from another site's page");
    }
    const std::string given = page ? request.get_param_value("token") : request.get_header_value("X-Lanewise-Token");
    if (!equal_in_constant_time(token, given)) {
      return error_reply(403, page ? "the token in the page's address is missing or wrong: open the address that "
                                     "lanewise explore printed"
                                   : "request: header X-Lanewise-Token: is missing or wrong");
    }
    if (changes && request.get_header_value("Content-Type").rfind("application/json", 0) != 0) {
      return error_reply(415, "request: header Content-Type: must be application/json");
    }
    return std::nullopt;
  }

  void get(const httplib::Request& request, httplib::Response& response) const {
    const bool is_page = request.path == "/";
    if (const auto refused = refusal(request, is_page)) return put(*refused, response);
    if (!is_page) return put(session.get(request.path, fields_of(request)), response);
    const std::string nonce = random_token();
    response.set_header("Content-Security-Policy", page_policy(nonce));
    response.set_content(page_html(nonce), "text/html; charset=utf-8");
  }

  void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& read) const {
    // Read whatever comes of it, within bounds: the connection goes on behind it.
    std::string body;
    bool too_long = false;
    read([&](const char* data, std::size_t size) {
      too_long = too_long || body.size() + size > kLongestBody;
      if (!too_long) body.append(data, size);
      return !too_long;
    });
    if (const auto refused = refusal(request, false)) return put(*refused, response);
    if (too_long || response.status == 413) {
      return put(error_reply(413, fmt::format("request: its body has more than {} bytes", kLongestBody)), response);
    }
    if (request.has_header("Content-Encoding")) {
      return put(error_reply(415, "request: header Content-Encoding: must not be given"), response);
    }
    put(session.post(request.path, body), response);
  }

  void set_up() {
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    // Not shared with another program that wants the same port, which the library's own default is.
    http.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http.set_tcp_nodelay(true);
    http.set_payload_max_length(kLongestBody);
    http.set_keep_alive_timeout(kKeepAliveSeconds);
    http.set_keep_alive_max_count(100000);
    http.set_read_timeout(kReadSeconds);
    http.set_write_timeout(kReadSeconds);
    http.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-store"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Cross-Origin-Opener-Policy", "same-origin"},
                              {"X-Frame-Options", "DENY"}});
    http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "POST") return httplib::Server::HandlerResponse::Unhandled;
      put(refusal(request, false).value_or(error_reply(405, "request: method: must be GET or POST")), response);
      return httplib::Server::HandlerResponse::Handled;
    });
    http.Get(".*", [this](const httplib::Request& request, httplib::Response& response) { get(request, response); });
    http.Post(".*", [this](const httplib::Request& request, httplib::Response& response,
                           const httplib::ContentReader& read) { post(request, response, read); });
    // What the library itself refuses, such as a request that is none.
    http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) put(error_reply(response.status, "request: malformed or too large"), response);
    });
    http.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      put(error_reply(500, "internal error"), response);
    });
  }
};

Server::Server(Session& session, int port) : listening_(std::make_unique<Listening>(session)) {
  Listening& listening = *listening_;
  listening.set_up();
  if (port == 0) {
    listening.port = listening.http.bind_to_any_port(kHost);
  } else if (listening.http.bind_to_port(kHost, port)) {
    listening.port = port;
  }
  if (listening.port <= 0) {
    throw Error(
        port == 0 ? std::string("--port: there is no free port")
                  : fmt::format("--port {}: is taken, or may not be used: name another, or none for a free one", port));
  }
  listening.thread = std::thread([&listening] { listening.http.listen_after_bind(); });
  while (!listening.http.is_running()) std::this_thread::yield();
}

Server::~Server() {
  listening_->http.stop();
  listening_->session.close();
  listening_->thread.join();
}

int Server::port() const { return listening_->port; }
const std::string& Server::token() const { return listening_->token; }
std::string Server::url() const { return fmt::format("{}/?token={}", listening_->origin(), listening_->token); }

}  // namespace lanewise::explore
