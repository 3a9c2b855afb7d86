// SPDX-License-Identifier: Apache-2.0
// Runs inputs in a process of their own, so that a crash, a hang or a flood of memory is seen, saved and survived.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

struct Limits {
  double cpu_seconds = 10;    // of one input
  double wall_seconds = 120;  // of one input, for what waits instead of working
  std::int64_t peak_mib = 1024;
};
// Wider where the build is slowed down by sanitizers, which also take memory for themselves.
Limits default_limits();

struct Fault {
  std::string kind;    // what went wrong, the same text for the same fault: "SIGSEGV", "std::out_of_range: …"
  std::string detail;  // the rest, as a sanitizer reports it say
  std::string input;   // its bytes
  std::uint64_t index = 0;
};

struct Tally {
  std::int64_t accepted = 0, refused = 0, faults = 0;
  double cpu_seconds = 0, slowest_seconds = 0;
  std::uint64_t slowest_index = 0;
  std::int64_t peak_mib = 0;
  std::map<std::string, std::int64_t> fault_kinds;
  std::string last_refusal;
};

// Input number `index`.
using MakeInput = std::function<std::string(std::uint64_t index)>;

class Sandbox {
 public:
  // `scratch` is a folder that the sandbox may fill; what target.grow makes lies in scratch/grown/FORMAT.
  Sandbox(std::string scratch, Limits limits);

  // Reads the inputs [begin, end), each made by `make`, and adds up what came of them. `on_fault` is called for each
  // fault.
  void run(const Target& target, std::uint64_t begin, std::uint64_t end, const MakeInput& make, Tally& tally,
           const std::function<void(const Fault&)>& on_fault) const;
  // Reads one input. Returns "accepted", "refused: MESSAGE", or "FAULT: …".
  std::string verdict(const Target& target, const std::string& input) const;
  // Calls `work` in a process of its own. Throws Error with what it said where it fails.
  void apart(const std::function<void()>& work) const;

 private:
  struct Shared;
  std::string input_path(const Target& target) const;
  [[noreturn]] void child(const Target& target, std::uint64_t begin, std::uint64_t end, const MakeInput& make,
                          Shared& shared) const;
  // How the child ended: "" where it did its work.
  std::string watch(int pid, Shared& shared, Tally& tally) const;
  std::string what_it_said() const;

  std::string scratch_;
  Limits limits_;
};

// "" or why an error's text is not one that a person needs: none, far too long, a library's own words.
std::string bad_message(const std::string& text);

}  // namespace lanewise::fuzz
