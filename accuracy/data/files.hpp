// SPDX-License-Identifier: Apache-2.0
// Folders of a person's own, listed the same way on every machine. Private to this module.
#pragma once

#include <string>
#include <vector>

#include "accuracy/data/dataset_report.hpp"

namespace lanewise::accuracy {

// Names of files and folders in a folder, by their bytes in ascending order, without hidden ones. Throws Error naming
// the folder where it cannot be listed.
std::vector<std::string> names_in(const std::string& folder);
// Those that are folders (links to one included).
std::vector<std::string> folders_in(const std::string& folder);

// Images below a folder, folders below it included, as paths from it, in ascending order by their bytes. What is left
// out is counted in the report: hidden files, files of other kinds by their suffix, links to folders (which may lead in
// a circle). `skip`: names of files that are known and no images.
std::vector<std::string> images_below(const std::string& folder, DatasetReport& report,
                                      const std::vector<std::string>& skip = {});

// Whether the name ends like one of an image that is read: .png, .jpg, .jpeg, whatever the case.
bool has_image_suffix(const std::string& name);
// The suffix in small letters with its dot; "" if none.
std::string suffix_of(const std::string& name);
// The path without its suffix.
std::string without_suffix(const std::string& path);

// The names of classes.txt (or names.txt) of the folder, one a line; none where there is no such file.
// Throws Error where a name comes twice or is empty.
std::vector<std::string> read_class_names(const std::string& folder);

// Whether there is a folder, or anything, of that name; false where that cannot be seen.
bool is_folder(const std::string& path);
bool is_there(const std::string& path);

// `name` of a folder's `path`, joined.
std::string join(const std::string& folder, const std::string& name);
// "train" for train and training, "validation" for val, valid and validation, "test" for test and testing; "" else.
std::string split_of(const std::string& name);

}  // namespace lanewise::accuracy
