// SPDX-License-Identifier: Apache-2.0
// Who may ask, and how: everything that a page of somebody else's, or a program without the token, could try.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <regex>
#include <set>
#include <thread>

#include "explore/server.hpp"
#include "tests/explore/small_subject.hpp"

namespace lanewise::explore::testing {
namespace {

class Serving : public ::testing::Test {
 protected:
  Session session{shared_subject(), study::make_simulator(), ""};
  Server server{session, 0};

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server.port()); }
  httplib::Headers headers() const { return {{"X-Lanewise-Token", server.token()}, {"Origin", origin()}}; }
  httplib::Headers with(const std::string& name, const std::string& value) const {
    httplib::Headers all = headers();
    all.erase(name);
    if (!value.empty()) all.emplace(name, value);
    return all;
  }
  httplib::Result post(const httplib::Headers& headers, const std::string& body = design().dump(),
                       const char* type = "application/json", const std::string& path = "/api/estimate") const {
    httplib::Client client("127.0.0.1", server.port());
    client.set_read_timeout(60);
    return client.Post(path, headers, body, type);
  }
  httplib::Result get(const std::string& path, const httplib::Headers& headers) const {
    httplib::Client client("127.0.0.1", server.port());
    return client.Get(path, headers);
  }
  // What every refusal looks like.
  static void expect_refused(const httplib::Result& reply, int status, const std::string& named) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, status) << reply->body;
    const Json answer = Json::parse(reply->body, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << reply->body;
    const std::string error = answer.at("error");
    EXPECT_EQ(error.rfind("lanewise: error: ", 0), 0u) << error;
    EXPECT_NE(error.find(named), std::string::npos) << error;
  }
  // Bytes as they are, and what comes back until the connection is closed. `ends`: whether nothing more is to come,
  // which the server takes for somebody who has gone.
  std::string raw(const std::string& request, bool ends = true) const {
    const int at = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_EQ(::connect(at, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    std::size_t sent = 0;
    while (sent < request.size()) {
      const ssize_t count = ::send(at, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    if (ends) ::shutdown(at, SHUT_WR);
    std::string answer;
    char part[4096];
    for (ssize_t count; (count = ::recv(at, part, sizeof part, 0)) > 0;)
      answer.append(part, static_cast<std::size_t>(count));
    ::close(at);
    return answer;
  }
};

TEST_F(Serving, answers_its_own_page) {
  const httplib::Result reply = post(headers());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, session.post("/api/estimate", design().dump()).body);
  EXPECT_EQ(get("/api/state", headers())->status, 200);
  // A page that was opened as localhost is the same page.
  httplib::Headers local = with("Origin", "http://localhost:" + std::to_string(server.port()));
  local.emplace("Host", "localhost:" + std::to_string(server.port()));
  EXPECT_EQ(post(local)->status, 200);
}

TEST_F(Serving, the_page_holds_everything_and_says_what_it_may_load) {
  const httplib::Result page = get("/?token=" + server.token(), {});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  const std::string policy = page->get_header_value("Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("connect-src 'self'"), std::string::npos);
  std::smatch nonce;
  ASSERT_TRUE(std::regex_search(policy, nonce, std::regex("script-src 'nonce-([0-9a-f]{32})'")));
  const std::string& body = page->body;
  std::size_t scripts = 0;
  for (std::size_t at = body.find("<script"); at != std::string::npos; at = body.find("<script", at + 1)) {
    EXPECT_EQ(body.compare(at, 15 + 32, "<script nonce=\"" + nonce[1].str()), 0);
    ++scripts;
  }
  EXPECT_EQ(scripts, 8u);
  EXPECT_EQ(body.find(server.token()), std::string::npos);
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
  EXPECT_EQ(page->get_header_value("X-Frame-Options"), "DENY");
  // Another page, another nonce.
  EXPECT_NE(get("/?token=" + server.token(), {})->get_header_value("Content-Security-Policy"), policy);
}

TEST_F(Serving, without_the_token_there_is_nothing) {
  const std::string token = server.token();
  std::string other = token;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {std::string(), other, token.substr(1), token + "0", std::string("*")}) {
    expect_refused(post(with("X-Lanewise-Token", wrong)), 403, "X-Lanewise-Token");
    expect_refused(get("/api/state", with("X-Lanewise-Token", wrong)), 403, "X-Lanewise-Token");
    expect_refused(get("/api/file?kind=table", with("X-Lanewise-Token", wrong)), 403, "X-Lanewise-Token");
    expect_refused(get("/?token=" + wrong, {}), 403, "token");
  }
  expect_refused(get("/", {}), 403, "token");
  // The address' token is the page's alone: what another site can make a browser ask for gives nothing.
  expect_refused(get("/api/state?token=" + token, {}), 403, "X-Lanewise-Token");
}

TEST_F(Serving, another_pages_requests_are_refused) {
  for (const std::string& from : {std::string("http://evil.example"), std::string("null"),
                                  std::string("https://127.0.0.1:") + std::to_string(server.port()),
                                  std::string("http://127.0.0.1:1"), origin() + ".evil.example", std::string()}) {
    expect_refused(post(with("Origin", from)), 403, "Origin");
  }
  expect_refused(get("/api/state", with("Origin", "http://evil.example")), 403, "Origin");
  httplib::Headers cross = headers();
  cross.emplace("Sec-Fetch-Site", "cross-site");
  expect_refused(post(cross), 403, "Sec-Fetch-Site");
  // A form can send these types without asking; the page's own requests have another.
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    expect_refused(post(headers(), design().dump(), type), 415, "Content-Type");
  }
}

TEST_F(Serving, another_hosts_name_is_refused) {
  for (const std::string& host :
       {std::string("evil.example"), "evil.example:" + std::to_string(server.port()), std::string("127.0.0.1"),
        std::string("127.0.0.1:1"), "127.0.0.1.evil.example:" + std::to_string(server.port())}) {
    httplib::Headers named = with("Origin", "http://" + host);
    named.emplace("Host", host);
    expect_refused(post(named), 403, "Host");
    httplib::Headers page;
    page.emplace("Host", host);
    expect_refused(get("/?token=" + server.token(), page), 403, "Host");
  }
}

TEST_F(Serving, bodies_are_bounded_however_they_come) {
  const std::string large(kLongestBody + 1, ' ');
  expect_refused(post(headers(), large), 413, "65536");
  // In pieces, without a length.
  std::string request = "POST /api/estimate HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                        "\r\nOrigin: " + origin() + "\r\nX-Lanewise-Token: " + server.token() +
                        "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 80; ++i) request += "400\r\n" + std::string(1024, ' ') + "\r\n";
  EXPECT_NE(raw(request + "0\r\n\r\n").find(" 413 "), std::string::npos);
  // A length that nothing holds.
  const std::string head = "POST /api/estimate HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                           "\r\nOrigin: " + origin() + "\r\nX-Lanewise-Token: " + server.token() +
                           "\r\nContent-Type: application/json\r\nContent-Length: ";
  EXPECT_EQ(raw(head + "99999999999999\r\n\r\n{}", false).find(" 200 "), std::string::npos);
  EXPECT_EQ(raw(head + "-1\r\n\r\n{}", false).find(" 200 "), std::string::npos);
  EXPECT_EQ(post(headers())->status, 200);
}

TEST_F(Serving, headers_that_are_given_twice_are_refused) {
  const std::string port = std::to_string(server.port());
  const std::string one = "GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:" + port +
                          "\r\nConnection: close\r\nX-Lanewise-Token: " + server.token() + "\r\n";
  EXPECT_NE(raw(one + "\r\n", false).find(" 200 "), std::string::npos);
  EXPECT_NE(raw(one + "Host: evil.example\r\n\r\n", false).find(" 400 "), std::string::npos);
  EXPECT_NE(raw(one + "X-Lanewise-Token: x\r\n\r\n", false).find(" 400 "), std::string::npos);
}

TEST_F(Serving, other_methods_and_other_paths_give_nothing) {
  httplib::Client client("127.0.0.1", server.port());
  expect_refused(client.Put("/api/limits", headers(), "{}", "application/json"), 405, "GET or POST");
  expect_refused(client.Delete("/api/basket", headers()), 405, "GET or POST");
  expect_refused(client.Options("/api/estimate", with("X-Lanewise-Token", "")), 403, "Token");
  for (const std::string path : {"/api/nothing", "/index.html", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                                 "//etc/passwd", "/api/file/../../etc/passwd"}) {
    const httplib::Result reply = get(path, headers());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 404) << path;
    EXPECT_EQ(reply->body.find("root:"), std::string::npos);
  }
  // What changes something is not to be had by looking.
  for (const char* path : {"/api/limits", "/api/basket/add", "/api/basket/save", "/api/simulate", "/api/cancel"}) {
    expect_refused(get(path, headers()), 404, path);
  }
}

