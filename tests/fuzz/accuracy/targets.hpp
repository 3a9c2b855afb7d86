// SPDX-License-Identifier: Apache-2.0
// The targets of what lanewise-fit alone reads: they are there where it is built.
#pragma once

#include <string>

#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_idx(const std::string& path, const std::string& folder);
void read_cifar(const std::string& path, const std::string& folder);
void read_png(const std::string& path, const std::string& folder);
void read_mask(const std::string& path, const std::string& folder);
void read_jpeg(const std::string& path, const std::string& folder);
void read_coco(const std::string& path, const std::string& folder);
void read_yolo_labels(const std::string& path, const std::string& folder);
void read_yolo_config(const std::string& path, const std::string& folder);
void read_recipe(const std::string& path, const std::string& folder);
void read_checkpoint(const std::string& path, const std::string& folder);
void read_supernet(const std::string& path, const std::string& folder);
void read_prices(const std::string& path, const std::string& folder);

// Chunks of a PNG: their order, their contents, what the header says, under checksums that fit; now and then bytes.
std::string mutate_png(const Inputs& corpus, Random& random);
// The values and lists of a JSON document; now and then text.
std::string mutate_json(const Inputs& corpus, Random& random);

// Bytes of a checkpoint, half of the time under a hash that fits.
std::string mutate_checkpoint(const Inputs& corpus, Random& random);

// Loads the data set that lies in the folder, as the verbs do, for a small network, and holds what comes of it against
// itself: sizes, labels, boxes and masks in range, numbers that add up.
void load_and_check(const std::string& folder, const std::string& format);
// A copy of a file under another name, whose folders are made.
void place(const std::string& file, const std::string& at);
// A grey PNG of eight columns and four rows.
void place_picture(const std::string& at);

}  // namespace lanewise::fuzz
