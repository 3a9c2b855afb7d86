// SPDX-License-Identifier: Apache-2.0
// Several programs of others side by side.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/base/process.hpp"
#include "core/base/progress.hpp"

namespace lanewise {

// Runs `count` programs, at most `jobs` at once, first ones first. `request(i)` says what to start, or nothing where
// the i-th is settled without; `heard(i, outcome, seconds)` is told how it ended and returns whether it is to be
// started again. Throws Interrupted, with every program ended, where the progress asks to stop, and what the two throw.
void run_side_by_side(std::size_t count, std::size_t jobs, const Progress& progress, const std::string& what,
                      const std::function<std::optional<ProcessRequest>(std::size_t)>& request,
                      const std::function<bool(std::size_t, const ProcessOutcome&, double)>& heard);

}  // namespace lanewise
