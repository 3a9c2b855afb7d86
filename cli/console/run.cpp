// SPDX-License-Identifier: Apache-2.0
#include "cli/console/run.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/console/quiet.hpp"
#include "cli/console/usage.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/progress.hpp"

namespace lanewise::cli {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

int report_error(const std::string& message, int status) {
  std::fprintf(stderr, "lanewise: error: %s\n", printable(message).c_str());
  return status;
}

// "simulate", "network show"; what was being done when something failed that nobody foresaw.
std::string verb_of(const CLI::App& app) {
  std::string verb;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    verb += (verb.empty() ? "" : " ") + at->get_name();
  }
  return verb.empty() ? "the command line" : "'" + verb + "'";
}

// Help and version.
int answer(const CLI::App& app, const CLI::ParseError& asked) {
  const int status = app.exit(asked);
  errno = 0;
  std::cout.flush();
  if (!std::cout) {
    const char* why = errno == 0 ? "it takes nothing" : std::strerror(errno);
    return report_error(std::string("cannot write to standard output: ") + why, kFailure);
  }
  return status;
}

int refuse_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  return report_error(usage_message(app, error, words), kUsage);
}

int out_of_memory(const CLI::App& app) {
  return report_error(verb_of(app) + " needs more memory than there is: a smaller network, batch or study needs less",
                      kFailure);
}

// A library's own words would say nothing to a person who has not read its source.
int fault(const CLI::App& app, const std::string& what) {
  return report_error("a fault of this program in " + verb_of(app) + what + ", whatever it was given; please report it",
                      kFailure);
}

}  // namespace

int run(CLI::App& app, int argc, char** argv) {
  add_quiet(app);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows past its limit fails to be written, and says so
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::RuntimeError& error) {  // an answer was given, and it is not a good one
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? answer(app, error) : refuse_usage(app, error, argc, argv);
  } catch (const Interrupted& error) {
    return report_error(error.what(), kInterrupted);
  } catch (const Error& error) {
    return report_error(error.what(), kFailure);
  } catch (const InternalError& error) {
    return fault(app, std::string(": ") + error.what());
  } catch (const std::bad_alloc&) {
    return out_of_memory(app);
  } catch (const std::length_error&) {  // more elements than any memory could hold
    return out_of_memory(app);
  } catch (const std::exception&) {
    return fault(app, "");
  }
}

}  // namespace lanewise::cli
