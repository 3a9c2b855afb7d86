// SPDX-License-Identifier: Apache-2.0
// A simulator process: started by lanewise, reads jobs on standard input, writes measurements on standard output.
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>

#include "core/base/printable.hpp"
#include "sim/pool/worker_protocol.hpp"

int main() {
  // Ctrl-C reaches the whole process group; the parent decides when a worker ends, by closing its input.
  std::signal(SIGINT, SIG_IGN);
  std::ios::sync_with_stdio(false);  // buffers of their own, whose fill can be asked for
  std::cin.tie(nullptr);
  try {
    return lanewise::sim::serve_jobs(std::cin, std::cout);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lanewise-worker: error: %s\n", lanewise::printable(error.what()).c_str());
    return 1;
  }
}