TEST_F(Serving, garbage_is_survived) {
  // Whole requests, each of which gets an answer that is no good news.
  for (const std::string& bytes :
       {std::string("GET / HTTP/9.9\r\n\r\n"),
        "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\nConnection: close\r\n\r\n",
        std::string("POST /api/estimate HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")}) {
    const std::string answer = raw(bytes, false);
    EXPECT_EQ(answer.rfind("HTTP/1.1 4", 0), 0u) << bytes.substr(0, 40) << "\n" << answer;
  }
  // No requests at all.
  for (const std::string& bytes : {std::string("\0\0\0\0", 4), std::string("GET"), std::string(100000, 'A'),
                                   std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)}) {
    raw(bytes);
  }
  EXPECT_EQ(post(headers())->status, 200);
}

TEST_F(Serving, several_browsers_at_once_get_their_own_answers) {
  const std::vector<std::string> widths = {"4", "8", "16", "32", "64"};
  std::vector<std::string> truth;
  for (const std::string& width : widths)
    truth.push_back(session.post("/api/estimate", design({{"post_processing.width", width}}).dump()).body);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      httplib::Client client("127.0.0.1", server.port());
      client.set_keep_alive(true);
      client.set_read_timeout(60);
      for (std::size_t i = 0; i < 10; ++i) {
        const std::size_t at = (i + t) % widths.size();
        const httplib::Result reply = client.Post(
            "/api/estimate", headers(), design({{"post_processing.width", widths[at]}}).dump(), "application/json");
        if (!reply || reply->status != 200 || reply->body != truth[at]) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Serving, a_port_that_is_taken_is_said_to_be) {
  try {
    const Server second(session, server.port());
    FAIL() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--port " + std::to_string(server.port()) + ": is taken"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Serving, nobody_beyond_this_machine_can_connect) {
  // Every address of 127.0.0.0/8 but the one is another host to the socket.
  const int at = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
  ::inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
  EXPECT_NE(::connect(at, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(at);
}

TEST(Token, differs_every_time_and_is_compared_whole) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const std::string token = random_token();
    EXPECT_EQ(token.size(), 32u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), 100u);
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", ""));
  EXPECT_FALSE(equal_in_constant_time("aaaa", "a"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcabc"));
}

}  // namespace
}  // namespace lanewise::explore::testing
