// SPDX-License-Identifier: Apache-2.0
// The server at this process's standard input and output.
#pragma once

#include "mcp/server.hpp"

namespace lanewise::mcp {

// Reads messages, one a line, from standard input until it ends or SIGINT or SIGTERM comes, and writes nothing but
// messages to standard output. Calls that are under way then are ended. Returns the exit status: 0, or 1 where standard
// output cannot be written.
int serve_stdio(ServerSettings settings);

}  // namespace lanewise::mcp
