// SPDX-License-Identifier: Apache-2.0
// What is installed, what is missing, and how to get it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::study {

enum class Health {
  kFine,
  kMissing,
  kWrong,  // there, and not as it must be
};
const char* to_string(Health health);  // "fine", "missing", "wrong"

struct Finding {
  std::string name;  // "worker", "estimator ne"
  Health health = Health::kFine;
  bool needed = false;  // whether measuring, searching or proving fails without it
  std::string found;    // what is there, or what is wrong with it, in one line
  std::string remedy;   // how to get it, in one line; "" where nothing is to be done
};

// A library that the program runs with.
struct Library {
  std::string name;     // "xgboost"
  std::string file;     // with links followed
  std::string version;  // of its package, else what its file's name says; "" where neither does
  std::string package;  // Debian's; "" where it is of none
};

// The machine, for those who wonder about speed.
struct Machine {
  int cores = 0;  // that this process may use
  std::int64_t memory_bytes = 0, free_bytes = 0;
  std::string locale;  // of characters, as the environment names it
};

struct Diagnosis {
  std::string version, program;  // of Lanewise; path of the running program
  std::vector<Library> libraries;
  std::vector<std::string> data_folders;  // in the order in which they are searched
  std::vector<Finding> findings;
  Machine machine;
  // Whether nothing is missing or wrong that is needed.
  bool works() const;
};

// Looks at everything, starts each program that belongs to it, and simulates one layer in the worker. Throws nothing
// for what it finds.
Diagnosis diagnose();

}  // namespace lanewise::study
