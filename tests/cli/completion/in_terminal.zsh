# SPDX-License-Identifier: Apache-2.0
# Completes command lines in a shell at a pseudo-terminal, as a person does who presses the tab key, and writes down what
# the shell was offered.
#   zsh -f in_terminal.zsh bash|zsh SCRIPT LINES OUT
# SCRIPT is the completion script, LINES has a command line per line. OUT gets the words offered for each, one per line,
# and a line =end= behind them.
zmodload zsh/zpty zsh/zselect
shell=$1 script=$2 lines=$3 out=$4
: >$out
setup=$out.setup
export INPUTRC=/dev/null HISTFILE=  # nothing of the person's own, and nothing left in it

if [[ $shell == bash ]]; then
  cat >$setup <<SETUP
source $script
asked=\$(complete -p lanewise)
asked=\${asked#*-F }
asked=\${asked%% *}
watched() { \$asked "\$@"; { [ \${#COMPREPLY[@]} = 0 ] || printf '%s\n' "\${COMPREPLY[@]}"; echo =end=; } >>$out; }
complete -F watched lanewise
echo =ready= >>$out
SETUP
  zpty -b shell bash --norc --noprofile -i
else
  cat >$setup <<SETUP
autoload -Uz compinit
compinit -u -D
source $script
compadd() {
  # Calls that only ask what would match are no offers.
  if [[ \${argv[1,(i)-]} == *-[OAD]* ]]; then builtin compadd "\$@"; return; fi
  local -a found
  builtin compadd -A found "\$@"
  in_terminal_offered+=("\$found[@]")
  builtin compadd "\$@"
}
watched() {
  typeset -ga in_terminal_offered=()
  _main_complete
  { (( \$#in_terminal_offered == 0 )) || print -rl -- "\$in_terminal_offered[@]"; print -r -- '=end='; } >>$out
  compstate[insert]= compstate[list]=
}
zle -C watched complete-word watched
bindkey '^I' watched
print -r -- '=ready=' >>$out
SETUP
  zpty -b shell zsh -f -i
fi

# Waits until the file has so many lines =end= or =ready=, and takes what the terminal says meanwhile.
await() {
  local heard
  integer round
  for ((round = 0; round < 3000; round++)); do
    while zpty -r -t shell heard 2>/dev/null; do :; done
    (( $(grep -c '^=[a-z]*=$' $out) >= $1 )) && return 0
    zselect -t 1
  done
  print -u2 "$shell did not answer"
  exit 1
}

zpty -w shell "source $setup"
await 1
integer count=1
while IFS= read -r line; do
  zpty -w -n shell "$line"$'\t'
  ((count++))
  await $count
  zpty -w -n shell $'\x15'
done <$lines
zpty -d shell
sed -i /=ready=/d $out
