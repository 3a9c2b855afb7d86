# SPDX-License-Identifier: Apache-2.0
# The same as in_terminal.zsh in fish, which completes command lines without a terminal, too.
#   fish --no-config in_fish.fish SCRIPT LINES OUT
source $argv[1]
while read -l line
    complete -C "$line" | string replace -r '\t.*' ''
    echo =end=
end <$argv[2] >$argv[3]
