// SPDX-License-Identifier: Apache-2.0
// Tells what kind of file a person named, so that one in the wrong place is called what it is.
#pragma once

#include <string>

namespace lanewise::cli {

enum class FileKind { kUnknown, kNetwork, kYaml, kStore, kEstimator, kTable };

// By the first bytes of the file, and by its suffix where these do not tell or there is no such file.
FileKind kind_of_file(const std::string& path);

// Each throws Error where the file is of another kind for certain, saying what it is and where such a file goes, and
// does nothing where it is not. `option` is what the file was given as: "MODEL", "--hw".
void expect_network(const std::string& option, const std::string& path);
void expect_yaml(const std::string& option, const std::string& path);
void expect_store(const std::string& option, const std::string& path);
void expect_estimator(const std::string& option, const std::string& path);
void expect_table(const std::string& option, const std::string& path);

// Paths of a network and of an engine that a person named. Throw Error, naming what was searched and what may have been
// meant, where there is none, and as expect_network and expect_yaml.
std::string find_network(const std::string& name);
std::string find_engine_file(const std::string& option, const std::string& name);

}  // namespace lanewise::cli
