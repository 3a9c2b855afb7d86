// SPDX-License-Identifier: Apache-2.0
// Where the files that come with the tool are found at run time: engines, networks, search spaces, campaigns, and the
// programs that it starts.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lanewise {

// The folders that may hold hwconfigs/, models/, spaces/, campaigns/, workloads/ and trained/, in the order in which
// they are searched: "" (the current folder); $LANEWISE_HOME, which may be a checkout, a data folder or an
// installation's prefix; the data folder of the installation or of the build tree that the running program lies in; of
// the Python module the data folders beside it and above. Those that do not exist are left out.
std::vector<std::string> data_folders();
// Of these, the folders that the tool finds wherever it is started: all but the current one, which is among them where
// it is one of them anyway.
std::vector<std::string> installed_data_folders();

// Path of a file that the user named: `name` itself where that is a file, whatever its kind. Else, in the first folder
// of data_folders() that has one of these: the file `name` (as in "hwconfigs/ne-256.yaml"), and where `name` has no
// folder of its own the file `name` of the folder `kind` ("hwconfigs", "models", "spaces", "campaigns"), or its file of
// that name with any suffix. nullopt where there is none. Throws Error where several suffixes would do.
std::optional<std::string> look_for_data(const std::string& kind, const std::string& name);
// The same. Throws Error, naming the folders that were searched, where there is none.
std::string find_data(const std::string& kind, const std::string& name);
// Path of a folder that the user named: `name` itself where it exists, else the one in the first of data_folders() that
// has it, else `name`.
std::string find_data_folder(const std::string& name);

// Path of a program that comes with the tool: beside the running one or in the folder above it (a build tree), in its
// installation's libexec/lanewise or bin, of the Python module in its folder or above and there in these, or under
// $LANEWISE_HOME in one of these or in build/release. Throws Error, naming the folders searched, where there is none.
std::string find_program(const std::string& name);

}  // namespace lanewise
