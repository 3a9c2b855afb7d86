// SPDX-License-Identifier: Apache-2.0
// What a person's program says about a candidate, as text and as an answer.
#pragma once

#include <string>

#include "core/base/process_text.hpp"
#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::study {

struct ProgramAnswer {
  nas::AccuracyAnswer answer;
  bool may_be_retried = false;  // a failure that the program did not state itself
};

// Reads {"accuracy": 0.91} or {"failure": "…"}: all of `output`, or its last line with any text, so that a program may
// write other things before. Whatever it holds, what cannot be read is a failure with its reason, on one line.
ProgramAnswer read_program_output(const std::string& output);

// The same of a program that has ended, however it did: only one that exits with status 0 is listened to.
ProgramAnswer answer_of(const ProcessOutcome& outcome, const ProcessRequest& request);

}  // namespace lanewise::study
