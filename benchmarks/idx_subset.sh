# SPDX-License-Identifier: Apache-2.0
# Parts of Fashion-MNIST as IDX files of their own, so that a training takes seconds: idx_subset FOLDER FROM FIRST COUNT TO
# takes the files of FOLDER whose names begin with FROM, "train" or "t10k", and writes their images FIRST to
# FIRST+COUNT-1 to TO-images-idx3-ubyte and TO-labels-idx1-ubyte.
be32() { printf "\\x$(printf %02x $(($1 >> 24 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 & 255)))"; }
idx_subset() (  # FOLDER FROM FIRST COUNT TO
  set +o pipefail  # head ends before zcat does
  { be32 2051; be32 "$4"; be32 28; be32 28
    zcat "$1/$2-images-idx3-ubyte.gz" | tail -c +$((17 + 784 * $3)) | head -c $((784 * $4)); } > "$5-images-idx3-ubyte"
  { be32 2049; be32 "$4"
    zcat "$1/$2-labels-idx1-ubyte.gz" | tail -c +$((9 + $3)) | head -c "$4"; } > "$5-labels-idx1-ubyte"
)
