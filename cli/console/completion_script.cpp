// SPDX-License-Identifier: Apache-2.0
// The scripts ask the program itself what may follow, so that they are the same for every version and say nothing of
// its verbs. They cut the answer to what each shell wants: what is inserted, and where.
#include <fmt/format.h>

#include <utility>

#include "cli/console/completion.hpp"
#include "core/base/error.hpp"
#include "core/base/replace_text.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* kBash = R"SCRIPT(# bash completion of @program@, made by `@program@ completion bash`
@function@()
{
    # Bash also cuts words at = and at colons. They are put together again where no blank stands between them.
    local words=() rest=${COMP_LINE:0:COMP_POINT} at word before
    for ((at = 0; at <= COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        before=' '
        if [[ -n $word ]]; then
            before=${rest%%"$word"*}
            rest=${rest#*"$word"}
        fi
        if ((at > 0)) && [[ -z $before && ( $word == [=:]* || ${words[-1]} == *[=:] ) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    local last=${COMP_WORDS[COMP_CWORD]} lines=() line
    [[ $last == [=:] ]] && last=
    local head=${words[-1]%"$last"}
    last=${last#[\"\']}
    words=("${words[@]#[\"\']}")
    words=("${words[@]%[\"\']}")
    head=${head#[\"\']}
    mapfile -t lines < <("${1/#\~/$HOME}" completion bash -- "${words[@]}" 2>/dev/null)
    COMPREPLY=()
    for line in "${lines[@]:1}"; do
        line=${line%%$'\t'*}
        COMPREPLY+=("${line#"$head"}")
    done
    case ${lines[0]} in
        *files*) mapfile -t lines < <(compgen -f -- "$last"; printf '%s\n' "${lines[0]}") ;;
        *folders*) mapfile -t lines < <(compgen -d -- "$last"; printf '%s\n' "${lines[0]}") ;;
        *) lines=("${lines[0]}") ;;
    esac
    if ((${#lines[@]} > 1)); then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=("${lines[@]:0:${#lines[@]}-1}")
    fi
    [[ ${lines[-1]} == *open* ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F @function@ @program@
)SCRIPT";

constexpr const char* kZsh = R"SCRIPT(#compdef @program@
# zsh completion of @program@, made by `@program@ completion zsh`
@function@() {
  local -a lines names behind
  local line word
  lines=("${(@f)$("${~${(Q)words[1]}}" completion zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  for line in "${(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    word=${line%%$'\t'*}
    names+=("${word//:/\\:}:${line#*$'\t'}")
  done
  [[ $lines[1] == *open* ]] && behind=(-S '')
  local nothing=1
  (( $#names )) && _describe -t values value names "${behind[@]}" && nothing=0
  if [[ $lines[1] == *files* || $lines[1] == *folders* ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '--*='
    if [[ $lines[1] == *files* ]]; then _files; else _files -/; fi && nothing=0
  fi
  return nothing
}
if [[ $funcstack[1] == @function@ ]]; then @function@ "$@"; else compdef @function@ @program@; fi
)SCRIPT";

constexpr const char* kFish = R"SCRIPT(# fish completion of @program@, made by `@program@ completion fish`
function _@function@
    set -l typed (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (command $typed[1] completion fish -- $typed "$word" 2>/dev/null)
    test (count $lines) -gt 0; or return
    printf '%s\n' $lines[2..]
    set -l before (string match -r -- '^--[^=]*=' "$word")
    set -l rest (string replace -r -- '^--[^=]*=' '' "$word")
    if string match -q -- '*files*' $lines[1]
        for path in (__fish_complete_path "$rest")
            printf '%s\n' "$before$path"
        end
    else if string match -q -- '*folders*' $lines[1]
        for path in (__fish_complete_directories "$rest")
            printf '%s\n' "$before$path"
        end
    end
end
complete -c @program@ -f -a '(_@function@)'
)SCRIPT";

const std::vector<std::pair<std::string, const char*>>& scripts() {
  static const std::vector<std::pair<std::string, const char*>> all = {{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
  return all;
}

}  // namespace

const std::vector<std::string>& shells() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [shell, script] : scripts()) all.push_back(shell);
    return all;
  }();
  return names;
}

std::string completion_script(const std::string& program, const std::string& shell) {
  for (const auto& [name, script] : scripts()) {
    if (name != shell) continue;
    return replaced(replaced(script, "@program@", program), "@function@", "_" + replaced(program, "-", "_"));
  }
  throw Error(
      fmt::format("'{}' is no shell that there is a completion for: must be {}", shell, fmt::join(shells(), ", ")));
}

}  // namespace lanewise::cli
