// SPDX-License-Identifier: Apache-2.0
// The session over HTTP, for a browser on the same machine and nobody else.
//
// It listens on 127.0.0.1 alone. Every request must name this address and port as its host, so that no other name that
// somebody makes point here will do; must carry the token; and where it says which page it comes from, which whatever
// changes something must, that page must be this one. The token is in the page's own address, /?token=…; the page's
// requests send it in the header X-Lanewise-Token. Bodies are bounded. No file is read for a request.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "explore/session.hpp"

namespace lanewise::explore {

inline constexpr std::size_t kLongestBody = std::size_t{64} << 10;  // bytes

class Server {
 public:
  // Listens on a port of 1 to 65535, or on a free one for 0. The session must outlive it. Throws Error where the port
  // is taken or may not be used.
  Server(Session& session, int port);
  // Closes the session, whose simulation is given up, and ends every connection.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  const std::string& token() const;  // 32 hexadecimal digits of the system's random numbers, anew for every server
  std::string url() const;           // of the page: http://127.0.0.1:PORT/?token=…

 private:
  struct Listening;
  std::unique_ptr<Listening> listening_;
};

// 128 random bits of the system as hexadecimal digits. Throws Error where it gives none.
std::string random_token();
// Whether two texts are equal, in a time that does not tell where they differ.
bool equal_in_constant_time(const std::string& a, const std::string& b);

}  // namespace lanewise::explore
